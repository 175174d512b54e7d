import type { Appointment } from 'fhir/r4.js';
import { localReference } from '../fhir/index.js';
import type { InputDeps } from './appointment-inputs.js';
import { bookAppointments } from './book-appointments.js';
import type { BookingAnswer, Bookings, Permission } from './bookings.js';
import { cancelAppointment } from './cancel-appointment.js';
import type { Decide } from './decide.js';
import { holdAppointment } from './hold-appointment.js';
import { askedInside, inside } from './inside.js';
import type { HoldCountDeps } from './hold-count.js';
import {
  refuseStale,
  scheduleIdsOf,
  storedOf,
  withParticipants,
  writeAppointment,
  wrongState,
  type Operation,
  type Outcome,
  type Stored,
} from './operation-write.js';
import { permittedBy } from './permissions.js';
import { rescheduleAppointment } from './reschedule-appointment.js';
import { slotLeft } from './slots-left.js';
import type { RequestContext, SearchEntry } from './types.js';

interface AppointmentOperationDeps extends InputDeps, HoldCountDeps {
  readonly decide: Decide;
}

/** What an operation has decided; the Slots are told besides. */
type Decided = Pick<BookingAnswer, 'appointments' | 'expiresMs'> & { readonly notices?: readonly string[] };

type AppointmentOperations = Pick<Bookings, 'hold' | 'book' | 'confirm' | 'cancel' | 'reschedule'>;

/** The operations on Appointments: docs/operations.md §1.3 to §1.7. */
export function makeAppointmentOperations(deps: AppointmentOperationDeps): AppointmentOperations {
  /** What it answers is kept for whoever asks again, and so the Slots are told as the draft leaves them. */
  async function decided<Request extends Permission>(
    asked: Request,
    caller: RequestContext,
    act: (operation: Operation<AppointmentOperationDeps>, request: Request) => Promise<Decided>,
  ): Promise<BookingAnswer> {
    const [request, context] = [askedInside(asked, caller), inside(caller)];
    const { ifMatch } = request;
    const permitted = permittedBy(context, request);
    return deps.decide(context, async (draft) => {
      const operation = { draft, deps, permitted, context, ...(ifMatch !== undefined && { ifMatch }) };
      const answer = await act(operation, request);
      return { notices: [], ...answer, slots: await slotsOf(operation, answer.appointments) };
    });
  }

  return {
    hold: (asked, context) =>
      decided(asked, context, async (operation, request) => {
        const { appointment, ...rest } = await holdAppointment(operation, request);
        return { ...rest, appointments: [appointment] };
      }),

    book: (asked, context) =>
      decided(asked, context, async (operation, request) => ({
        appointments: await bookAppointments(operation, request),
      })),

    confirm: (id, request, context) =>
      decided(request, context, async (operation) => ({ appointments: [await confirmAppointment(operation, id)] })),

    cancel: (id, asked, context) =>
      decided(asked, context, async (operation, request) => {
        const stored = await askedOf(operation, id);
        return { appointments: [await cancelAppointment(operation, stored, request.reason)] };
      }),

    reschedule: (id, asked, context) =>
      decided(asked, context, async (operation, request) => {
        const stored = await askedOf(operation, id);
        const schedules = await scheduleIdsOf(operation, request.schedules);
        return { appointments: [await rescheduleAppointment(operation, stored, request.start, schedules)] };
      }),
  };
}

/** The stored Appointment that is acted on. @throws {Fault} `not-found`, `gone`, `stale` */
async function askedOf(operation: Operation, id: string): Promise<Stored> {
  const stored = await storedOf(operation, id);
  await refuseStale(operation, { id });
  return stored;
}

/** `$confirm` (operations.md §1.5). @throws {Fault} `conflict` for any other status, and for a time that is taken */
async function confirmAppointment(operation: Operation, id: string): Promise<Outcome> {
  const { exact, appointment } = await askedOf(operation, id);
  const { status } = appointment;
  if (status !== 'pending' && status !== 'proposed') throw wrongState(id, status, 'confirmed');
  return writeAppointment(operation, id, withParticipants({ ...exact, status: 'booked' }, [], 'booked'));
}

/** The Slots that Appointments take or took, stored and computed. */
async function slotsOf(
  { draft, deps, context: { base } }: Operation,
  appointments: readonly Outcome[],
): Promise<readonly SearchEntry[]> {
  const keys = appointments.flatMap(({ text }) => {
    const { slot = [] } = JSON.parse(text) as Appointment;
    return slot.flatMap(({ reference }) => localReference(reference, [base]) ?? []);
  });
  const ids = [...new Set(keys.filter(({ type }) => type === 'Slot').map(({ id }) => id))];
  const slots: SearchEntry[] = [];
  for (const id of ids) {
    const slot = await slotLeft(draft, deps, id, base);
    if (slot) slots.push({ type: 'Slot', id, text: slot.text });
  }
  return slots;
}
