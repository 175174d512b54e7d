import { MS_PER_DAY, type Clock } from '../base/clock.js';
import { refusalsOfComputed } from '../claims/index.js';
import { gridRuleOf } from '../slots/index.js';
import type { Store } from '../store/index.js';
import { readProposalId, type ProposalId } from './find-proposal-id.js';
import { bareContext, renderProposals, type Proposal } from './find-proposals.js';
import { ANYBODY, areApart, isToBeHad, storedAt, type OfferedTime } from './find-times.js';
import type { ScheduleReader, ScheduleView } from './schedule-reader.js';
import { computedSlotId } from './slot-id.js';

export interface ProposalDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly schedules: ScheduleReader;
  /** The Schedule whose computed slots carry this key in their ids. */
  readonly scheduleIdOf: (scheduleKey: string) => Promise<string | undefined>;
}

/** A proposal that can be had, and what it follows from. */
export interface ProposalFound {
  readonly appointment: Proposal;
  readonly views: readonly ScheduleView[];
}

/**
 * What `$find` proposed under an id, while it can be had: the same decisions as at booking tell. Who comes and why is
 * not in the id. Undefined: nothing that was proposed here, or that time is gone.
 *
 * @param takenToo also a time that lies on the grid or in a stored Slot, but cannot be had: whoever books it is to be
 *   told why not
 */
export async function proposalOf(
  deps: ProposalDeps,
  id: string,
  base: string,
  takenToo = false,
): Promise<ProposalFound | undefined> {
  const named = readProposalId(id);
  if (!named) return undefined;
  const scheduleIds = await Promise.all(named.scheduleKeys.map((key) => deps.scheduleIdOf(key)));
  const known = scheduleIds.filter((scheduleId) => scheduleId !== undefined);
  if (known.length < scheduleIds.length || new Set(known).size < known.length) return undefined;
  const reach = { startMs: named.startMs - MS_PER_DAY, endMs: named.endMs + MS_PER_DAY };
  const views = (await deps.schedules.views(known, base, () => reach)).filter((view) => view !== undefined);
  const nowMs = deps.clock.nowMs();
  const times = views.flatMap((view) => timeOn(view, named, nowMs, takenToo) ?? []);
  if (times.length < known.length || !areApart(views)) return undefined;
  const [appointment] = await renderProposals(deps.store, [{ id, times }], bareContext(base));
  return appointment && { appointment, views };
}

/** The Slot of a Schedule that lies at that very time, stored or computed, if anybody may have it. */
function timeOn(view: ScheduleView, time: ProposalId, nowMs: number, takenToo: boolean): OfferedTime | undefined {
  const { startMs, endMs } = time;
  const stored = storedAt(view, time);
  if (stored) {
    const isFree = takenToo || isToBeHad(view, stored, { nowMs, places: 1 });
    return isFree ? { slot: stored.id, startMs, endMs, view, fit: 0 } : undefined;
  }
  const { facts, units } = view;
  const slot = computedSlotId(facts.key, time);
  if (facts.rules.length === 0) return undefined;
  const { refusals, rule: at } = refusalsOfComputed({ startMs, endMs, slot }, facts, units, ANYBODY, nowMs);
  const onGrid = takenToo ? gridRuleOf(facts.rules, time) : undefined;
  const found = refusals.length === 0 ? at : onGrid;
  const rule = found === undefined ? undefined : facts.rules[found];
  return rule && { slot, startMs, endMs, view, rule, fit: 0 };
}
