import { fault } from '../base/fault.js';
import { compareFound, CURSOR_PARAM, decodePosition, encodePosition, type ParsedSearch } from '../search/index.js';
import type { Position } from '../search/index.js';
import type { Page } from './slot-page.js';
import type { SearchEntry } from './types.js';

/** Asks for a page of one type, at most so many matches, after a position where one is named. */
export type PageOfType = (type: string, count: number, after?: string) => Promise<Page>;

/** The matches of one page over several types. */
export interface SystemMatches {
  readonly matches: readonly SearchEntry[];
  /** The value of `_after` on the next page; absent on the last. */
  readonly next: string | undefined;
}

/** After each id of those that stand equal in an order: ids have no character so great. */
const AFTER_EVERY_ID = '~';

/**
 * A page of several types in one order, which they all have: the first of each, merged. What stands equal goes by type,
 * then by id, so a place in one type is one in all: the types before it are past what is equal, those after it are not.
 *
 * @param cursor the type and the position of the match before the page
 * @throws {Fault} `invalid` for a cursor that is not ours
 */
export async function sortedPage(
  pageOf: PageOfType,
  { types, parsed: { sort, count } }: { readonly types: readonly string[]; readonly parsed: ParsedSearch },
  cursor: string | undefined,
): Promise<SystemMatches> {
  const [begin = '', text = ''] = cursor?.split('.') ?? [];
  const place = types.indexOf(begin);
  if (cursor !== undefined && place < 0)
    throw fault('invalid', 'This is no link of ours to a next page.', CURSOR_PARAM);
  const position = cursor === undefined ? undefined : decodePosition(text, sort);
  const afterIn = (at: number) =>
    position && encodePosition(at === place ? position : { ...position, id: at < place ? AFTER_EVERY_ID : '' });
  const pages = await Promise.all(types.map((type, at) => pageOf(type, count, afterIn(at))));
  const compare = compareFound(sort);
  const equalIds = ({ position: { keys } }: Placed): Position => ({ keys, id: '' });
  const merged = pages.flatMap(placedOf).sort((a, b) => compare(equalIds(a), equalIds(b)));
  const shown = merged.slice(0, count);
  const last = shown.at(-1);
  const isLast = merged.length === shown.length && pages.every((page) => page.last === undefined);
  return {
    matches: shown.map(({ entry }) => entry),
    next: isLast || !last ? undefined : `${last.entry.type}.${encodePosition(last.position)}`,
  };
}

interface Placed {
  readonly entry: SearchEntry;
  readonly position: Position;
}

function placedOf({ matches, positions = [] }: Page): readonly Placed[] {
  return matches.flatMap((entry, at) => {
    const position = positions[at];
    return position ? [{ entry, position }] : [];
  });
}
