import { fault } from '../base/fault.js';
import { isServedType, PATIENT_COMPARTMENT, SERVED_TYPES } from '../fhir/index.js';
import { CURSOR_PARAM, encodePosition, withoutAddedCount, type Include, type ParsedSearch } from '../search/index.js';
import { isCountOnly, isTotalAsked, type Page } from './slot-page.js';
import { sortedPage, type PageOfType, type SystemMatches } from './sorted-types.js';
import type { Param, SearchEntry, Within } from './types.js';

const TYPE_PARAM = '_type';

/** Result parameters that say how much of each resource is shown, or how many a page holds. */
const COUNTING_IGNORES = ['_count', '_summary', '_elements', '_total'];

/** What a search of several types asks of each. */
export interface TypeSearch {
  parse(type: string, params: readonly Param[]): ParsedSearch;
  /** @throws {Fault} whatever a search of the type throws */
  pageOf(type: string, params: readonly Param[], within: Within | undefined): Promise<Page>;
}

/** One page over several types, before includes and cuts. */
export interface SystemPage {
  /** As the first type reads it, with the includes and remarks of all. */
  readonly parsed: ParsedSearch;
  readonly self: readonly Param[];
  readonly matches: readonly SearchEntry[];
  readonly total?: number;
  /** The value of `_after` on the next page; absent on the last. */
  readonly next?: string;
}

/** A search, read for each of its types. */
interface Asked {
  readonly types: readonly string[];
  /** What all types know. */
  readonly params: readonly Param[];
  readonly parsed: ParsedSearch;
  readonly withinOf: (type: string) => Within | undefined;
}

/**
 * A search over all types, or those of `_type`, by the parameters that they all have: in the order of `_sort`, or
 * type by type, each in its own order. https://hl7.org/fhir/R4/http.html#search
 *
 * @param patient `Patient/id`: only what belongs to the patient
 * @throws {Fault} `invalid` for an unknown type and for a `_sort` that one of them lacks; whatever the searches throw
 */
export async function searchSystem(
  search: TypeSearch,
  given: readonly Param[],
  patient: string | undefined,
): Promise<SystemPage> {
  const types = typesOf(given, patient);
  const asked = readFor(search, types, given, patient);
  const cursor = given.find(([name]) => name === CURSOR_PARAM)?.[1];
  const named = given.filter(([name]) => name === TYPE_PARAM);
  const self = [...named, ...asked.parsed.applied];
  if (isCountOnly(asked.parsed))
    return { parsed: asked.parsed, self, matches: [], total: await countOf(search, asked) };
  const isMerged = types.length > 1 && asked.parsed.sort.length > 0;
  const { matches, next } = await (isMerged
    ? sortedPage(pagesOf(search, asked), asked, cursor)
    : walk(search, asked, cursor));
  const whole = next === undefined && cursor === undefined;
  const counted = !whole && isTotalAsked(asked.parsed) ? await countOf(search, asked) : undefined;
  const total = whole ? matches.length : counted;
  return {
    parsed: asked.parsed,
    self: cursor === undefined ? self : [...self, [CURSOR_PARAM, cursor]],
    matches,
    ...(total !== undefined && { total }),
    ...(next !== undefined && { next }),
  };
}

function typesOf(given: readonly Param[], patient: string | undefined): readonly string[] {
  const [value, ...more] = given.flatMap(([name, text]) => (name === TYPE_PARAM ? [text] : []));
  const possible: readonly string[] = patient === undefined ? SERVED_TYPES : [...PATIENT_COMPARTMENT.keys()];
  if (value === undefined) return possible;
  if (more.length > 0) throw fault('invalid', `${TYPE_PARAM} may stand only once.`, TYPE_PARAM);
  const types = [...new Set(value.split(','))];
  const unknown = types.find((type) => !isServedType(type));
  if (unknown !== undefined) {
    throw fault('invalid', `${TYPE_PARAM} names types that are served; ${unknown.slice(0, 80)} is none.`, TYPE_PARAM);
  }
  return types.filter((type) => possible.includes(type));
}

/** What one of the types does not know is left out for all of them, else it would find all of that one. */
function readFor(
  search: TypeSearch,
  types: readonly string[],
  given: readonly Param[],
  patient: string | undefined,
): Asked {
  const own = withoutAddedCount(given).filter(([name]) => name !== TYPE_PARAM && name !== CURSOR_PARAM);
  const first = types.map((type) => search.parse(type, own));
  const ignored = new Set(first.flatMap((parsed) => parsed.ignored).filter((name) => !/^_(rev)?include\b/.test(name)));
  const params = own.filter(([name]) => !ignored.has(name));
  const parsed = types.map((type) => search.parse(type, params));
  const [leading] = parsed;
  if (!leading) throw fault('invalid', `Nothing of these types belongs to a patient.`, TYPE_PARAM);
  return {
    types,
    params,
    parsed: {
      ...leading,
      includes: onceEach(parsed.flatMap(({ includes }) => includes)),
      revIncludes: onceEach(parsed.flatMap(({ revIncludes }) => revIncludes)),
      remarks: [...new Set(first.flatMap(({ remarks }) => remarks))],
    },
    withinOf: (type) => (patient === undefined ? undefined : withinPatient(type, patient)),
  };
}

function withinPatient(type: string, patient: string): Within {
  return { param: PATIENT_COMPARTMENT.get(type) ?? '', target: patient };
}

/** `*` means the references of each type. */
function onceEach(includes: readonly Include[]): readonly Include[] {
  return [...new Map(includes.map((include) => [JSON.stringify(include), include])).values()];
}

/** Fills a page, type by type, from where the cursor stands: `Type.` and the position within that type. */
async function walk(search: TypeSearch, asked: Asked, cursor: string | undefined): Promise<SystemMatches> {
  const { types, parsed } = asked;
  const [begin = types[0] ?? '', position = ''] = cursor?.split('.') ?? [];
  if (!types.includes(begin)) throw fault('invalid', 'This is no link of ours to a next page.', CURSOR_PARAM);
  const matches: SearchEntry[] = [];
  const page = pagesOf(search, asked);
  for (const type of types.slice(types.indexOf(begin))) {
    const room = parsed.count - matches.length;
    if (room === 0) {
      if ((await page(type, 1)).matches.length > 0) return { matches, next: `${type}.` };
      continue;
    }
    const found = await page(type, room, type === begin && position !== '' ? position : undefined);
    matches.push(...found.matches);
    if (found.last) return { matches, next: `${type}.${encodePosition(found.last)}` };
  }
  return { matches, next: undefined };
}

/** Asks for a page of one type, at most so many matches after a position in its order. */
function pagesOf(search: TypeSearch, { params, withinOf }: Asked): PageOfType {
  const asked = without(params, ['_count']);
  return (type, count, after) =>
    search.pageOf(
      type,
      [...asked, ['_count', String(count)], ...(after === undefined ? [] : ([[CURSOR_PARAM, after]] as const))],
      withinOf(type),
    );
}

async function countOf(search: TypeSearch, { types, params, withinOf }: Asked): Promise<number> {
  const counting: readonly Param[] = [...without(params, COUNTING_IGNORES), ['_summary', 'count']];
  let total = 0;
  for (const type of types) total += (await search.pageOf(type, counting, withinOf(type))).total ?? 0;
  return total;
}

function without(params: readonly Param[], names: readonly string[]): readonly Param[] {
  return params.filter(([name]) => !names.includes(name));
}
