/** Keeps a Map below its bound by dropping what was put in first. */
export function forgetOldest(map: Map<string, unknown>, entriesMax: number): void {
  if (map.size < entriesMax) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
