/** Renderings kept, one for each base URL; callers choose their Host, so there is an end to it. */
const BASES_MAX = 16;

/** The JSON of what is the same for every request under one base URL, made when it is asked for first. */
export function renderedPerBase(make: (base: string) => unknown): (base: string) => string {
  const rendered = new Map<string, string>();
  return (base) => {
    let text = rendered.get(base);
    if (text === undefined) {
      if (rendered.size >= BASES_MAX) rendered.clear();
      text = JSON.stringify(make(base));
      rendered.set(base, text);
    }
    return text;
  };
}
