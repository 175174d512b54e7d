/** The exchanges of docs/operations.md §3, as each ecosystem sends them; the service behind is a fake. */
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { LAST_MODIFIED } from '../fake-services.js';
import { appointment, CONTEXT, EXPIRES_MS, parameters, SLOT, startWith } from './fake-bookings.js';

const MEDPLUM_PROPOSAL = {
  resourceType: 'Appointment',
  id: 'k3f9-hwtyi-u',
  status: 'proposed',
  start: '2027-03-15T09:30:00-04:00',
  end: '2027-03-15T10:00:00-04:00',
  contained: [
    {
      resourceType: 'Slot',
      id: 's1',
      status: 'busy',
      schedule: { reference: 'Schedule/dr-adams' },
      start: '2027-03-15T09:30:00-04:00',
      end: '2027-03-15T10:00:00-04:00',
    },
  ],
  slot: [{ reference: '#s1' }],
  serviceType: [
    {
      extension: [
        {
          url: 'https://medplum.com/fhir/service-type-reference',
          valueReference: { reference: 'HealthcareService/visit' },
        },
      ],
    },
  ],
  participant: [{ actor: { reference: 'Practitioner/adams' }, status: 'needs-action' }],
};

const ISIK_APPOINTMENT = {
  resourceType: 'Appointment',
  status: 'proposed',
  start: '2027-03-15T14:00:00Z',
  end: '2027-03-15T14:30:00Z',
  slot: [{ reference: 'Slot/k3f9-hwtzc-u' }],
  participant: [{ actor: { reference: 'Patient/q1', display: 'Q. One' }, status: 'accepted' }],
};

describe('IHE', () => {
  test('$find: a searchset of proposals, with the links of the service made absolute', async () => {
    const { server, calls } = startWith();
    const sent = parameters(
      ['start', { valueDateTime: '2027-03-15T13:00:00Z' }],
      ['end', { valueDateTime: '2027-03-15T16:00:00Z' }],
      ['practitioner', { valueReference: { identifier: { system: 'http://npi', value: '1111111112' } } }],
    );
    const { status, text } = await request(server).post('/Appointment/$find?_count=1').send(sent);
    expect([status, JSON.parse(text)]).toEqual([
      200,
      {
        resourceType: 'Bundle',
        type: 'searchset',
        total: 6,
        link: [
          { relation: 'self', url: 'http://x/Appointment/$find?_count=1' },
          { relation: 'next', url: 'http://x/Appointment/$find?_count=1&_cursor=b1' },
        ],
        entry: [
          {
            fullUrl: 'http://x/Appointment/k3f9-hwtxo-u',
            resource: { resourceType: 'Appointment', id: 'k3f9-hwtxo-u', status: 'proposed', participant: [] },
            search: { mode: 'match' },
          },
        ],
      },
    ]);
    expect(calls).toEqual([
      [
        'find',
        {
          start: '2027-03-15T13:00:00Z',
          end: '2027-03-15T16:00:00Z',
          practitioners: [{ identifier: { system: 'http://npi', value: '1111111112' } }],
          locations: [],
          locationTexts: [],
          organizations: [],
          specialties: [],
          visitTypes: [],
          patients: [],
          newPatientCount: 0,
          reasons: [],
          schedules: [],
          containedSlots: false,
          count: 1,
        },
        CONTEXT,
      ],
    ]);
  });

  test('$hold of a proposal: 201, a searchset of one, its place and its end in the headers', async () => {
    const { server, calls } = startWith({ appointments: [appointment('a1', 'created', 'pending')] });
    const sent = parameters(
      ['appointment-reference', { valueReference: { reference: 'Appointment/k3f9-hwtxo-u' } }],
      ['patient-reference', { valueReference: { reference: 'Patient/q1' } }],
    );
    const { status, text, headers } = await request(server).post('/Appointment/$hold').send(sent);
    expect([status, JSON.parse(text)]).toMatchObject([
      201,
      {
        type: 'searchset',
        total: 1,
        entry: [{ fullUrl: 'http://x/Appointment/a1', resource: { status: 'pending' }, search: { mode: 'match' } }],
      },
    ]);
    expect(headers).toMatchObject({
      expires: 'Mon, 15 Mar 2027 12:00:00 GMT',
      location: 'http://x/Appointment/a1/_history/2',
      etag: 'W/"2"',
      'last-modified': LAST_MODIFIED,
    });
    const asked = { appointment: { id: 'k3f9-hwtxo-u' }, schedules: [], patients: [{ reference: 'Patient/q1' }] };
    expect(calls).toEqual([['hold', asked, CONTEXT]]);
  });

  test('$book of the held Appointment: 200, nowhere new, no end', async () => {
    const { server } = startWith({ appointments: [appointment('a1', 'updated')] });
    const sent = parameters(['appointment-reference', { valueReference: { reference: 'Appointment/a1' } }]);
    const { status, text, headers } = await request(server).post('/Appointment/$book').send(sent);
    expect([status, JSON.parse(text)]).toMatchObject([200, { type: 'searchset', total: 1 }]);
    expect([headers['etag'], headers['location'], headers['expires']]).toEqual(['W/"2"', undefined, undefined]);
  });

  test('a time that is taken: a bare OperationOutcome', async () => {
    const sent = parameters(['appointment-reference', { valueReference: { reference: 'Appointment/taken' } }]);
    const { status, text } = await request(startWith().server).post('/Appointment/$hold').send(sent);
    expect([status, JSON.parse(text)]).toMatchObject([
      409,
      {
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'error', code: 'conflict', diagnostics: 'Slot/k3f9-hwtxo-u is busy' }],
      },
    ]);
  });
});

test('Argonaut: $book at the proposal, named again in Parameters, gets a searchset', async () => {
  const { server, calls } = startWith({ appointments: [appointment('a2')] });
  const sent = parameters(
    ['appt-id', { valueUri: 'Appointment/k3f9-hwtyi-u' }],
    ['patient-id', { valueUri: 'Patient/q1' }],
  );
  const { status, text } = await request(server).post('/Appointment/k3f9-hwtyi-u/$book').send(sent);
  expect([status, JSON.parse(text)]).toMatchObject([201, { type: 'searchset', entry: [{ resource: { id: 'a2' } }] }]);
  expect(calls).toMatchObject([
    [
      'book',
      { appointments: [{ id: 'k3f9-hwtyi-u' }], patients: [{ reference: 'Patient/q1' }], patientRequired: false },
      CONTEXT,
    ],
  ]);
});

describe('ISiK', () => {
  test('$book of a bare Appointment gets a bare Appointment', async () => {
    const { server, calls } = startWith({ appointments: [appointment('a3')] });
    const { status, text, headers } = await request(server).post('/Appointment/$book').send(ISIK_APPOINTMENT);
    expect([status, JSON.parse(text)]).toEqual([201, { resourceType: 'Appointment', id: 'a3', status: 'booked' }]);
    expect(headers['location']).toBe('http://x/Appointment/a3/_history/2');
    expect(calls).toMatchObject([
      ['book', { appointments: [{ resource: ISIK_APPOINTMENT }], patientRequired: true }, CONTEXT],
    ]);
  });

  test('$book of another time in place of the old one', async () => {
    const { server, calls } = startWith({ appointments: [appointment('a4')] });
    const { slot, ...withoutSlot } = ISIK_APPOINTMENT;
    const sent = parameters(
      ['appt-resource', { resource: withoutSlot }],
      ['cancelled-appt-id', { valueUri: 'Appointment/a3' }],
      ['schedule', { valueReference: { reference: 'Schedule/dr-adams' } }],
    );
    const { status, text } = await request(server).post('/Appointment/$book').send(sent);
    expect([status, JSON.parse(text)]).toMatchObject([201, { type: 'searchset', total: 1 }]);
    const asked = {
      appointments: [{ resource: withoutSlot }],
      cancelledAppointment: { reference: 'Appointment/a3' },
      schedules: [{ reference: 'Schedule/dr-adams' }],
      patientRequired: true,
    };
    expect([slot.length, calls]).toMatchObject([1, [['book', asked, CONTEXT]]]);
  });
});

describe('Medplum', () => {
  test('$find by GET asks for contained Slots', async () => {
    const { server, calls } = startWith();
    const query = 'start=2027-03-15&end=2027-03-16&service-type-reference=HealthcareService/visit';
    await request(server).get(`/Appointment/$find?${query}&schedule=Schedule/dr-adams`);
    const asked = {
      start: '2027-03-15',
      end: '2027-03-16',
      healthcareService: { reference: 'HealthcareService/visit' },
      schedules: [{ reference: 'Schedule/dr-adams' }],
      containedSlots: true,
    };
    expect(calls).toMatchObject([['find', asked, CONTEXT]]);
  });

  test('$hold of the whole proposal: 201, a transaction-response of the Appointment and its Slots', async () => {
    const { server, calls } = startWith({ appointments: [appointment('a5', 'created', 'pending')] });
    const sent = parameters(['appointment', { resource: MEDPLUM_PROPOSAL }]);
    const { status, text, headers } = await request(server).post('/Appointment/$hold').send(sent);
    expect([status, JSON.parse(text)]).toEqual([
      201,
      {
        resourceType: 'Bundle',
        type: 'transaction-response',
        entry: [
          {
            response: { status: '201' },
            resource: { resourceType: 'Appointment', id: 'a5', status: 'pending' },
          },
          { response: { status: '200' }, resource: JSON.parse(SLOT.text) as object },
        ],
      },
    ]);
    expect(headers['expires']).toBe(new Date(EXPIRES_MS).toUTCString());
    expect(calls).toMatchObject([['hold', { appointment: { resource: MEDPLUM_PROPOSAL } }, CONTEXT]]);
  });

  test('$confirm without a body', async () => {
    const { server, calls } = startWith({ appointments: [appointment('a5', 'updated')] });
    const { status, text } = await request(server).post('/Appointment/a5/$confirm');
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      { type: 'transaction-response', entry: [{ response: { status: '200' }, resource: { id: 'a5' } }, {}] },
    ]);
    expect(calls).toEqual([['confirm', 'a5', {}, CONTEXT]]);
  });

  test('$reschedule', async () => {
    const { server, calls } = startWith({ appointments: [appointment('a5', 'updated')] });
    const sent = parameters(
      ['start', { valueDateTime: '2027-03-15T14:00:00Z' }],
      ['schedule', { valueReference: { reference: 'Schedule/dr-adams' } }],
    );
    const { status, text } = await request(server).post('/Appointment/a5/$reschedule').send(sent);
    expect([status, JSON.parse(text)]).toMatchObject([200, { type: 'transaction-response' }]);
    const asked = { start: '2027-03-15T14:00:00Z', schedules: [{ reference: 'Schedule/dr-adams' }] };
    expect(calls).toEqual([['reschedule', 'a5', asked, CONTEXT]]);
  });

  test('$cancel by reference: a transaction-response within Parameters, the Appointment alone', async () => {
    const { server, calls } = startWith({ appointments: [appointment('a5', 'updated', 'cancelled')] });
    const sent = parameters(['appointment-reference', { valueReference: { reference: 'Appointment/a5' } }]);
    const { status, text } = await request(server).post('/Appointment/$cancel').send(sent);
    const entry = [
      { response: { status: '200' }, resource: { resourceType: 'Appointment', id: 'a5', status: 'cancelled' } },
    ];
    const resource = { resourceType: 'Bundle', type: 'transaction-response', entry };
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { resourceType: 'Parameters', parameter: [{ name: 'return', resource }] },
    ]);
    expect(calls).toEqual([['cancel', 'a5', {}, CONTEXT]]);
  });
});
