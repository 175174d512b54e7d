import { searchParametersOf } from '../fhir/index.js';
import { ELEMENTS_MAX, INCLUDES_MAX, quoted, SEARCH_COUNT_MAX, SORT_TERMS_MAX, unreadable } from './limits.js';
import { changeMoment, momentFor } from './moment.js';
import { parseInclude } from './parse-include.js';
import type { Include, ParsedSearch } from './parsed-search.js';
import type { SortTerm } from './query.js';
import { CURSOR_PARAM } from './position.js';

/** The parameters that say how to answer: https://hl7.org/fhir/R4/search.html#return */
const ONCE = ['_sort', '_count', '_total', '_summary', '_elements', CURSOR_PARAM];
const OFTEN = ['_include', '_revinclude'];
/** Whoever answers reads these; here they are only known. */
const FORMAT = ['_format', '_pretty'];

const TOTALS = ['accurate', 'none', 'estimate'] as const;
const SUMMARIES = ['true', 'count', 'data', 'text', 'false'] as const;
const ELEMENT = /^[A-Za-z][A-Za-z0-9]{0,63}(?:\.[A-Za-z][A-Za-z0-9]{0,63}){0,5}$/;

/** What the result parameters of a request said so far. */
export interface Results {
  sort: readonly SortTerm[];
  count: number;
  total: ParsedSearch['total'];
  summary: ParsedSearch['summary'];
  elements: readonly string[] | undefined;
  includes: Include[];
  revIncludes: Include[];
  /** The text of `_after`, which can be read only when `sort` is known. */
  cursor: string | undefined;
  readonly seen: Set<string>;
}

/** What became of one result parameter: the value to show in the self link, or a remark why it was left out. */
type Outcome = { readonly applied: string; readonly remark?: string } | { readonly ignored: string };

/** What holds before any result parameter was read. */
export function noResults(countDefault: number): Results {
  return {
    sort: [],
    count: countDefault,
    total: undefined,
    summary: undefined,
    elements: undefined,
    includes: [],
    revIncludes: [],
    cursor: undefined,
    seen: new Set(),
  };
}

/** @throws {Fault} `invalid` where what was asked goes not together: https://hl7.org/fhir/R4/search.html#summary */
export function refuseOddResults({ summary, elements, includes, revIncludes }: Results): void {
  if (elements && summary !== undefined && summary !== 'false' && summary !== 'count') {
    throw unreadable('_elements', 'Give _summary or _elements, not both.');
  }
  if (summary === 'text' && includes.length + revIncludes.length > 0) {
    throw unreadable('_summary', '_summary=text does not go with _include or _revinclude.');
  }
}

/** Whether a parameter says how to answer, not what to find. */
export function isResultParameter(name: string): boolean {
  const base = name.split(':', 1)[0] ?? '';
  return [ONCE, OFTEN, FORMAT].some((names) => names.includes(base));
}

/**
 * Reads one result parameter into `results`.
 *
 * @throws {Fault} `invalid` for what cannot be read, stands a second time, or crosses a limit
 */
export function readResultParameter(
  type: string,
  name: string,
  value: string,
  nowMs: number,
  results: Results,
): Outcome {
  const base = name.split(':', 1)[0] ?? '';
  if (FORMAT.includes(base)) return { applied: value };
  if (OFTEN.includes(base)) return readInclude(type, name, value, results);
  if (name !== base) throw unreadable(name, `${quoted(base)} takes no modifier.`);
  if (results.seen.has(name)) throw unreadable(name, `${quoted(name)} may stand only once.`);
  results.seen.add(name);
  switch (name) {
    case '_count':
      return readCount(value, results);
    case '_sort':
      results.sort = readSort(type, value, nowMs);
      break;
    case '_total':
      results.total = oneOf(TOTALS, name, value);
      break;
    case '_summary':
      results.summary = oneOf(SUMMARIES, name, value);
      break;
    case '_elements':
      results.elements = readElements(value);
      break;
    default:
      results.cursor = value;
  }
  return { applied: value };
}

function readInclude(type: string, name: string, value: string, results: Results): Outcome {
  const include = parseInclude(type, name, value);
  if (!include) return { ignored: `${name}=${quoted(value)} names no reference that we know; it was ignored.` };
  if (results.includes.length + results.revIncludes.length >= INCLUDES_MAX) {
    throw unreadable(name, `A search has at most ${INCLUDES_MAX} _include and _revinclude.`);
  }
  (include.reverse ? results.revIncludes : results.includes).push(include);
  return { applied: value };
}

function readCount(value: string, results: Results): Outcome {
  if (!/^\d{1,400}$/.test(value)) throw unreadable('_count', `_count is a whole number from 0, not ${quoted(value)}.`);
  results.count = Math.min(Number(value), SEARCH_COUNT_MAX);
  const applied = String(results.count);
  if (Number(value) <= SEARCH_COUNT_MAX) return { applied };
  return { applied, remark: `_count was lowered to ${SEARCH_COUNT_MAX}, the most that one page holds.` };
}

function readSort(type: string, value: string, nowMs: number): SortTerm[] {
  const terms = value.split(',').map((term) => {
    const descending = term.startsWith('-');
    const param = descending ? term.slice(1) : term;
    const definition = searchParametersOf(type).get(param);
    if (!definition) {
      throw unreadable('_sort', `Cannot sort by ${quoted(param)}: ${type} has no such search parameter.`);
    }
    if (definition.type === 'special') throw unreadable('_sort', `Nothing is ordered by ${quoted(param)}.`);
    const moment = param === '_lastUpdated' ? changeMoment(type, nowMs) : momentFor(param, nowMs);
    return { param, descending, ...moment };
  });
  if (terms.length > SORT_TERMS_MAX) throw unreadable('_sort', `_sort takes at most ${SORT_TERMS_MAX} parameters.`);
  return terms;
}

function readElements(value: string): string[] {
  const elements = value.split(',');
  if (elements.length > ELEMENTS_MAX) {
    throw unreadable('_elements', `_elements takes at most ${ELEMENTS_MAX} names.`);
  }
  const odd = elements.find((element) => !ELEMENT.test(element));
  if (odd !== undefined) throw unreadable('_elements', `${quoted(odd)} in _elements is no element's name.`);
  return elements;
}

function oneOf<T extends string>(allowed: readonly T[], name: string, value: string): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw unreadable(name, `${name} is ${allowed.join(', ')}, not ${quoted(value)}.`);
  return found;
}
