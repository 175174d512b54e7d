import {
  daysToDecide,
  refusalsOfComputed,
  refusalsOfStored,
  type Claim,
  type ClaimDecision,
  type ClaimRequest,
  type JoinedUnits,
} from '../claims/index.js';
import type { Target } from './appointment-targets.js';
import type { Draft } from './draft.js';
import type { ScheduleRule } from './read-rules.js';
import type { UnitBook } from './unit-book.js';

/** May a request have a time? What the answer rests on is checked by the commit. */
export async function decideClaim(
  draft: Draft,
  book: UnitBook,
  target: Target,
  rules: readonly ScheduleRule[],
  request: ClaimRequest,
): Promise<ClaimDecision> {
  const { facts, timelines } = target.view;
  draft.checkSeen(target.view);
  const units = await unitsToDecide(book, timelines, rules, target);
  if (target.stored) return refusalsOfStored(target.stored, facts, units.claims, request, book.nowMs);
  return refusalsOfComputed(target, { ...facts, rules }, units, request, book.nowMs);
}

async function unitsToDecide(
  book: UnitBook,
  timelines: readonly string[],
  rules: Parameters<typeof daysToDecide>[0],
  target: Target,
): Promise<JoinedUnits> {
  const { days, limitDays } = daysToDecide(rules, target);
  const [first] = timelines;
  const near = await book.joined(timelines, days);
  if (limitDays.length === 0 || first === undefined) return near;
  const far = await book.joined([first], limitDays);
  const known = new Set(near.claims.map(nameOfClaim));
  return { slots: near.slots, claims: [...near.claims, ...far.claims.filter((one) => !known.has(nameOfClaim(one)))] };
}

function nameOfClaim({ by, kind, schedule, slot, startMs }: Claim): string {
  return [by, kind, schedule, slot, startMs].join(' ');
}
