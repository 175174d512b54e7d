import type { FhirResource } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import { localReference } from '../fhir/index.js';
import type { DocumentKey } from '../store/index.js';
import type { Draft } from './draft.js';
import { refuse } from './refusal-reasons.js';
import { schedulesOfRole } from './role-schedules.js';
import { restageSlots, type SlotStateDeps } from './slot-states.js';
import { DAYS_MOVED_MAX, plannedMove, stageMove, type ScheduleMove, type StageScheduleDeps } from './stage-schedule.js';
import { UnitBook } from './unit-book.js';

/** A PractitionerRole before and after a write; undefined: it is not there. */
export interface RoleChange {
  readonly id: string;
  readonly base: string;
  readonly before: FhirResource | undefined;
  readonly after: FhirResource | undefined;
}

/**
 * Stages what the write of a PractitionerRole means for time: where it leads to another Practitioner than before, the
 * Schedules of which it is an actor go along, as if each were written anew.
 *
 * @throws {Fault} `conflict` where somebody has booked, held or locked time of them that is still to come; `too-costly`
 *   beyond `SCHEDULES_OF_ROLE_MAX`, or beyond `DAYS_MOVED_MAX` days on which something of them lies
 */
export async function stageRole(
  draft: Draft,
  deps: StageScheduleDeps & SlotStateDeps,
  { id, base, before, after }: RoleChange,
  nowMs: number,
): Promise<void> {
  if (practitionerOf(before, base) === practitionerOf(after, base)) return;
  const role: DocumentKey = { type: 'PractitionerRole', id };
  const moves = await plannedMoves(draft, deps, { role, base, after }, nowMs);
  // Nothing is refused from here on: a load goes on with the same draft after a refusal.
  const timelines: string[] = [];
  for (const move of moves) timelines.push(...(await stageMove(draft, move, nowMs)));
  await restageSlots(draft, deps, UnitBook.of(draft, nowMs), timelines, base);
}

function practitionerOf(role: FhirResource | undefined, base: string): string | undefined {
  if (role?.resourceType !== 'PractitionerRole') return undefined;
  const key = localReference(role.practitioner?.reference, [base]);
  return key && `${key.type}/${key.id}`;
}

async function plannedMoves(
  draft: Draft,
  deps: StageScheduleDeps,
  { role, base, after }: { readonly role: DocumentKey } & Pick<RoleChange, 'base' | 'after'>,
  nowMs: number,
): Promise<readonly ScheduleMove[]> {
  const moves: ScheduleMove[] = [];
  for (const { id, schedule } of await schedulesOfRole(draft, deps.store, role, base)) {
    const written = { key: role, resource: after };
    const move = await plannedMove(draft, deps, { id, base, resource: schedule, written }, nowMs);
    if (move) moves.push(move);
    refuseMany(moves, role);
  }
  refuse(
    moves
      .filter(({ isBooked }) => isBooked)
      .map(({ id }) => ({
        kind: 'conflict',
        expression: 'PractitionerRole.practitioner',
        message: `Schedule/${id} of this role has bookings, holds or locks to come: it stays whose it is until then.`,
      })),
  );
  return moves;
}

function refuseMany(moves: readonly ScheduleMove[], { id }: DocumentKey): void {
  const dayCount = moves.reduce((sum, move) => sum + move.lying.dayCount, 0);
  if (dayCount <= DAYS_MOVED_MAX) return;
  throw fault(
    'too-costly',
    `Something of the Schedules of PractitionerRole/${id} lies on more than ${DAYS_MOVED_MAX} days.`,
  );
}
