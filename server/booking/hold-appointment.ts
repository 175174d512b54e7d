import type { Appointment } from 'fhir/r4.js';
import { MS_PER_MINUTE } from '../base/clock.js';
import { fault } from '../base/fault.js';
import { findInput, patientsOf, type InputDeps } from './appointment-inputs.js';
import type { HoldRequest } from './bookings.js';
import { countHold, type HoldCountDeps } from './hold-count.js';
import { mergedWith } from './merge-appointment.js';
import {
  refuseStale,
  scheduleIdsOf,
  storedOf,
  withParticipants,
  withPeriod,
  withTimes,
  writeAppointment,
  wrongState,
  type Operation,
  type Outcome,
} from './operation-write.js';
import { holdUntilOf } from './stage-appointment.js';
import type { BookingSettings } from './types.js';

const MS_PER_SECOND = 1_000;

/** What came of holding a time. */
interface Held {
  readonly appointment: Outcome;
  readonly expiresMs: number;
  readonly notices: readonly string[];
}

/**
 * `$hold`: a new Appointment that is pending until then, or a held one until another time (operations.md §1.3).
 *
 * @throws {Fault} `invalid` for an end in the past, `stale`, `too-many`, and all that a booking is refused for
 */
export async function holdAppointment(
  operation: Operation<InputDeps & HoldCountDeps>,
  request: HoldRequest,
): Promise<Held> {
  const { draft, deps, context } = operation;
  const { untilMs, notices } = holdEnd(deps.settings, deps.clock.nowMs(), request.untilMs);
  await refuseStale(operation, request.appointment);
  const found = await findInput(draft, deps, request.appointment, context.base);
  const stored = found.stored && (await storedOf(operation, found.stored.document.id));
  if (stored) refuseUnheld(stored.appointment, stored.id);
  const id = stored?.id ?? deps.newId();
  const named = await scheduleIdsOf(operation, request.schedules);
  const { exact, schedules } = await mergedWith(operation, stored, found.sent, named);
  const patients = await patientsOf(draft, deps, request.patients, [], context);
  const timed = withPeriod(await withTimes(operation, exact));
  const whole = withParticipants({ ...timed, status: 'pending' }, patients, 'held');
  const asked = { schedules, holdUntilMs: untilMs, timeRequired: true };
  const appointment = await writeAppointment(operation, id, whole, asked);
  await countHold(draft, deps, context, { by: `Appointment/${id}`, untilMs });
  return { appointment, expiresMs: untilMs, notices };
}

/** In whole seconds, as the header that tells it; longer than allowed is cut. @throws {Fault} `invalid` for the past */
function holdEnd({ holdMinutesDefault, holdMinutesMax }: BookingSettings, nowMs: number, asked: number | undefined) {
  if (asked !== undefined && asked <= nowMs) throw fault('invalid', 'The end of the hold is past.', 'until');
  const latestMs = nowMs + holdMinutesMax * MS_PER_MINUTE;
  const isCut = asked !== undefined && asked > latestMs;
  const untilMs = Math.min(asked ?? nowMs + holdMinutesDefault * MS_PER_MINUTE, latestMs);
  return {
    untilMs: Math.ceil(untilMs / MS_PER_SECOND) * MS_PER_SECOND,
    notices: isCut ? [`A hold lasts at most ${holdMinutesMax} minutes: see Expires.`] : [],
  };
}

/** Held again is what is held; what was proposed may be held. @throws {Fault} `conflict` for all else */
function refuseUnheld(appointment: Appointment, id: string): void {
  const isHeld = appointment.status === 'pending' && holdUntilOf(appointment) !== undefined;
  if (isHeld || appointment.status === 'proposed') return;
  throw wrongState(id, appointment.status, 'held');
}
