import type { OperationOutcomeIssue } from 'fhir/r4.js';
import type { Bookings, Conflict } from '../../booking/index.js';
import { timeOf, type Parameter } from '../../fhir/index.js';
import type { Handler } from '../exchange.js';
import { searchsetText } from '../searchset.js';
import { optional, readInput } from './operation-input.js';
import { plannedChange } from './planned-change.js';

/**
 * `GET [base]/Schedule/[id]/$conflicts` and `POST [base]/Schedule/[id]/$conflicts`:
 * https://hl7.org/fhir/R4/operations.html#executing (docs/operations.md §1.9)
 *
 * 200 a searchset of the Appointments that collide with the Schedule as it is, or as it is planned · 400 · 404
 */
export function conflicts(bookings: Pick<Bookings, 'conflicts'>): Handler {
  return async (exchange) => {
    const input = readInput(exchange, 'Schedule-conflicts');
    const { path, context, presentation } = exchange;
    const day = (parameter: Parameter) => timeOf(parameter, true);
    const request = {
      ...optional(input, 'resource', 'planned', (parameter) => plannedChange(parameter, path.id, context.base)),
      ...optional(input, 'start', 'start', day),
      ...optional(input, 'end', 'end', day),
    };
    const found = await bookings.conflicts(path.id, request, context);
    const appointments = [...new Map(found.map(({ appointment }) => [appointment.id, appointment])).values()];
    const answer = {
      total: appointments.length,
      self: exchange.params.filter(([name]) => name === 'start' || name === 'end'),
      matches: appointments,
      included: [],
      remarks: [...found.map(issueOf), ...input.notices],
    };
    const place = `Schedule/${path.id}/$conflicts`;
    return { status: 200, text: searchsetText(answer, context.base, place, presentation.params) };
  };
}

function issueOf({ appointment, diagnostics }: Conflict): OperationOutcomeIssue {
  const text = `Appointment/${appointment.id} collides with ${diagnostics}.`;
  return { severity: 'information', code: 'business-rule', details: { text }, diagnostics };
}
