/** Requests of operations and what they are looked into for, written the short way. */
import type { Appointment, FhirResource, Parameters, ParametersParameter, Slot } from 'fhir/r4.js';
import { hours, minutes, part, rule, scheduleWith } from '../booking/rule-builder.js';
import { bodyOf, type AnswerBody, type TestServer } from './server.js';

/** Names and values of parameters, in their order. */
export function parameters(...list: readonly (readonly [string, Omit<ParametersParameter, 'name'>])[]): Parameters {
  return { resourceType: 'Parameters', parameter: list.map(([name, value]) => ({ name, ...value })) };
}

export const text = (name: string, valueString: string) => [name, { valueString }] as const;
export const uri = (name: string, valueUri: string) => [name, { valueUri }] as const;
export const time = (name: string, valueDateTime: string) => [name, { valueDateTime }] as const;
export const to = (name: string, reference: string) => [name, { valueReference: { reference } }] as const;
export const whole = (name: string, resource: FhirResource) => [name, { resource }] as const;

export interface OperationAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnswerBody;
  readonly text: string;
  /** The Appointment of the answer, whatever is around it. */
  readonly appointment: Appointment;
  readonly id: string;
}

/** What a server is asked to do, and how it stands. */
export function operationsOf(server: () => TestServer) {
  const answered = (answer: { status: number; headers: unknown; body: unknown; text: string }): OperationAnswer => {
    const appointment = appointmentIn(answer.body);
    const headers = answer.headers as Record<string, string>;
    return {
      ...{ status: answer.status, headers, body: bodyOf(answer), text: answer.text },
      ...{ appointment: appointment as Appointment, id: appointment?.id ?? '' },
    };
  };
  return {
    post: async (path: string, body: object | undefined, headers: Record<string, string> = {}) =>
      answered(await server().http.post(`/${path}`).set(headers).send(body)),
    patch: async (path: string, operations: readonly object[], headers: Record<string, string> = {}) => {
      const sent = server()
        .http.patch(`/${path}`)
        .set({ 'Content-Type': 'application/json-patch+json', ...headers });
      return answered(await sent.send(JSON.stringify(operations)));
    },
    get: async (path: string) => answered(await server().http.get(`/${path}`)),
    /** Every document of the store, with its history. */
    everything: async () => {
      const texts: string[] = [];
      let place: string | undefined;
      do {
        const page = await server().store.scan(place, 1_000);
        texts.push(...page.versions.map((version) => JSON.stringify(version)));
        place = page.next;
      } while (place !== undefined);
      return texts.sort();
    },
  };
}

function appointmentIn(body: unknown): Appointment | undefined {
  const {
    resourceType,
    entry = [],
    parameter = [],
  } = body as {
    resourceType?: string;
    entry?: readonly { resource?: FhirResource }[];
    parameter?: readonly { resource?: FhirResource }[];
  };
  if (resourceType === 'Appointment') return body as Appointment;
  for (const { resource } of [...entry, ...parameter]) {
    const found = resource && appointmentIn(resource);
    if (found) return found;
  }
  return undefined;
}

/** dr-adams of docs/operations.md §3: in New York, 30 minutes, 09:00 to 12:00 local time, with buffers if asked. */
export const PRACTITIONER: FhirResource = {
  resourceType: 'Practitioner',
  id: 'adams',
  identifier: [{ system: 'http://npi', value: '1111111112' }],
};
export const PATIENTS: FhirResource[] = ['q1', 'q2'].map((id) => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: 'http://mrn', value: id }],
}));
export const ADAMS = scheduleWith(
  [rule(part('timezone', { valueCode: 'America/New_York' }), hours('09:00', '12:00'), minutes('duration', 30))],
  { id: 'dr-adams', actor: [{ reference: 'Practitioner/adams' }] },
);
export const EXAMPLE_NOW = '2027-03-15T11:55:00Z';

/** A stored Slot of a room, at 13:00Z on the day of the examples unless another time is told. */
export function storedSlot(id: string, start = '13:00', end = '13:30', parts: Partial<Slot> = {}): Slot {
  return {
    resourceType: 'Slot',
    id,
    schedule: { reference: 'Schedule/room' },
    status: 'free',
    start: `2027-03-15T${start}:00Z`,
    end: `2027-03-15T${end}:00Z`,
    ...parts,
  };
}

/** A resource that asks for a time of 2027-03-15, in UTC; q1 comes. */
export function asking(slot: string | undefined, start: string, end: string, parts: Partial<Appointment> = {}) {
  return {
    resourceType: 'Appointment' as const,
    status: 'proposed' as const,
    ...(slot !== undefined && { slot: [{ reference: `Slot/${slot}` }] }),
    start: `2027-03-15T${start}:00Z`,
    end: `2027-03-15T${end}:00Z`,
    participant: [{ actor: { reference: 'Patient/q1' }, status: 'needs-action' as const }],
    ...parts,
  };
}
