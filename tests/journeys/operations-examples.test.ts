/** The worked examples of docs/operations.md §3, on each store: four ecosystems, in their own words. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment } from 'fhir/r4.js';
import { wordsFor } from './booking-words.js';
import { ADAMS, asking, EXAMPLE_NOW, operationsOf, parameters, PATIENTS, PRACTITIONER } from './operation-words.js';
import { time, to, uri, whole } from './operation-words.js';
import { journeyStores, matchesOf, startServer, type TestServer } from './server.js';

const HOLD_UNTIL = 'https://fhir-slots.dev/fhir/StructureDefinition/hold-until';
const REPLACES = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.replaces';
const VISIT = {
  resourceType: 'HealthcareService' as const,
  id: 'visit',
  type: [{ coding: [{ system: 'http://visits', code: 'visit' }] }],
};

describe.each(journeyStores)('worked examples on $name', (store) => {
  let server: TestServer;
  const { post, patch, get } = operationsOf(() => server);
  const { expectSound } = wordsFor(() => server);
  /** Ids of the computed Slots of that morning, by their place in it: 0 is 13:00Z. */
  let ids: readonly string[];

  beforeEach(async () => {
    server = await startServer(store, EXAMPLE_NOW);
    await server.put(PRACTITIONER, ...PATIENTS, VISIT, ADAMS);
    const found = await server.get('/Slot?schedule=dr-adams&start=2027-03-15&end=2027-03-15');
    ids = matchesOf(found).map(({ id }) => id ?? '');
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });
  const slotAt = (place: number) => ids[place] ?? '';

  test('IHE: find, hold, book', async () => {
    const found = await post(
      'Appointment/$find?_count=1',
      parameters(time('start', '2027-03-15T13:00:00Z'), time('end', '2027-03-15T16:00:00Z'), [
        'practitioner',
        { valueReference: { identifier: { system: 'http://npi', value: '1111111112' } } },
      ]),
    );
    expect(found.status).toBe(200);
    expect(found.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 6 });
    expect(found.body.entry?.[0]).toMatchObject({
      fullUrl: `http://127.0.0.1:8080/Appointment/${slotAt(0)}`,
      resource: {
        id: slotAt(0),
        status: 'proposed',
        start: '2027-03-15T09:00:00-04:00',
        end: '2027-03-15T09:30:00-04:00',
        slot: [{ reference: `Slot/${slotAt(0)}` }],
        requestedPeriod: [{ start: '2027-03-15T13:00:00Z', end: '2027-03-15T16:00:00Z' }],
        participant: [{ actor: { reference: 'Practitioner/adams' }, status: 'needs-action' }],
      },
      search: { mode: 'match' },
    });

    const asked = parameters(
      to('appointment-reference', `Appointment/${slotAt(0)}`),
      to('patient-reference', 'Patient/q1'),
    );
    const held = await post('Appointment/$hold', asked);
    expect([held.status, held.headers['expires']]).toEqual([201, 'Mon, 15 Mar 2027 12:00:00 GMT']);
    expect(held.headers['location']).toBe(`http://127.0.0.1:8080/Appointment/${held.id}/_history/1`);
    expect(held.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 1 });
    expect(held.body.entry?.[0]?.search).toEqual({ mode: 'match' });
    expect(held.appointment).toMatchObject({
      status: 'pending',
      slot: [{ reference: `Slot/${slotAt(0)}` }],
      extension: [{ url: HOLD_UNTIL, valueInstant: '2027-03-15T12:00:00.000Z' }],
      participant: [
        { actor: { reference: 'Practitioner/adams' }, status: 'tentative' },
        { actor: { reference: 'Patient/q1' }, status: 'tentative' },
      ],
    });

    const again = await post('Appointment/$hold', asked);
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'conflict' }] });
    expect(again.text).toContain(`Slot/${slotAt(0)}`);

    const booked = await post(
      'Appointment/$book',
      parameters(to('appointment-reference', `Appointment/${held.id}`), to('patient-reference', 'Patient/q1')),
    );
    expect([booked.status, booked.id, booked.appointment.status]).toEqual([200, held.id, 'booked']);
    expect(booked.body).toMatchObject({ type: 'searchset', total: 1 });
    expect(booked.appointment.participant.map(({ status }) => status)).toEqual(['accepted', 'accepted']);
    expect(booked.appointment.extension).toBeUndefined();
    expect((await get(`Slot/${slotAt(0)}`)).body.status).toBe('busy');
  });

  test('Argonaut: book, cancel', async () => {
    const booked = await post(
      `Appointment/${slotAt(1)}/$book`,
      parameters(uri('appt-id', `Appointment/${slotAt(1)}`), uri('patient-id', 'Patient/q1')),
    );
    expect([booked.status, booked.body.total]).toEqual([201, 1]);
    expect(booked.appointment).toMatchObject({
      status: 'booked',
      requestedPeriod: [{ start: '2027-03-15T09:30:00-04:00', end: '2027-03-15T10:00:00-04:00' }],
    });
    const patched = await patch(`Appointment/${booked.id}`, [{ op: 'replace', path: '/status', value: 'cancelled' }]);
    expect([patched.status, patched.body.status]).toEqual([200, 'cancelled']);
    expect((await get(`Slot/${slotAt(1)}`)).body.status).toBe('free');
  });

  test('ISiK: book, move', async () => {
    const booked = await post('Appointment/$book', asking(slotAt(2), '14:00', '14:30'));
    expect([booked.status, booked.body.resourceType, booked.body.status]).toEqual([201, 'Appointment', 'booked']);
    const move = (start: string, end: string) =>
      post(
        'Appointment/$book',
        parameters(
          whole('appt-resource', asking(undefined, start, end)),
          uri('cancelled-appt-id', `Appointment/${booked.id}`),
          to('schedule', 'Schedule/dr-adams'),
        ),
      );
    await post('Appointment/$book', asking(slotAt(3), '14:30', '15:00'));
    expect((await move('14:30', '15:00')).status).toBe(409);
    expect((await get(`Appointment/${booked.id}`)).body.status).toBe('booked');

    const moved = await move('15:00', '15:30');
    expect([moved.status, moved.body.total]).toEqual([201, 1]);
    expect(moved.appointment).toMatchObject({
      status: 'booked',
      slot: [{ reference: `Slot/${slotAt(4)}` }],
      extension: [{ url: REPLACES, valueReference: { reference: `Appointment/${booked.id}` } }],
    });
    expect((await get(`Appointment/${booked.id}`)).body.status).toBe('cancelled');
    expect((await get(`Slot/${slotAt(2)}`)).body.status).toBe('free');
  });

  test('Medplum: find, hold', async () => {
    await server.put({ ...ADAMS, serviceType: VISIT.type });
    const query = 'start=2027-03-15T13:00:00Z&end=2027-03-15T16:00:00Z&schedule=Schedule/dr-adams';
    const found = await get(`Appointment/$find?${query}&service-type-reference=HealthcareService/visit`);
    expect(found.status).toBe(200);
    const proposed = (matchesOf({ body: found.body })[1] ?? {}) as Appointment;
    const expected: Appointment = {
      ...{ resourceType: 'Appointment', id: slotAt(1), status: 'proposed' },
      ...{ start: '2027-03-15T09:30:00-04:00', end: '2027-03-15T10:00:00-04:00' },
      participant: [{ actor: { reference: 'Practitioner/adams' }, status: 'needs-action' }],
      contained: [
        {
          ...{ resourceType: 'Slot', status: 'busy', schedule: { reference: 'Schedule/dr-adams' } },
          ...{ start: '2027-03-15T09:30:00-04:00', end: '2027-03-15T10:00:00-04:00' },
        },
      ],
    };
    expect(proposed).toMatchObject({ ...expected });

    const held = await post('Appointment/$hold', parameters(whole('appointment', proposed)));
    expect(held.status).toBe(201);
    expect(held.body).toMatchObject({
      resourceType: 'Bundle',
      type: 'transaction-response',
      entry: [
        {
          response: { status: '201' },
          resource: {
            ...{ id: held.id, status: 'pending', slot: [{ reference: `Slot/${slotAt(1)}` }] },
            participant: [{ actor: { reference: 'Practitioner/adams' }, status: 'tentative' }],
          },
        },
        {
          response: { status: '200' },
          resource: {
            resourceType: 'Slot',
            id: slotAt(1),
            status: 'busy-tentative',
            start: '2027-03-15T09:30:00-04:00',
          },
        },
      ],
    });
  });

  test('Medplum: confirm, reschedule, cancel', async () => {
    const held = await post(
      'Appointment/$hold',
      parameters(
        whole(
          'appointment',
          asking(slotAt(1), '13:30', '14:00', {
            participant: [{ actor: { reference: 'Practitioner/adams' }, status: 'needs-action' }],
          }),
        ),
      ),
    );
    const confirmed = await post(`Appointment/${held.id}/$confirm`, undefined);
    expect([confirmed.status, confirmed.id, confirmed.appointment.status]).toEqual([200, held.id, 'booked']);
    expect(confirmed.body.entry?.[1]?.resource).toMatchObject({ id: slotAt(1), status: 'busy' });

    const moved = await post(
      `Appointment/${held.id}/$reschedule`,
      parameters(time('start', '2027-03-15T14:00:00Z'), to('schedule', 'Schedule/dr-adams')),
    );
    expect([moved.status, moved.id]).toEqual([200, held.id]);
    expect(moved.body).toMatchObject({
      type: 'transaction-response',
      entry: [
        { resource: { start: '2027-03-15T10:00:00-04:00', end: '2027-03-15T10:30:00-04:00', status: 'booked' } },
        { resource: { resourceType: 'Slot', id: slotAt(2), status: 'busy' } },
      ],
    });
    expect((await get(`Slot/${slotAt(1)}`)).body.status).toBe('free');

    const cancelled = await post(
      'Appointment/$cancel',
      parameters(to('appointment-reference', `Appointment/${held.id}`)),
    );
    expect(cancelled.status).toBe(200);
    expect(cancelled.body).toMatchObject({
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'return',
          resource: {
            type: 'transaction-response',
            entry: [
              {
                response: { status: '200' },
                resource: {
                  ...{ id: held.id, status: 'cancelled', slot: [{ reference: `Slot/${slotAt(2)}` }] },
                  participant: [{ actor: { reference: 'Practitioner/adams' }, status: 'accepted' }],
                },
              },
            ],
          },
        },
      ],
    });
    expect((await get(`Slot/${slotAt(2)}`)).body.status).toBe('free');
  });
});
