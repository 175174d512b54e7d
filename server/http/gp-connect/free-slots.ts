import { Fault, type Reason } from '../../base/fault.js';
import type { Param } from '../../booking/index.js';
import { dateRange } from '../../fhir/index.js';
import { SEARCH_COUNT_MAX, withPlus } from '../../search/index.js';
import { MS_PER_DAY } from '../../base/clock.js';

/** The days from `start` to `end` of one search for free slots: two weeks. */
export const FREE_SLOTS_DAYS_MAX = 14;

/** A day, or a time with seconds and offset. */
const TIME = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?$/;

/** What narrows the answer to an organisation that books; a provider that does not know a filter ignores it. */
const IGNORED = 'searchFilter';

/** A bound of the question, as it was written. */
interface Bound {
  readonly day: string;
  readonly startMs: number;
  /** The first moment after it. */
  readonly endMs: number;
}

/**
 * The parameters of a search for free slots, as GP Connect has it: `start=ge…`, `end=le…`, `status=free` and
 * `_include=Slot:schedule`, all of them, and at most two weeks. The answer has no pages there, so it gets the longest.
 *
 * @throws {Fault} `required` for what is missing, `invalid` for what is not as it must be
 */
export function freeSlotsParams(params: readonly Param[]): readonly Param[] {
  const named = (wanted: string) => params.flatMap(([name, value]) => (name === wanted ? [value] : []));
  const missing = ['start', 'end', 'status'].filter((name) => named(name).length === 0);
  const reasons = missing.map((name): Reason => ({ ...required(name), expression: name }));
  if (!named('_include').includes('Slot:schedule')) reasons.push(required('_include=Slot:schedule'));
  if (reasons.length > 0) throw new Fault(reasons);
  if (named('status').some((status) => status !== 'free')) throw odd('status', 'status is free, nothing else.');
  refuseOddTime(bound('start', 'ge', named('start')), bound('end', 'le', named('end')));
  const known = params.filter(([name]) => name !== IGNORED);
  return named('_count').length > 0 ? known : [...known, ['_count', String(SEARCH_COUNT_MAX)]];
}

function required(what: string): Reason {
  return { kind: 'required', message: `A search for free slots needs ${what}.` };
}

function odd(name: string, message: string): Fault {
  return new Fault({ kind: 'invalid', message, expression: name });
}

function bound(name: string, prefix: string, values: readonly string[]): Bound {
  const [value = '', ...more] = values;
  if (more.length > 0) throw odd(name, `${name} may stand only once.`);
  const text = withPlus(value.slice(prefix.length));
  const [, day = ''] = TIME.exec(text) ?? [];
  const range = value.startsWith(prefix) && day !== '' ? dateRange(text, 'UTC') : undefined;
  const form = `${name}=${prefix} and a day, or a time with seconds and offset, like ${prefix}2027-03-15T09:00:00Z`;
  if (!range) throw odd(name, `It is ${form}.`);
  return { day, startMs: range.startMs, endMs: range.endMs };
}

function refuseOddTime(start: Bound, end: Bound): void {
  if (end.endMs <= start.startMs) throw odd('end', 'end must not lie before start.');
  const days = (Date.parse(end.day) - Date.parse(start.day)) / MS_PER_DAY;
  if (days <= FREE_SLOTS_DAYS_MAX) return;
  throw odd('end', `From start to end are at most ${FREE_SLOTS_DAYS_MAX} days; ask several times for more.`);
}
