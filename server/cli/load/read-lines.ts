import { isUtf8 } from 'node:buffer';

const NEWLINE = 0x0a;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its end; undefined where the line cannot be taken, for `reason`. */
  readonly text: string | undefined;
  readonly reason?: string;
}

/**
 * Cuts bytes into lines, a group for each chunk. Blank lines are counted but not told. A line over the limit is
 * told as refused and never held: what is kept in memory is at most one line and one chunk.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>, lineBytesMax: number): AsyncGenerator<Line[]> {
  let number = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;

  const finish = (tail: Buffer): Line | undefined => {
    number += 1;
    const bytes = heldBytes + tail.length;
    const line =
      bytes > lineBytesMax
        ? { number, text: undefined, reason: `The line is longer than ${lineBytesMax} bytes.` }
        : lineOf(number, held.length > 0 ? Buffer.concat([...held, tail]) : tail);
    held = [];
    heldBytes = 0;
    return line;
  };

  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const line = finish(chunk.subarray(from, end));
      if (line) lines.push(line);
      from = end + 1;
    }
    heldBytes += chunk.length - from;
    if (heldBytes > lineBytesMax) held = [];
    else if (from < chunk.length) held.push(chunk.subarray(from));
    if (lines.length > 0) yield lines;
  }
  const last = heldBytes > 0 ? finish(Buffer.alloc(0)) : undefined;
  if (last) yield [last];
}

function lineOf(number: number, bytes: Buffer): Line | undefined {
  if (!isUtf8(bytes)) return { number, text: undefined, reason: 'The line is not UTF-8.' };
  const text = withoutByteOrderMark(bytes.toString('utf8'));
  return text.trim() === '' ? undefined : { number, text };
}

function withoutByteOrderMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
