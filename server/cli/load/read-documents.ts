import type { Line } from './read-lines.js';
import type { Place } from './place.js';

/** One JSON text of a file, or why there is none. */
export type JsonText =
  | { readonly place: Place; readonly text: string }
  | { readonly place: Place; readonly text: undefined; readonly reason: string };

/**
 * Finds the JSON texts of a file: one a line (NDJSON), or one that fills the file.
 *
 * @param documentBytesMax longest JSON text that fills a file: unlike lines it has to be held as a whole
 */
export async function* readDocuments(
  file: string,
  groups: AsyncGenerator<readonly Line[]>,
  documentBytesMax: number,
): AsyncGenerator<readonly JsonText[]> {
  const start = await firstLines(groups);
  if (!isNdjson(start)) {
    yield await wholeText(file, start, groups, documentBytesMax);
    return;
  }
  yield start.map((line) => lineText(file, line));
  for await (const lines of groups) yield lines.map((line) => lineText(file, line));
}

/** Reads on until there are two lines to judge the file by, or no more. */
async function firstLines(groups: AsyncGenerator<readonly Line[]>): Promise<readonly Line[]> {
  const lines: Line[] = [];
  while (lines.length < 2) {
    const next = await groups.next();
    if (next.done) break;
    lines.push(...next.value);
  }
  return lines;
}

/**
 * Whether each line is a text of its own. A single line may be either and counts as filling its file. A first line
 * that is no whole JSON begins a text that fills the file, unless a whole resource follows: then it is just broken.
 */
function isNdjson([first, second]: readonly Line[]): boolean {
  if (!first || !second) return false;
  if (first.text === undefined || jsonOf(first.text) !== undefined) return true;
  const next = second.text === undefined ? undefined : jsonOf(second.text);
  return typeof next === 'object' && next !== null && 'resourceType' in next;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lineText(file: string, { number, text, reason }: Line): JsonText {
  const place = { file, line: number };
  return text === undefined ? { place, text, reason: reason! } : { place, text };
}

async function wholeText(
  file: string,
  start: readonly Line[],
  rest: AsyncGenerator<readonly Line[]>,
  documentBytesMax: number,
): Promise<readonly JsonText[]> {
  const place = { file };
  const texts: string[] = [];
  let bytes = 0;
  for (let lines = start; ;) {
    for (const { text, reason } of lines) {
      if (text === undefined) return [{ place, text, reason: reason! }];
      bytes += Buffer.byteLength(text) + (texts.length > 0 ? 1 : 0);
      texts.push(text);
    }
    if (bytes > documentBytesMax) {
      const reason = `A JSON text that fills its file may have ${documentBytesMax} bytes; NDJSON may be longer.`;
      return [{ place, text: undefined, reason }];
    }
    const next = await rest.next();
    if (next.done) break;
    lines = next.value;
  }
  if (texts.length === 0) return [{ place, text: undefined, reason: 'The file is empty.' }];
  return [{ place, text: texts.join('\n') }];
}
