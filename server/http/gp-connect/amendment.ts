import { isDeepStrictEqual } from 'node:util';
import type { Appointment, Extension } from 'fhir/r4.js';
import { fault } from '../../base/fault.js';

type Elements = Readonly<Record<string, unknown>>;

/** What a client may write anew; `meta` and `text` are not content. */
const AMENDABLE = ['description', 'comment', 'meta', 'text'];
/** What a cancellation may change. */
const CANCELLABLE = ['status', 'cancelationReason', 'extension', 'meta', 'text'];

/** The free text of a reason, in GP Connect's extension. */
const REASON = /\/Extension-GPConnect-AppointmentCancellationReason-1$/;

/**
 * What GP Connect lets be done to an appointment: new words for `description` and `comment`, or its cancellation, with
 * a reason; not once it is cancelled, nor once it has begun.
 * https://developer.nhs.uk/apis/gpconnect-1-2-7/appointments_use_case_amend_an_appointment.html and …_cancel_…
 *
 * @param stored as it is
 * @param next what it is to become: valid FHIR, with relative references
 * @throws {Fault} `rule`
 */
export function refuseOddAmendment(stored: Appointment, next: Appointment, nowMs: number): void {
  if (stored.status === 'cancelled') throw odd('status', 'A cancelled appointment cannot be amended.');
  if (stored.start !== undefined && Date.parse(stored.start) <= nowMs) {
    throw odd('start', 'An appointment that has begun cannot be amended.');
  }
  const isCancelled = next.status === 'cancelled';
  const free = isCancelled ? CANCELLABLE : AMENDABLE;
  const before: Elements = { ...stored };
  const after: Elements = { ...next };
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].find((name) => !free.includes(name) && !isDeepStrictEqual(before[name], after[name]));
  if (changed !== undefined) {
    const what = isCancelled ? 'status and the reason of the cancellation' : 'description and comment';
    throw odd(changed, `Only ${what} may change. Read the appointment, and send it back with that changed.`);
  }
  if (!isCancelled) return;
  const [kept, asked] = [stored.extension ?? [], next.extension ?? []].map(withoutReason);
  if (!isDeepStrictEqual(kept, asked)) throw odd('extension', 'Of the extensions only the reason may change.');
  const hasReason = next.cancelationReason !== undefined || (next.extension ?? []).some(isReason);
  if (!hasReason) throw odd('cancelationReason', 'A cancellation needs a reason.');
}

function isReason({ url }: Extension): boolean {
  return REASON.test(url);
}

function withoutReason(extensions: readonly Extension[]): readonly Extension[] {
  return extensions.filter((one) => !isReason(one));
}

function odd(element: string, message: string) {
  return fault('rule', message, `Appointment.${element}`);
}
