import { isDeepStrictEqual } from 'node:util';
import type { Appointment } from 'fhir/r4.js';
import { Fault, fault, type Reason } from '../base/fault.js';
import { isAppointmentStatus, occupies, statusChange } from '../claims/index.js';
import { wholeTime } from './appointment-targets.js';

/** What cancelling may change. GP Connect keeps the reason in an extension; a narrative tells the status. */
const CHANGED_BY_CANCELLING = ['status', 'cancelationReason', 'extension', 'meta', 'text'] as const;
/** Lists that the server may have added to: a client that never read what it added leaves it out. */
const WRITTEN_BY_US: readonly string[] = ['slot', 'supportingInformation', 'requestedPeriod'];

/**
 * Judges a change of status by the closed table of design §4. A status that FHIR does not have is let through: the
 * check of the body refuses it.
 *
 * @param to as it was sent, perhaps no status at all
 * @throws {Fault} `rule` for a change that the table lacks
 */
export function refuseStatusChange(from: Appointment['status'], to: unknown): void {
  if (!isAppointmentStatus(to) || statusChange(from, to) !== 'refused') return;
  throw fault('rule', `An Appointment that is ${from} cannot become ${to}.`, 'Appointment.status');
}

/**
 * Whoever cancels changes nothing besides, so that no cancellation hides another change: case X05, as GP Connect has
 * it (docs/scheduling-cases.md).
 *
 * @throws {Fault} `rule`, one reason for each element that differs
 */
export function refuseChangesByCancelling(before: Appointment, after: Appointment): void {
  if (after.status !== 'cancelled' || before.status === 'cancelled') return;
  const [was, is] = [keptByCancelling(before), keptByCancelling(after)];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const changed = names.filter((name) => {
    const isLeftOut = WRITTEN_BY_US.includes(name) && isPartOf(is[name] ?? [], was[name]);
    return !isLeftOut && !isDeepStrictEqual(was[name], is[name]);
  });
  if (changed.length > 0) throw new Fault(changed.map(changedReason));
}

/** Whether all of a list stands in another one too. */
function isPartOf(list: unknown, whole: unknown): boolean {
  if (!Array.isArray(list) || !Array.isArray(whole)) return false;
  return list.every((one) => whole.some((other) => isDeepStrictEqual(one, other)));
}

/** Times count as instants, however they are written, and participants without what they answered. */
function keptByCancelling(appointment: Appointment): Readonly<Record<string, unknown>> {
  const participant = appointment.participant.map((one) => ({ ...one, status: undefined }));
  const time = wholeTime(appointment);
  const compared = { ...appointment, participant, ...(time && { start: time.startMs, end: time.endMs }) };
  const isChanged = (name: string) => (CHANGED_BY_CANCELLING as readonly string[]).includes(name);
  return Object.fromEntries(Object.entries(compared).filter(([name]) => !isChanged(name)));
}

/**
 * What occupies time goes on doing so: nothing would tell that a time is given away by a change that names none. It is
 * cancelled to that end.
 *
 * @param status of the new version
 * @param hadCount times that the old version has
 * @param hasCount times that the new one names
 * @throws {Fault} `rule`
 */
export function refuseLosingTime(status: Appointment['status'], hadCount: number, hasCount: number): void {
  if (hadCount === 0 || hasCount > 0 || !occupies(status)) return;
  const keeps = `An Appointment that is ${status} keeps a time`;
  const message = `${keeps}: name a Slot, or start and end with a Schedule or with a participant who has one.`;
  throw fault('rule', message, 'Appointment.slot');
}

function changedReason(name: string): Reason {
  const message = `Cancelling does not change ${name}; send that change by itself.`;
  return { kind: 'rule', expression: `Appointment.${name}`, message };
}
