import { Fault } from '../base/fault.js';
import { allOf, countConditions } from './combine.js';
import type { Filter } from './filter.js';
import { CONDITIONS_MAX, PARAMETERS_MAX, quoted, unreadable } from './limits.js';
import { parseCondition } from './parse-condition.js';
import { isResultParameter, noResults, readResultParameter, refuseOddResults } from './parse-results.js';
import { hasOffset } from './parse-value.js';
import type { ParsedSearch, SearchContext } from './parsed-search.js';
import { decodePosition, withoutAddedCount } from './position.js';

export type SearchParams = readonly (readonly [name: string, value: string])[];

/**
 * Reads the parameters of a search, decoded from the URL or a form: https://hl7.org/fhir/R4/search.html
 *
 * Conditions are joined by `all`; commas make `any`. What is not known is left out of `filter` and `applied` and
 * named in `ignored`; next to `_after` a second `_count` is left out too, since some clients add one to our links.
 *
 * @param aside parameters that the caller reads by itself: they count as applied, and are no conditions
 * @throws {Fault} `invalid`, naming the parameter: a value or modifier that cannot be read, a result parameter
 *   that stands twice, a crossed limit, and with `strict` every unknown parameter
 */
export function parseSearch(
  type: string,
  params: SearchParams,
  context: SearchContext,
  aside: (name: string) => boolean = () => false,
): ParsedSearch {
  if (params.length > PARAMETERS_MAX) {
    throw unreadable('', `A search has at most ${PARAMETERS_MAX} parameters, not ${params.length}.`);
  }
  const results = noResults(context.countDefault);
  const filters: Filter[] = [];
  const applied: (readonly [string, string])[] = [];
  const ignored: string[] = [];
  const remarks: string[] = [];
  const ignore = (name: string, remark: string) => {
    ignored.push(name);
    remarks.push(remark);
  };
  for (const [name, value] of withoutAddedCount(params)) {
    if (aside(name)) applied.push([name, value]);
    else if (isResultParameter(name)) {
      const outcome = readResultParameter(type, name, value, context.nowMs, results);
      if ('ignored' in outcome) ignore(name, outcome.ignored);
      else applied.push([name, outcome.applied]);
      if ('remark' in outcome) remarks.push(outcome.remark);
    } else {
      const filter = conditionOf(type, name, value, context);
      if (filter) {
        filters.push(filter);
        applied.push([name, value]);
      } else ignore(name, `${type} has no search parameter ${quoted(name)}; it was ignored.`);
    }
  }
  refuseOddResults(results);
  const filter = allOf(filters);
  refuseTooMany(filter);
  if (context.strict && ignored.length > 0) throw refusalOf(type, ignored);
  const { sort, count, total, summary, elements, includes, revIncludes, cursor } = results;
  const after = cursor === undefined ? undefined : decodePosition(cursor, sort);
  const page = { sort, count, total, summary, elements, includes, revIncludes, after };
  const hasLocalSlotTimes = params.some(([name, value]) => isSlotTime(type, name) && !hasOffset(value));
  return { type, filter, ...page, applied, ignored, remarks, hasLocalSlotTimes };
}

function conditionOf(type: string, name: string, value: string, context: SearchContext): Filter | undefined {
  const { nowMs, ownBases } = context;
  const zone = isSlotTime(type, name) ? (context.slotZone ?? context.zone) : context.zone;
  return parseCondition(type, value, { nowMs, ownBases, zone, name });
}

/** Days on a Slot's own start and end are days of its Schedule's zone; a chain to a Slot has no zone to go by. */
function isSlotTime(type: string, name: string): boolean {
  return type === 'Slot' && (name === 'start' || name === 'end');
}

function refuseTooMany(filter: Filter): void {
  const conditions = countConditions(filter);
  if (conditions <= CONDITIONS_MAX) return;
  throw unreadable('', `This search comes to ${conditions} conditions; the most is ${CONDITIONS_MAX}. Ask in parts.`);
}

function refusalOf(type: string, ignored: readonly string[]): Fault {
  return new Fault(
    ignored.map((name) => ({
      kind: 'invalid' as const,
      message: `${type} has no search parameter ${quoted(name)}, and here none is ignored.`,
      expression: name.slice(0, 80),
    })),
  );
}
