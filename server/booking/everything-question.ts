import { fault } from '../base/fault.js';
import { dateRange, isId, isServedType } from '../fhir/index.js';
import { CURSOR_PARAM, SEARCH_COUNT_DEFAULT, SEARCH_COUNT_MAX, withPlus } from '../search/index.js';
import type { Param } from './types.js';

/** Where a resource stands in what belongs to a patient: the Patient, then its own, then what these refer to. */
export interface EverythingPlace {
  readonly patient: string;
  readonly rank: 0 | 1 | 2;
  readonly type: string;
  readonly id: string;
}

/** What was asked: https://hl7.org/fhir/R4/patient-operation-everything.html */
export interface EverythingQuestion {
  /** Of the care, as written: a day or a time. */
  readonly start?: string;
  readonly end?: string;
  /** Changed after this moment. */
  readonly sinceMs?: number;
  /** Absent: all. */
  readonly types?: ReadonlySet<string>;
  readonly count: number;
  readonly after?: EverythingPlace;
  /** What was understood, for the self link. */
  readonly applied: readonly Param[];
  readonly remarks: readonly string[];
}

const ONCE: readonly string[] = ['start', 'end', '_since', '_count', CURSOR_PARAM];
const TYPE_PARAM = '_type';

/**
 * Reads the parameters of `$everything`.
 *
 * @param ofOne whether it is asked of one patient: then a page has all that it may hold, if nobody says otherwise
 * @param zone of bare dates
 * @param strict whether unknown parameters are refused, and not ignored
 * @throws {Fault} `invalid`
 */
export function readEverythingQuestion(
  params: readonly Param[],
  ofOne: boolean,
  zone: string,
  strict: boolean,
): EverythingQuestion {
  const known = params.filter(([name]) => ONCE.includes(name) || name === TYPE_PARAM);
  const unknown = params.filter(([name]) => !known.some(([one]) => one === name)).map(([name]) => name.slice(0, 80));
  if (strict && unknown[0] !== undefined) throw fault('invalid', remarkOf(unknown[0]), unknown[0]);
  const one = (name: string) => onlyOf(name, known);
  const [start, end, since, cursor] = [one('start'), one('end'), one('_since'), one(CURSOR_PARAM)];
  const [from, to] = [start, end].map((text, at) => text && rangeOf(at === 0 ? 'start' : 'end', text, zone));
  if (from && to && to.endMs <= from.startMs) throw fault('invalid', 'end must not lie before start.', 'end');
  const types = typesOf(known);
  const count = countOf(one('_count'), ofOne);
  return {
    ...(start !== undefined && { start: withPlus(start) }),
    ...(end !== undefined && { end: withPlus(end) }),
    ...(since !== undefined && { sinceMs: rangeOf('_since', since, zone).endMs - 1 }),
    ...(types && { types }),
    ...(cursor !== undefined && { after: decodePlace(cursor) }),
    count,
    applied: known.map(([name, value]) => [name, name === '_count' ? String(count) : value]),
    remarks: [...new Set(unknown)].map(remarkOf),
  };
}

function remarkOf(name: string): string {
  return `$everything has the parameters start, end, _since, _type and _count, not '${name}'.`;
}

function onlyOf(name: string, params: readonly Param[]): string | undefined {
  const [value, ...more] = params.flatMap(([own, text]) => (own === name ? [text] : []));
  if (more.length > 0) throw fault('invalid', `${name} may stand only once.`, name);
  return value;
}

function rangeOf(name: string, text: string, zone: string) {
  const range = dateRange(withPlus(text), zone);
  if (!range) throw fault('invalid', `${name} is a day, or a time such as 2027-03-15T09:00:00-04:00.`, name);
  return range;
}

function typesOf(params: readonly Param[]): ReadonlySet<string> | undefined {
  const types = params.flatMap(([name, text]) => (name === TYPE_PARAM ? text.split(',') : []));
  const unknown = types.find((type) => !isServedType(type));
  if (unknown !== undefined) {
    const message = `${TYPE_PARAM} names types that are served; '${unknown.slice(0, 80)}' is none.`;
    throw fault('invalid', message, TYPE_PARAM);
  }
  return types.length > 0 ? new Set(types) : undefined;
}

function countOf(value: string | undefined, ofOne: boolean): number {
  if (value === undefined) return ofOne ? SEARCH_COUNT_MAX : SEARCH_COUNT_DEFAULT;
  if (/^0*[1-9]\d{0,400}$/.test(value)) return Math.min(Number(value), SEARCH_COUNT_MAX);
  throw fault('invalid', '_count is a whole number from 1.', '_count');
}

/** A place as the value of `_after`: opaque to callers, and safe in a URL. */
export function encodePlace({ patient, rank, type, id }: EverythingPlace): string {
  return Buffer.from([patient, rank, type, id].join(' '), 'utf8').toString('base64url');
}

function decodePlace(text: string): EverythingPlace {
  const [patient = '', rank = '', type = '', id = '', ...more] = Buffer.from(text, 'base64url').toString().split(' ');
  if (isId(patient) && /^[012]$/.test(rank) && isServedType(type) && isId(id) && more.length === 0) {
    return { patient, rank: Number(rank) as EverythingPlace['rank'], type, id };
  }
  throw fault('invalid', 'This is no link of ours to a next page: begin again with the first.', CURSOR_PARAM);
}
