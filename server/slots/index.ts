/**
 * @module slots
 *
 * Availability rules in, bookable slots out. Pure: no clock, no store, no FHIR types, so the same
 * input gives the same slots on every machine and in every time zone the process may run in.
 *
 * A *rule* is weekly and in wall-clock time. A *window* is what a rule opens on one date. On each window lies a *grid*
 * of starts; a *candidate* starts on a grid and lies whole in the open time. Instants are UTC and intervals are
 * half-open, so 09:00–09:30 and 09:30–10:00 touch but do not overlap.
 *
 * May import: base, zones. Imported by: booking, claims.
 */
export type * from './types.js';
export { listCandidates } from './list-candidates.js';
export { gridRuleOf, judge, onGrid, refusalsOf, type Verdict } from './judge.js';
export { limitPeriodsOf } from './limit-periods.js';
