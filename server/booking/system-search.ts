import { fault } from '../base/fault.js';
import { isServedType, PATIENT_COMPARTMENT, SERVED_TYPES } from '../fhir/index.js';
import { CURSOR_PARAM, encodePosition, withoutAddedCount, type Include, type ParsedSearch } from '../search/index.js';
import { WINDOW_PARAM } from './plan-search.js';
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
  /** `_window` of a link of ours, which is for Slots. */
  readonly window: readonly Param[];
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
  const [only] = types;
  if (only !== undefined && types.length === 1) return pageOfOne(search, only, given, patient);
  const asked = readFor(search, types, given, patient);
  const cursor = given.find(([name]) => name === CURSOR_PARAM)?.[1];
  const self = [...given.filter(([name]) => name === TYPE_PARAM), ...asked.parsed.applied];
  if (isCountOnly(asked.parsed)) {
    return { parsed: asked.parsed, self: [...self, ...asked.window], matches: [], total: await countOf(search, asked) };
  }
  const pages = pagesOf(search, asked);
  const fill = asked.parsed.sort.length > 0 ? sortedPage : walk;
  const { matches, next } = await fill(pages.page, asked, cursor);
  const window = pages.window();
  const whole = next === undefined && cursor === undefined;
  const counted = !whole && isTotalAsked(asked.parsed) ? await countOf(search, { ...asked, window }) : undefined;
  const total = whole ? matches.length : counted;
  return {
    parsed: asked.parsed,
    self: [...self, ...window, ...(cursor === undefined ? [] : [[CURSOR_PARAM, cursor] as const])],
    matches,
    ...(total !== undefined && { total }),
    ...(next !== undefined && { next }),
  };
}

/** Of a single type all is as in a search of that type: its own parameters, its window, its total. */
async function pageOfOne(
  search: TypeSearch,
  type: string,
  given: readonly Param[],
  patient: string | undefined,
): Promise<SystemPage> {
  const cursor = given.find(([name]) => name === CURSOR_PARAM)?.[1];
  const { position } = startOf([type], cursor);
  const named = given.filter(([name]) => name === TYPE_PARAM);
  const own = without(withoutAddedCount(given), [TYPE_PARAM, CURSOR_PARAM]);
  const within = patient === undefined ? undefined : withinPatient(type, patient);
  const { last, parsed, matches, total, ...page } = await search.pageOf(
    type,
    [...own, ...cursorParam(position)],
    within,
  );
  return {
    parsed,
    self: [
      ...[...named, ...without(page.self, [CURSOR_PARAM])],
      ...(cursor === undefined ? [] : [[CURSOR_PARAM, cursor] as const]),
    ],
    matches,
    ...(total !== undefined && { total }),
    ...(last && { next: `${type}.${encodePosition(last)}` }),
  };
}

/** Where a page begins: in which type, and after what of it. @throws {Fault} `invalid` */
function startOf(types: readonly string[], cursor: string | undefined) {
  const [begin = types[0] ?? '', position = ''] = cursor?.split('.') ?? [];
  if (cursor !== undefined && !types.includes(begin))
    throw fault('invalid', 'This is no link of ours to a next page.', CURSOR_PARAM);
  return { begin, position: position === '' ? undefined : position };
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

/**
 * What one of the types does not know is left out for all of them, else it would find all of that one. In what belongs
 * to a patient it leaves out the type, since that is asked of all types alike: nothing of the type has such a value.
 */
function readFor(
  search: TypeSearch,
  types: readonly string[],
  given: readonly Param[],
  patient: string | undefined,
): Asked {
  const own = without(withoutAddedCount(given), [TYPE_PARAM, CURSOR_PARAM, WINDOW_PARAM]);
  const all = types.map((type) => ({ type, parsed: search.parse(type, own) }));
  const knowing = patient === undefined ? all : knowingMost(all);
  const ignored = new Set((knowing[0] ? knowing : all).flatMap(({ parsed }) => unknownTo(parsed)));
  const params = own.filter(([name]) => !ignored.has(name));
  const parsed = knowing.map(({ type }) => search.parse(type, params));
  const leading = parsed[0] ?? all[0]?.parsed;
  if (!leading) throw fault('invalid', `Nothing of these types belongs to a patient.`, TYPE_PARAM);
  const leftOut = all.filter((one) => !knowing.includes(one)).map(({ type }) => type);
  const told =
    leftOut.length === 0 ? [] : [`Not of all types: ${leftOut.join(', ')} lacks a parameter of this search.`];
  return {
    types: knowing.map(({ type }) => type),
    params,
    window: types.includes('Slot') ? windowIn(given) : [],
    parsed: {
      ...leading,
      includes: onceEach(parsed.flatMap(({ includes }) => includes)),
      revIncludes: onceEach(parsed.flatMap(({ revIncludes }) => revIncludes)),
      remarks: [...told, ...new Set(knowing.flatMap((one) => one.parsed.remarks))],
    },
    withinOf: (type) => (patient === undefined ? undefined : withinPatient(type, patient)),
  };
}

/** The types that know whatever one of them knows. */
function knowingMost<One extends { readonly parsed: ParsedSearch }>(all: readonly One[]): readonly One[] {
  return all.filter((one) =>
    unknownTo(one.parsed).every((name) => all.every(({ parsed }) => parsed.ignored.includes(name))),
  );
}

/** What a type includes need not be something that all of them refer to. */
function unknownTo({ ignored }: ParsedSearch): readonly string[] {
  return ignored.filter((name) => !/^_(rev)?include\b/.test(name));
}

function withinPatient(type: string, patient: string): Within {
  return { param: PATIENT_COMPARTMENT.get(type) ?? '', target: patient };
}

/** `*` means the references of each type. */
function onceEach(includes: readonly Include[]): readonly Include[] {
  return [...new Map(includes.map((include) => [JSON.stringify(include), include])).values()];
}

/** Fills a page, type by type, from where the cursor stands: `Type.` and the position within that type. */
async function walk(
  page: PageOfType,
  { types, parsed }: Pick<Asked, 'types' | 'parsed'>,
  cursor: string | undefined,
): Promise<SystemMatches> {
  const { begin, position } = startOf(types, cursor);
  const matches: SearchEntry[] = [];
  for (const type of types.slice(types.indexOf(begin))) {
    const room = parsed.count - matches.length;
    if (room === 0) {
      if ((await page(type, 1)).matches.length > 0) return { matches, next: `${type}.` };
      continue;
    }
    const found = await page(type, room, type === begin ? position : undefined);
    matches.push(...found.matches);
    if (found.last) return { matches, next: `${type}.${encodePosition(found.last)}` };
  }
  return { matches, next: undefined };
}

/** Asks for pages of single types. The window in which slots were computed holds for those that follow, too. */
function pagesOf(search: TypeSearch, { params, window, withinOf }: Asked) {
  const asked = without(params, ['_count']);
  let pinned = window;
  const page: PageOfType = async (type, count, after) => {
    const counted: readonly Param[] = [...asked, ['_count', String(count)], ...cursorParam(after)];
    const found = await search.pageOf(type, type === 'Slot' ? [...counted, ...pinned] : counted, withinOf(type));
    if (type === 'Slot') pinned = windowIn(found.self);
    return found;
  };
  return { page, window: () => pinned };
}

function cursorParam(position: string | undefined): readonly Param[] {
  return position === undefined ? [] : [[CURSOR_PARAM, position]];
}

async function countOf(search: TypeSearch, { types, params, window, withinOf }: Asked): Promise<number> {
  const counting: readonly Param[] = [...without(params, COUNTING_IGNORES), ['_summary', 'count']];
  let total = 0;
  for (const type of types) {
    const own = type === 'Slot' ? [...counting, ...window] : counting;
    total += (await search.pageOf(type, own, withinOf(type))).total ?? 0;
  }
  return total;
}

function windowIn(params: readonly Param[]): readonly Param[] {
  return params.filter(([name]) => name === WINDOW_PARAM);
}

function without(params: readonly Param[], names: readonly string[]): readonly Param[] {
  return params.filter(([name]) => !names.includes(name));
}
