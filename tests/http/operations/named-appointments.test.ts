/** How `$hold`, `$book` and `$cancel` are told which Appointment is meant, by whom, and under which key. */
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { OVERRIDE_REASON_CHARACTERS_MAX } from '../../../server/http/override-reason.js';
import { KEY_CHARACTERS_MAX } from '../../../server/booking/permissions.js';
import { fakeServer, fakeServices } from '../fake-services.js';
import { appointment, CONTEXT, parameters, startWith, type Pair } from './fake-bookings.js';

const APPOINTMENT = {
  resourceType: 'Appointment',
  status: 'proposed',
  start: '2027-03-15T14:00:00Z',
  end: '2027-03-15T14:30:00Z',
  participant: [{ actor: { reference: 'Patient/q1' }, status: 'accepted' }],
};
const withId = (id: string) => ({ ...APPOINTMENT, id });

const REFERENCE: Pair = ['appointment-reference', { valueReference: { reference: 'Appointment/a1' } }];
const ID: Pair = ['appt-id', { valueUri: 'a1' }];
const RESOURCE: Pair = ['appt-resource', { resource: APPOINTMENT }];

interface Sent {
  readonly path?: string;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the service is asked, or the status and first issue of a refusal; and the type of the answer. */
async function post({ path = '/Appointment/$book', body, headers = {} }: Sent) {
  const { server, calls } = startWith();
  const { status, text } = await request(server).post(path).set(headers).send(body);
  const answer = JSON.parse(text) as { resourceType: string; type?: string; issue?: { expression?: string[] }[] };
  const refusal = `${status} ${answer.issue?.[0]?.expression?.[0] ?? ''}`.trim();
  return { asked: calls[0]?.[1], refusal, calls: calls.length, form: answer.type ?? answer.resourceType };
}

describe('one Appointment', () => {
  test.each<[string, Sent, object, string]>([
    ['by reference', { body: parameters(REFERENCE) }, { id: 'a1' }, 'searchset'],
    ['by id', { body: parameters(ID) }, { id: 'a1' }, 'searchset'],
    ['in the URL, no body', { path: '/Appointment/a1/$book', body: parameters() }, { id: 'a1' }, 'searchset'],
    ['in every way', { path: '/Appointment/a1/$book', body: parameters(REFERENCE, ID) }, { id: 'a1' }, 'searchset'],
    ['as a resource', { body: parameters(RESOURCE) }, { resource: APPOINTMENT }, 'searchset'],
    [
      "as IHE's resource",
      { body: parameters(['appointment-resource', { resource: APPOINTMENT }]) },
      { resource: APPOINTMENT },
      'searchset',
    ],
    [
      "as Medplum's resource",
      { body: parameters(['appointment', { resource: APPOINTMENT }]) },
      { resource: APPOINTMENT },
      'transaction-response',
    ],
    ['bare', { body: APPOINTMENT }, { resource: APPOINTMENT }, 'Appointment'],
    [
      'bare, its id in the URL',
      { path: '/Appointment/a1/$book', body: APPOINTMENT },
      { resource: withId('a1') },
      'Appointment',
    ],
    ['a resource, its id beside it', { body: parameters(ID, RESOURCE) }, { resource: withId('a1') }, 'searchset'],
  ])('%s', async (_name, sent, expected, form) => {
    const answer = await post(sent);
    expect([answer.asked, answer.form]).toMatchObject([{ appointments: [expected] }, form]);
  });

  test('keeps its digits', async () => {
    const { server, calls } = startWith();
    const extension = '"extension":[{"url":"http://e","valueDecimal":1.50}]';
    const body = JSON.stringify(APPOINTMENT).replace('{', `{${extension},`);
    await request(server).post('/Appointment/a1/$book').type('application/fhir+json').send(body);
    expect(JSON.stringify(calls[0]?.[1])).toMatch(/"exact":\{.*"isLosslessNumber":true/);
  });

  test.each<[string, Sent, string]>([
    [
      'the URL and a reference',
      { path: '/Appointment/a2/$book', body: parameters(REFERENCE) },
      'Parameters.parameter[0]',
    ],
    [
      'a reference and an id',
      { body: parameters(ID, ['appointment-reference', { valueString: 'a2' }]) },
      'Parameters.parameter[1]',
    ],
    [
      'an id and a resource',
      { body: parameters(ID, ['appt-resource', { resource: withId('a2') }]) },
      'Parameters.parameter[1]',
    ],
    ['the URL and a bare resource', { path: '/Appointment/a1/$book', body: withId('a2') }, 'Appointment.id'],
    [
      'two resources',
      { body: parameters(RESOURCE, ['appointment', { resource: APPOINTMENT }]) },
      'Parameters.parameter[1]',
    ],
    ['nothing', { body: parameters() }, 'Parameters.parameter'],
    ['a Patient', { body: parameters(['appt-id', { valueUri: 'Patient/q1' }]) }, 'Parameters.parameter[0]'],
    [
      'an identifier',
      { body: parameters(['appointment-reference', { valueReference: { identifier: { value: 'x' } } }]) },
      'Parameters.parameter[0]',
    ],
    ['a bare one that is not valid', { body: { ...APPOINTMENT, status: 'canceled' } }, 'Appointment.status'],
    [
      'one in Parameters that is not valid',
      { body: parameters(['appt-resource', { resource: { ...APPOINTMENT, status: 'canceled' } }]) },
      'Parameters.parameter[0].resource.status',
    ],
  ])('%s: 400, and nothing was done', async (_name, sent, expression) => {
    const { refusal, calls } = await post(sent);
    expect([refusal, calls]).toEqual([`400 ${expression}`, 0]);
  });
});

describe('a list', () => {
  test('is what one name says twice, in its order', async () => {
    const { asked } = await post({ body: parameters(RESOURCE, ID, ['appt-id', { valueUri: 'a2' }]) });
    expect(asked).toMatchObject({ appointments: [{ resource: APPOINTMENT }, { id: 'a1' }, { id: 'a2' }] });
  });

  test('is answered with all of it, and no place or version', async () => {
    const { server } = startWith({ appointments: [appointment('a1'), appointment('a2', 'updated')] });
    const sent = parameters(ID, ['appt-id', { valueUri: 'a2' }]);
    const { status, text, headers } = await request(server).post('/Appointment/$book').send(sent);
    expect([status, JSON.parse(text)]).toMatchObject([201, { total: 2 }]);
    expect([headers['location'], headers['etag']]).toEqual([undefined, undefined]);
  });

  test('a series that a bare Appointment asked for comes as a searchset', async () => {
    const { server } = startWith({ appointments: [appointment('a1'), appointment('a2')] });
    const { text } = await request(server).post('/Appointment/$book').send(APPOINTMENT);
    expect(JSON.parse(text)).toMatchObject({ type: 'searchset', total: 2 });
  });

  test('neither goes to one Appointment nor into a hold', async () => {
    const body = parameters(ID, ID);
    expect((await post({ path: '/Appointment/a1/$book', body })).refusal).toBe('400 id');
    expect((await post({ path: '/Appointment/$hold', body })).refusal).toBe('400 Parameters.parameter[1]');
  });
});

test('what else $book and $hold take', async () => {
  const patient = { resourceType: 'Patient', identifier: [{ value: 'x' }] };
  const rest: Pair[] = [
    ['schedule', { valueReference: { reference: 'Schedule/s' } }],
    ['patient-reference', { valueReference: { identifier: { value: 'mrn' } } }],
    ['comment', { valueString: 'by phone' }],
    ['override-reason', { valueString: 'asked the doctor' }],
    ['key', { valueString: 'k' }],
  ];
  const booked = await post({
    body: parameters(ID, ...rest, ['patient-id', { valueUri: 'q1' }], ['patient-resource', { resource: patient }]),
  });
  expect(booked.asked).toEqual({
    appointments: [{ id: 'a1' }],
    patientRequired: false,
    schedules: [{ reference: 'Schedule/s' }],
    patients: [{ identifier: { value: 'mrn' } }, { reference: 'Patient/q1' }],
    newPatients: [patient],
    comment: 'by phone',
    overrideReason: 'asked the doctor',
    key: 'k',
  });
  const until: Pair = ['until', { valueInstant: '2027-03-15T12:00:00Z' }];
  const held = await post({ path: '/Appointment/$hold', body: parameters(ID, until) });
  expect(held.asked).toMatchObject({ untilMs: Date.parse('2027-03-15T12:00:00Z') });
});

test('too many holds: 429, and when to try again', async () => {
  const sent = parameters(['appt-id', { valueUri: 'crowded' }]);
  const { status, text, headers } = await request(startWith().server).post('/Appointment/$hold').send(sent);
  expect([status, JSON.parse(text)]).toMatchObject([429, { issue: [{ code: 'throttled' }] }]);
  expect(headers['retry-after']).toBe('60');
});

describe('$cancel', () => {
  test.each<[string, string, Pair[], string]>([
    ['at one', '/Appointment/a1/$cancel', [], 'searchset'],
    ['by id', '/Appointment/$cancel', [ID], 'searchset'],
    ['by reference', '/Appointment/$cancel', [REFERENCE], 'Parameters'],
    ['at one, by reference', '/Appointment/a1/$cancel', [REFERENCE], 'Parameters'],
  ])('%s', async (_name, path, sent, form) => {
    const reason: Pair = ['reason', { valueCodeableConcept: { coding: [{ code: 'pat' }] } }];
    const { server, calls } = startWith();
    const { text } = await request(server)
      .post(path)
      .send(parameters(...sent, reason));
    const answer = JSON.parse(text) as { resourceType: string; type?: string };
    expect(calls).toEqual([['cancel', 'a1', { reason: { coding: [{ code: 'pat' }] } }, CONTEXT]]);
    expect(answer.type ?? answer.resourceType).toBe(form);
  });

  test.each<[string, Pair[], string]>([
    ['/Appointment/$cancel', [], '400 Parameters.parameter'],
    ['/Appointment/a2/$cancel', [REFERENCE], '400 Parameters.parameter[0]'],
  ])('%s %j: 400', async (path, sent, expected) => {
    expect((await post({ path, body: parameters(...sent) })).refusal).toBe(expected);
  });
});

describe('keys and reasons', () => {
  const keyed = (key: string): Pair => ['key', { valueString: key }];

  test.each([1, KEY_CHARACTERS_MAX])('a key of %i characters, by parameter or header', async (length) => {
    const key = 'k'.repeat(length);
    const byParameter = await post({ body: parameters(ID, keyed(key)) });
    const byHeader = await post({ body: parameters(ID), headers: { 'X-Slot-Key': key } });
    const byBoth = await post({ body: parameters(ID, keyed(key)), headers: { 'X-Slot-Key': key } });
    expect([byParameter.asked, byHeader.asked, byBoth.asked]).toMatchObject([{ key }, { key }, { key }]);
  });

  test.each<[string, Sent, string]>([
    ['too long', { body: parameters(keyed('k'.repeat(KEY_CHARACTERS_MAX + 1)), ID) }, 'Parameters.parameter[0]'],
    [
      'too long, in the header',
      { body: parameters(ID), headers: { 'X-Slot-Key': 'k'.repeat(KEY_CHARACTERS_MAX + 1) } },
      'X-Slot-Key',
    ],
    ['empty', { body: parameters(keyed(''), ID) }, 'Parameters.parameter[0]'],
    ['empty, in the header', { body: parameters(ID), headers: { 'X-Slot-Key': '' } }, 'X-Slot-Key'],
    ['not ASCII, in the header', { body: parameters(ID), headers: { 'X-Slot-Key': 'é' } }, 'X-Slot-Key'],
    [
      'two that disagree',
      { body: parameters(keyed('k'), ID), headers: { 'X-Slot-Key': 'l' } },
      'Parameters.parameter[0]',
    ],
    [
      'a reason that is too long',
      { body: parameters(['override-reason', { valueString: 'a'.repeat(OVERRIDE_REASON_CHARACTERS_MAX + 1) }], ID) },
      'Parameters.parameter[0]',
    ],
  ])('%s: 400', async (_name, sent, expression) => {
    const { refusal, calls } = await post(sent);
    expect([refusal, calls]).toEqual([`400 ${expression}`, 0]);
  });

  test.each(['post', 'put', 'patch'] as const)('the key of a %s of an Appointment', async (method) => {
    const services = fakeServices();
    const patch = method === 'patch';
    await request(fakeServer({}, services))
      [method](method === 'post' ? '/Appointment' : '/Appointment/a1')
      .set({ 'Content-Type': patch ? 'application/json-patch+json' : 'application/fhir+json', 'X-Slot-Key': 'k' })
      .send('{}');
    expect(services.calls).toMatchObject([{ context: { slotKey: 'k' } }]);
  });
});
