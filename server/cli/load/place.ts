/** Where something was read, to be named when it is refused. */
export interface Place {
  /** The file as the caller wrote it; `-` is standard input. */
  readonly file: string;
  /** From 1; absent where the file is one JSON text. */
  readonly line?: number;
  /** Index in `Bundle.entry`; absent outside of a Bundle. */
  readonly entry?: number;
}

/** `file`, `file:12`, `file: entry[3]` or `file:12: entry[3]`. */
export function placeText({ file, line, entry }: Place): string {
  return `${file}${line === undefined ? '' : `:${line}`}${entry === undefined ? '' : `: entry[${entry}]`}`;
}
