/** What `$find` asks of the service, however it is spelled. */
import { describe, expect, test } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import request from 'supertest';
import { OCCURRENCES_MAX } from '../../../server/http/operations/find-request.js';
import { parameters, startWith, type Pair } from './fake-bookings.js';

/** The request that the service gets, or the first issue of the refusal. */
async function asked(...sent: readonly Pair[]): Promise<unknown> {
  const { server, calls } = startWith();
  const { status, text } = await request(server)
    .post('/Appointment/$find')
    .send(parameters(...sent));
  if (status === 200) return calls[0]?.[1];
  const [issue] = (JSON.parse(text) as { issue: { code: string; expression?: string[] }[] }).issue;
  return `${status} ${issue?.code} ${issue?.expression?.[0]}`;
}

async function askedByGet(query: string): Promise<unknown> {
  const { server, calls } = startWith();
  await request(server).get(`/Appointment/$find?${query}`);
  return calls[0]?.[1];
}

const NPI = { system: 'http://npi', value: '1' };

describe('each parameter, in each of its spellings', () => {
  test.each<Pair>([
    ['practitioner', { valueReference: { reference: 'Practitioner/adams' } }],
    ['practitioner', { valueReference: { reference: 'http://x/Practitioner/adams' } }],
    ['practitioner', { valueReference: { reference: 'Practitioner/adams/_history/2', identifier: NPI } }],
    ['practitioner', { valueUri: 'Practitioner/adams' }],
    ['practitioner', { valueUrl: 'http://x/Practitioner/adams' }],
    ['practitioner', { valueString: 'adams' }],
    ['provider', { valueUri: 'Practitioner/adams' }],
  ])('%s %j names a Practitioner', async (name, rest) => {
    expect(await asked([name, rest])).toMatchObject({ practitioners: [{ reference: 'Practitioner/adams' }] });
  });

  test('an identifier stands in for a reference that names nothing here', async () => {
    const elsewhere = { reference: 'http://elsewhere/Practitioner/1', identifier: NPI };
    expect(await asked(['practitioner', { valueReference: elsewhere }])).toMatchObject({
      practitioners: [{ identifier: NPI }],
    });
    expect(await askedByGet('practitioner=http://npi|1')).toMatchObject({ practitioners: [{ identifier: NPI }] });
  });

  test.each<readonly [...Pair, object]>([
    [
      'location-reference',
      { valueReference: { reference: 'Location/l' } },
      { locations: [{ reference: 'Location/l' }] },
    ],
    ['location-string', { valueString: 'Main St' }, { locationTexts: ['Main St'] }],
    ['location', { valueString: 'Main St' }, { locationTexts: ['Main St'] }],
    ['organization', { valueUri: 'Organization/o' }, { organizations: [{ reference: 'Organization/o' }] }],
    ['specialty', { valueString: 'http://s|c' }, { specialties: ['http://s|c'] }],
    ['specialty', { valueCoding: { system: 'http://s', code: 'c' } }, { specialties: ['http://s|c'] }],
    ['specialty', { valueCoding: { code: 'c' } }, { specialties: ['|c'] }],
    [
      'visit-type',
      { valueCodeableConcept: { coding: [{ system: 'http://s', code: 'c' }, { code: 'd' }] } },
      { visitTypes: ['http://s|c', '|d'] },
    ],
    ['service-type', { valueUri: 'http://s|c' }, { visitTypes: ['http://s|c'] }],
    ['patient-reference', { valueString: 'Patient/q1' }, { patients: [{ reference: 'Patient/q1' }] }],
    ['patient-resource', { resource: { resourceType: 'Patient' } }, { patients: [], newPatientCount: 1 }],
    ['reason', { valueString: 'http://s|c' }, { reasons: [{ coding: [{ system: 'http://s', code: 'c' }] }] }],
    ['reason', { valueString: 'a cough' }, { reasons: [{ text: 'a cough' }] }],
    [
      'reason',
      { valueCodeableConcept: { coding: [{ code: 'c', display: 'Cough', userSelected: 'yes' }], text: 'a cough' } },
      { reasons: [{ coding: [{ code: 'c', display: 'Cough' }], text: 'a cough' }] },
    ],
    ['referral-identifier', { valueIdentifier: { ...NPI, use: 'official' } }, { referral: NPI }],
    ['start', { valueInstant: '2027-03-15T13:00:00Z' }, { start: '2027-03-15T13:00:00Z' }],
    ['start', { valueDate: '2027-03-15' }, { start: '2027-03-15' }],
    ['end', { valueDateTime: '2027-03-15T13:00:00.5+01:00' }, { end: '2027-03-15T13:00:00.5+01:00' }],
    ['schedule', { valueReference: { reference: 'Schedule/s' } }, { schedules: [{ reference: 'Schedule/s' }] }],
    [
      'ignore-appointment',
      { valueReference: { reference: 'Appointment/a' } },
      { ignoreAppointment: { reference: 'Appointment/a' } },
    ],
    ['occurrence-count', { valuePositiveInt: 6 }, { occurrenceCount: 6 }],
    ['_count', { valueInteger: 0 }, { count: 0 }],
    ['_count', { valueString: '5' }, { count: 5 }],
    ['_cursor', { valueString: 'b1' }, { cursor: 'b1' }],
  ])('%s %j', async (name, rest, expected) => {
    expect(await asked([name, rest])).toMatchObject(expected);
  });

  test('alternatives keep their order, under whichever name they came', async () => {
    const sent = [
      ['provider', { valueString: 'b' }],
      ['practitioner', { valueString: 'a' }],
      ['provider', { valueString: 'c' }],
    ] as const;
    const practitioners = ['b', 'a', 'c'].map((id) => ({ reference: `Practitioner/${id}` }));
    expect(await asked(...sent)).toMatchObject({ practitioners });
    const query = 'practitioner=b&practitioner=Practitioner/a&practitioner=http://x/Practitioner/c';
    expect(await askedByGet(query)).toMatchObject({ practitioners });
  });

  test.each([
    ['schedule', true],
    ['service-type-reference', true],
    ['practitioner', false],
  ])('contained Slots come with %s: %s', async (name, containedSlots) => {
    expect(await askedByGet(`${name}=x`)).toMatchObject({ containedSlots });
  });
});

describe('what cannot be read: 400, naming the parameter', () => {
  test.each<Pair>([
    ['start', { valueDateTime: '2027-03-15T13:00:00' }],
    ['start', { valueDateTime: '2027-03' }],
    ['start', { valueDateTime: '2027-02-29' }],
    ['start', { valueString: 'noon' }],
    ['start', { valueInteger: 5 }],
    ['start', {}],
    ['practitioner', { valueReference: { reference: 'Patient/q1' } }],
    ['practitioner', { valueReference: { reference: 'http://elsewhere/Practitioner/1' } }],
    ['practitioner', { valueReference: { display: 'Dr. Adams' } }],
    ['practitioner', { valueReference: { identifier: { system: 'http://npi' } } }],
    ['practitioner', { valueReference: 'Practitioner/adams' }],
    ['practitioner', { valueUri: 'http://npi|' }],
    ['specialty', { valueString: 'c' }],
    ['specialty', { valueCoding: { system: 'http://s' } }],
    ['specialty', { valueCodeableConcept: { text: 'eyes' } }],
    ['specialty', { valueCodeableConcept: { coding: 'c' } }],
    ['reason', { valueCodeableConcept: {} }],
    ['referral-identifier', { valueIdentifier: { system: 'http://s' } }],
    ['patient-resource', { valueReference: { reference: 'Patient/q1' } }],
    ['patient-resource', { resource: { resourceType: 'Practitioner' } }],
    ['occurrence-count', { valuePositiveInt: 1 }],
    ['occurrence-count', { valuePositiveInt: OCCURRENCES_MAX + 1 }],
    ['_count', { valueInteger: -1 }],
    ['_count', { valueInteger: 1.5 }],
    ['_count', { valueString: '9'.repeat(30) }],
  ])('%s %j', async (name, rest) => {
    const second = ['reason', { valueString: 'x' }] as const;
    expect(await asked(second, [name, rest])).toBe('400 value Parameters.parameter[1]');
  });

  test('a resource within Parameters, down to the element', async () => {
    const resource = { resourceType: 'Patient', gender: 'unknown?' };
    expect(await asked(['patient-resource', { resource }])).toBe(
      '400 code-invalid Parameters.parameter[0].resource.gender',
    );
  });

  test('a single parameter twice; by GET and in Parameters', async () => {
    const start = ['start', { valueDate: '2027-03-15' }] as const;
    expect(await asked(start, start)).toBe('400 value Parameters.parameter[1]');
    const { status } = await request(startWith().server).get('/Appointment/$find?start=2027-03-15&start=2027-03-15');
    expect(status).toBe(400);
  });

  test('_count in the URL and in the body', async () => {
    const sent = parameters(['_count', { valueInteger: 1 }]);
    const { status } = await request(startWith().server).post('/Appointment/$find?_count=1').send(sent);
    expect(status).toBe(400);
  });

  test('a series whose time another Appointment has', async () => {
    const sent = [
      ['ignore-appointment', { valueString: 'a' }],
      ['occurrence-count', { valueInteger: 2 }],
    ] as const;
    expect(await asked(...sent)).toBe('400 value Parameters.parameter[0]');
  });
});

describe('what changes nothing', () => {
  async function notices(path: string, sent: object): Promise<unknown> {
    const { text } = await request(startWith().server).post(path).send(sent);
    const last = (JSON.parse(text) as Bundle).entry?.at(-1);
    return last?.search?.mode === 'outcome' ? last.resource : undefined;
  }
  const issue = (diagnostics: string) => ({
    severity: 'information',
    code: 'informational',
    details: { text: diagnostics },
    diagnostics,
  });

  test('is told in an entry of its own, which total does not count', async () => {
    const sent = parameters(
      ['coverage', { resource: { resourceType: 'Coverage' } }],
      ['timing', { valueTiming: {} }],
      ['colour', { valueString: 'red' }],
      ['colour', { valueString: 'blue' }],
    );
    expect(await notices('/Appointment/$find?start=2027-03-15', sent)).toEqual({
      resourceType: 'OperationOutcome',
      issue: [
        issue('The parameter coverage has no effect on the times that are found.'),
        issue('The parameter timing has no effect on the times that are found.'),
        issue("There is no parameter 'start' in the URL of a request with a body."),
        issue("There is no parameter 'colour' here."),
      ],
    });
  });

  test('nothing ignored, nothing told', async () => {
    expect(await notices('/Appointment/$find', parameters())).toBe(undefined);
  });

  test.each([
    ['lenient', 200],
    ['strict', 400],
  ])('Prefer: handling=%s: an unknown parameter is %i', async (handling, expected) => {
    const { server, calls } = startWith();
    const sent = parameters(['colour', { valueString: 'red' }]);
    const { status } = await request(server)
      .post('/Appointment/$find')
      .set('Prefer', `handling=${handling}`)
      .send(sent);
    expect([status, calls.length]).toEqual([expected, expected === 200 ? 1 : 0]);
  });

  test('Prefer: respond-async is answered at once', async () => {
    const { status } = await request(startWith().server).get('/Appointment/$find').set('Prefer', 'respond-async');
    expect(status).toBe(200);
  });
});
