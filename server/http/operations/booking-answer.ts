import type { BookingAnswer, SlotAnswer } from '../../booking/index.js';
import type { Answer, Exchange, Text } from '../exchange.js';
import { searchsetText } from '../searchset.js';
import { outcomeSentence, preferredAnswer, versionHead } from '../version-answers.js';
import type { AnswerForm } from './appointment-inputs.js';
import type { OperationInput } from './operation-input.js';

/**
 * The answer of an operation on Appointments: 201 where one was created, else 200. What was done to one Appointment
 * has its version in the headers, and is told as `Prefer` asks; several are always told whole, as nothing else names
 * them.
 *
 * @param path of the operation, after the base
 */
export function bookingAnswer(answer: BookingAnswer, form: AnswerForm, input: OperationInput, path: string): Answer {
  const { context, presentation } = input.exchange;
  const { appointments, expiresMs } = answer;
  const only = appointments.length === 1 ? appointments[0] : undefined;
  const created = appointments.some(({ outcome }) => outcome === 'created');
  const place = only && created && `${context.base}/Appointment/${only.id}/_history/${only.versionId}`;
  const { headers: own, ...head } = only ? versionHead(only) : {};
  const headers = {
    ...own,
    ...(typeof place === 'string' && { Location: place }),
    ...expiresHeader(expiresMs),
  };
  const found = {
    total: appointments.length,
    self: [],
    matches: appointments,
    included: [],
    remarks: [...answer.notices, ...input.notices],
  };
  const whole = { ...head, status: created ? 201 : 200, headers, text: answerText() };
  return only ? preferredAnswer(whole, [outcomeSentence(only), ...found.remarks], input.exchange) : whole;

  function answerText(): Text {
    if (form === 'bare' && only) return only.text;
    if (form === 'transaction-response') return transactionResponse(answer);
    return searchsetText(found, context.base, path, presentation.params);
  }
}

/** Medplum's form: the Appointments, then their Slots. https://hl7.org/fhir/R4/bundle.html#transaction-response */
export function transactionResponse({ appointments, slots }: Pick<BookingAnswer, 'appointments' | 'slots'>): string {
  const entries = [
    ...appointments.map(({ text, outcome }) => entryText(outcome === 'created' ? '201' : '200', text)),
    ...slots.map(({ text }) => entryText('200', text)),
  ];
  return `{"resourceType":"Bundle","type":"transaction-response","entry":[${entries.join(',')}]}`;
}

/** The answer of an operation on a Slot: the Slot, as `Prefer` asks. */
export function slotAnswer({ slot, expiresMs }: SlotAnswer, exchange: Exchange): Answer {
  const { headers: own, ...head } = versionHead(slot);
  const headers = { ...own, ...expiresHeader(expiresMs) };
  const said = outcomeSentence({ ...slot, outcome: 'updated' });
  return preferredAnswer({ ...head, status: 200, headers, text: slot.text }, [said], exchange);
}

function entryText(status: string, resource: string): string {
  return `{"response":{"status":"${status}"},"resource":${resource}}`;
}

/** When a hold or lock ends, as an IMF-fixdate: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 */
function expiresHeader(expiresMs: number | undefined): Record<string, string> {
  return expiresMs === undefined ? {} : { Expires: new Date(expiresMs).toUTCString() };
}
