import type { Position, SortKey, SortTerm } from './query.js';
import { SORT_TERMS_MAX, unreadable } from './limits.js';

/** The parameter of a link that says where the next page begins. */
export const CURSOR_PARAM = '_after';

/** The one of a link that says before what the page before ends. */
export const BACK_PARAM = '_before';

/** Keys of the natural order: a time and a text. */
const NATURAL_KEYS = 2;
/** Characters of `_after`. */
export const CURSOR_LENGTH_MAX = 16_384;

/**
 * The parameters of a request, where it follows a link of ours to a next page without the second `_count` that some
 * clients, Medplum's among them, add to it.
 *
 * @param cursorParam what marks such a link
 */
export function withoutAddedCount(
  params: readonly (readonly [name: string, value: string])[],
  cursorParam = CURSOR_PARAM,
): readonly (readonly [name: string, value: string])[] {
  if (!params.some(([name]) => name === cursorParam)) return params;
  const first = params.findIndex(([name]) => name === '_count');
  return params.filter(([name], at) => name !== '_count' || at === first);
}

/** A position as the value of `_after`: opaque to callers, and safe in a URL. */
export function encodePosition(position: Position): string {
  return Buffer.from(JSON.stringify([...position.keys, position.id]), 'utf8').toString('base64url');
}

/**
 * Reads what `encodePosition` wrote.
 *
 * @param sort the order that the position is a place in; empty: the natural one
 * @throws {Fault} `invalid` for anything else
 */
export function decodePosition(text: string, sort: readonly SortTerm[]): Position {
  const parts = partsOf(text);
  const keysExpected = sort.length === 0 ? NATURAL_KEYS : sort.length;
  const id = parts?.at(-1);
  const keys = parts?.slice(0, -1);
  if (!keys?.every(isSortKey) || keys.length !== keysExpected || typeof id !== 'string') {
    throw unreadable(CURSOR_PARAM, 'This is no link of ours to a next page: begin again with the first.');
  }
  return { keys, id };
}

function partsOf(text: string): readonly unknown[] | undefined {
  if (text.length > CURSOR_LENGTH_MAX) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  // Buffer skips what is not base64url; a text of ours comes out as it went in.
  if (bytes.toString('base64url') !== text) return undefined;
  try {
    const parts: unknown = JSON.parse(bytes.toString('utf8'));
    return Array.isArray(parts) && parts.length <= SORT_TERMS_MAX + 1 ? (parts as unknown[]) : undefined;
  } catch {
    return undefined;
  }
}

function isSortKey(key: unknown): key is SortKey {
  return key === null || typeof key === 'string' || Number.isFinite(key);
}
