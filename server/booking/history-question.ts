import type { Interval } from '../base/interval.js';
import { fault } from '../base/fault.js';
import { dateRange, isId, isServedType } from '../fhir/index.js';
import {
  BACK_PARAM,
  CURSOR_PARAM,
  SEARCH_COUNT_DEFAULT,
  SEARCH_COUNT_MAX,
  withoutAddedCount,
  withPlus,
} from '../search/index.js';
import type { VersionPlace } from '../store/index.js';
import type { Param } from './types.js';

/** Where a version stands in the history of all types: within a millisecond the greater type is first. */
export interface HistoryPlace extends VersionPlace {
  readonly type: string;
}

/** What a history was asked for: https://hl7.org/fhir/R4/http.html#history */
export interface HistoryQuestion {
  /** `_since`: written at this moment or later. */
  readonly sinceMs?: number;
  /** `_at`: current at some moment of this time. */
  readonly at?: Interval;
  readonly count: number;
  readonly after?: HistoryPlace;
  /** The page before this place is asked for. */
  readonly before?: HistoryPlace;
  /** What was understood, for the self link. */
  readonly applied: readonly Param[];
}

const NAMES: readonly string[] = ['_since', '_at', '_count', CURSOR_PARAM, BACK_PARAM];

/**
 * Reads the parameters of a history.
 *
 * @param zone of bare dates
 * @param strict whether parameters that a history does not know are refused, and not ignored
 * @throws {Fault} `invalid`
 */
export function readHistoryQuestion(params: readonly Param[], zone: string, strict: boolean): HistoryQuestion {
  const known = withoutAddedCount(params).filter(([name]) => NAMES.includes(name));
  const [unknown] = params.find(([name]) => !NAMES.includes(name)) ?? [];
  if (strict && unknown !== undefined) {
    throw fault('invalid', 'A history has the parameters _since, _at and _count.', unknown.slice(0, 80));
  }
  if (new Set(known.map(([name]) => name)).size < known.length) {
    throw fault('invalid', 'Each parameter of a history may stand only once.');
  }
  const values = new Map(known);
  const [since, at] = [values.get('_since'), values.get('_at')];
  const [cursor, back] = [values.get(CURSOR_PARAM), values.get(BACK_PARAM)];
  if (back !== undefined && (cursor ?? at) !== undefined) {
    throw fault('invalid', `${BACK_PARAM} stands alone: it comes from a link to a page before.`, BACK_PARAM);
  }
  const count = countIn(values.get('_count'));
  return {
    ...(since !== undefined && { sinceMs: timeIn('_since', since, zone).startMs }),
    ...(at !== undefined && { at: timeIn('_at', at, zone) }),
    ...(cursor !== undefined && { after: decodePlace(cursor, CURSOR_PARAM) }),
    ...(back !== undefined && { before: decodePlace(back, BACK_PARAM) }),
    count,
    applied: known.map(([name, value]) => [name, name === '_count' ? String(count) : value]),
  };
}

function timeIn(name: string, value: string, zone: string): Interval {
  const range = dateRange(withPlus(value), zone);
  if (!range) throw fault('invalid', `${name} is an instant such as 2027-03-15T09:00:00-04:00, or a date.`, name);
  return range;
}

function countIn(value: string | undefined): number {
  if (value === undefined) return SEARCH_COUNT_DEFAULT;
  if (/^0*[1-9]\d{0,400}$/.test(value)) return Math.min(Number(value), SEARCH_COUNT_MAX);
  throw fault('invalid', '_count of a history is a whole number from 1.', '_count');
}

/** A place as the value of `_after` or `_before`: opaque to callers, and safe in a URL. */
export function encodePlace({ updatedMs, type, id, revision }: HistoryPlace): string {
  return Buffer.from(JSON.stringify([updatedMs, type, id, revision]), 'utf8').toString('base64url');
}

function decodePlace(text: string, param: string): HistoryPlace {
  const [updatedMs, type, id, revision] = partsOf(text);
  const isPlace = Number.isSafeInteger(updatedMs) && Number.isSafeInteger(revision);
  if (!isPlace || typeof type !== 'string' || !isServedType(type) || typeof id !== 'string' || !isId(id)) {
    throw fault('invalid', 'This is no link of ours to another page: begin again with the first.', param);
  }
  return { updatedMs: updatedMs as number, type, id, revision: revision as number };
}

function partsOf(text: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? (parts as unknown[]) : [];
  } catch {
    return [];
  }
}
