/** `$validate` says what a write would be refused for, and what profiles ask besides; it writes nothing. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FhirResource, Slot } from 'fhir/r4.js';
import { VALID } from '../fhir/valid-resources.js';
import { APPOINTMENTS, SCHEDULES, SLOTS } from './fixture.js';
import { OFFICE_HOURS, schedule as scheduleOf } from './rule-fixture.js';
import { bodyOf, journeyStores, startServer, type AnswerBody, type TestServer } from './server.js';

const NOW = '2027-03-10T12:00:00Z';
const PROFILE = 'https://fhir-slots.dev/fhir/StructureDefinition';

const slot = {
  resourceType: 'Slot',
  schedule: { reference: 'Schedule/s1' },
  status: 'free',
  start: '2027-03-17T13:00:00Z',
  end: '2027-03-17T13:30:00Z',
};

const appointment = {
  resourceType: 'Appointment',
  status: 'booked',
  start: '2027-03-15T13:00:00Z',
  end: '2027-03-15T13:30:00Z',
  slot: [{ reference: 'Slot/A' }],
  participant: [{ actor: { reference: 'Patient/q1' }, status: 'accepted' }],
};

const schedule = { resourceType: 'Schedule', actor: [{ reference: 'Practitioner/p2' }] };

/** Changes that make a fault, or none, of whatever resource they meet. */
const MUTATIONS: readonly ((resource: Record<string, unknown>) => Record<string, unknown>)[] = [
  (it) => it,
  (it) => ('start' in it ? { ...it, start: '2027-06-01T13:00:00Z', end: '2027-06-01T13:30:00Z' } : it),
  (it) => ({ ...it, status: undefined }),
  (it) => ({ ...it, status: 'no-such-status' }),
  (it) => ({ ...it, language: 'not a language' }),
  (it) => ({ ...it, colour: 'red' }),
  (it) => ({ ...it, start: it['end'], end: it['start'] }),
  (it) => ({ ...it, schedule: { reference: 'Schedule/nowhere' } }),
  (it) => ({ ...it, extension: [{ url: 'http://x.example', valueAttachment: { contentType: 'gif' } }] }),
  (it) => ({ ...it, meta: { tag: [{ code: 'ok' }] } }),
  (it) => ({ ...it, participant: [] }),
];

describe.each(journeyStores)('$name', (store) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(store, NOW);
    await server.put(...SCHEDULES, ...SLOTS, ...APPOINTMENTS);
    await server.put(scheduleOf('hours', [OFFICE_HOURS], { actor: [{ display: 'A room' }] }));
  });
  afterAll(() => server.close());

  async function asked(path: string, body?: object): Promise<AnswerBody> {
    const answer = await (body ? server.http.post(path).send(body) : server.http.get(path));
    expect([answer.status, bodyOf(answer).resourceType]).toEqual([200, 'OperationOutcome']);
    return bodyOf(answer);
  }

  /** `severity code expression` of each issue. */
  async function issues(path: string, body?: object): Promise<string[]> {
    const { issue = [] } = await asked(path, body);
    return issue.map(({ severity, code, expression = [] }) => [severity, code, ...expression].join(' '));
  }

  const OK = ['information informational'];

  test('all is well with a resource that could be written, and nothing is written', async () => {
    const before = (await server.get('/_history?_count=1000')).body.entry;
    expect((await asked('/Slot/$validate', slot)).issue?.[0]?.diagnostics).toBe('All OK');
    expect(await issues('/Appointment/$validate', appointment)).toEqual(OK);
    expect((await server.get('/_history?_count=1000')).body.entry).toEqual(before);
  });

  test.each<[string, object, string[]]>([
    ['a wrong code', { ...slot, status: 'available' }, ['error code-invalid Slot.status']],
    [
      'two faults',
      { ...slot, start: '2027-02-31T13:00:00Z', overbooked: 'no' },
      ['error structure Slot.overbooked', 'error value Slot.start'],
    ],
    ['an end before the start', { ...slot, end: '2027-03-17T12:00:00Z' }, ['error business-rule Slot.end']],
    [
      'a Schedule that is not there',
      { ...slot, schedule: { reference: 'Schedule/x' } },
      ['error business-rule Slot.schedule'],
    ],
    ['a Slot over another', { ...slot, start: SLOTS[0]?.start, end: SLOTS[0]?.end }, ['error conflict Slot.start']],
    ['another type', { resourceType: 'Patient' }, ['error value resourceType']],
    [
      'a media type in an extension',
      { ...slot, extension: [{ url: 'http://x.example', valueAttachment: { contentType: 'gif' } }] },
      ['error code-invalid Slot.extension[0].value.contentType'],
    ],
  ])('%s', async (_name, resource, expected) => {
    expect(await issues('/Slot/$validate', resource)).toEqual(expected);
  });

  test('a wrong code in a contained resource of another type', async () => {
    const clinicalStatus = { coding: [{ system: 'http://example.org', code: 'active' }] };
    const condition = { resourceType: 'Condition', id: 'c', clinicalStatus, subject: { reference: 'Patient/q1' } };
    const withCondition = { ...appointment, contained: [condition], reasonReference: [{ reference: '#c' }] };
    expect(await issues('/Appointment/$validate', withCondition)).toEqual([
      'error code-invalid Appointment.contained[0].clinicalStatus',
    ]);
  });

  test('a time that is taken is told as it would be on booking', async () => {
    const taken = { ...appointment, slot: [{ reference: 'Slot/C' }], start: SLOTS[2]?.start, end: SLOTS[2]?.end };
    expect(await issues('/Appointment/$validate', taken)).toEqual([expect.stringMatching(/^error conflict/)]);
  });

  test('availability rules are read', async () => {
    const extension = [{ url: `${PROFILE}/availability`, extension: [{ url: 'timezone', valueCode: 'Moon/Base' }] }];
    expect(await issues('/Schedule/$validate', { ...schedule, extension })).toEqual([
      expect.stringMatching(/^error business-rule Schedule\.extension\[0\]/),
    ]);
  });

  describe('mode and instance', () => {
    test('what stands is judged without being sent', async () => {
      expect(await issues('/Slot/A/$validate')).toEqual(OK);
      expect((await server.http.get('/Slot/nowhere/$validate')).status).toBe(404);
    });

    test('a computed slot is judged as it is, can be booked, and cannot be written', async () => {
      const [entry] = (await server.get('/Slot?schedule=hours&start=2027-03-15')).body.entry ?? [];
      const { id, start, end } = entry?.resource as Slot;
      expect(await issues(`/Slot/${id}/$validate`)).toEqual(OK);
      expect(await issues(`/Slot/${id}/$validate?mode=delete`)).toEqual(['error not-supported']);
      const booking = { ...appointment, slot: [{ reference: `Slot/${id}` }], start, end };
      expect(await issues('/Appointment/$validate', booking)).toEqual(OK);
      expect(await issues('/Appointment/$validate', { ...booking, slot: [{ reference: 'Slot/none' }] })).toEqual([
        'error business-rule Appointment.slot[0]',
      ]);
      expect((await server.get(`/Slot/${id}`)).body.status).toBe('free');
    });

    test('an update is judged against what stands', async () => {
      const cancelled = { ...APPOINTMENTS[0], status: 'proposed' };
      expect(await issues('/Appointment/a1/$validate', cancelled)).toEqual([expect.stringMatching(/^error business/)]);
      expect(await issues('/Appointment/$validate?mode=update', APPOINTMENTS[0])).toEqual(OK);
      expect(await issues('/Slot/$validate', { ...SLOTS[0], comment: 'x' })).toEqual(OK);
      expect(await issues('/Slot/$validate?mode=create', SLOTS[0])).toEqual(['error conflict Slot.start']);
      expect(await issues('/Slot/$validate?mode=update', slot)).toEqual(['error required Slot.id']);
    });

    test('a deletion is tried and not done', async () => {
      expect(await issues('/Schedule/s1/$validate?mode=delete')).toEqual([expect.stringMatching(/^error conflict/)]);
      expect(await issues('/Patient/q2/$validate?mode=delete')).toEqual(OK);
      expect((await server.get('/Patient/q2')).status).toBe(200);
    });

    test('Parameters carry the same', async () => {
      const parameter = [
        { name: 'mode', valueCode: 'create' },
        { name: 'resource', resource: { ...slot, status: 'available' } },
      ];
      const parameters = { resourceType: 'Parameters', parameter };
      expect(await issues('/Slot/$validate', parameters)).toEqual(['error code-invalid Slot.status']);
    });

    test('AuditEvents, which only the server writes, are judged by themselves', async () => {
      const event = VALID['an AuditEvent'] as FhirResource;
      expect(await issues('/AuditEvent/$validate', event)).toEqual(OK);
      expect(await issues('/AuditEvent/$validate', { ...event, action: 'X' })).toEqual([
        'error code-invalid AuditEvent.action',
      ]);
    });

    test.each([
      ['POST /Slot/$validate', undefined, 'Send the Slot'],
      ['GET /Slot/A/$validate?mode=create', undefined, 'Send the Slot'],
      ['POST /Slot/$validate?mode=delete', undefined, 'needs Slot/[id]/$validate'],
      ['GET /Slot/A/$validate?mode=remove', undefined, 'create, update, delete, profile'],
      ['GET /Slot/A/$validate?mode=profile', undefined, 'needs a profile'],
      [`POST /Slot/A/$validate?mode=profile&profile=${PROFILE}/x`, slot, 'send none'],
      ['POST /AuditEvent/$validate?mode=create', { resourceType: 'AuditEvent' }, 'leave the mode out'],
    ])('%s is a question that cannot be answered', async (asked, body, says) => {
      const [method, path = ''] = asked.split(' ');
      const answer = await (method === 'POST' ? server.http.post(path).send(body) : server.http.get(path));
      expect(answer.status).toBe(400);
      expect(bodyOf(answer).issue?.[0]?.diagnostics).toContain(says);
    });
  });

  describe('profiles', () => {
    const of = (name: string) => `profile=${PROFILE}/${name}`;

    test('one that is asked for', async () => {
      expect(await issues(`/Schedule/$validate?${of('fhir-slots-schedule')}`, schedule)).toEqual([
        'error required Schedule.extension',
      ]);
      expect(await issues(`/Schedule/s2/$validate?mode=profile&${of('fhir-slots-schedule')}`)).toEqual([
        'error required Schedule.extension',
      ]);
      expect(await issues(`/Slot/$validate?${of('fhir-slots-slot')}`, slot)).toEqual(OK);
    });

    test('one that the resource claims', async () => {
      const meta = { profile: [`${PROFILE}/fhir-slots-appointment|1.0.0`] };
      expect(await issues('/Appointment/$validate', { ...appointment, meta })).toEqual(OK);
      const proposed = { ...APPOINTMENTS[1], id: undefined, meta };
      expect(await issues('/Appointment/$validate', proposed)).toEqual([
        'error code-invalid Appointment.status',
        'error required Appointment.start',
        'error required Appointment.end',
      ]);
    });

    test('one of another type, and one that nobody knows', async () => {
      expect(await issues(`/Slot/$validate?${of('fhir-slots-schedule')}`, slot)).toEqual([
        'error value Slot.meta.profile',
      ]);
      expect(await issues('/Slot/$validate?profile=http://hl7.org/fhir/StructureDefinition/Slot', slot)).toEqual(OK);
      const unknown = 'http://x.example/StructureDefinition/y';
      expect(await issues('/Slot/$validate', { ...slot, meta: { profile: [unknown] } })).toEqual([
        ...OK,
        'warning not-supported Slot.meta.profile',
      ]);
    });
  });

  test('it finds an error exactly where a POST is refused', async () => {
    const valid = Object.values(VALID).filter((it) => (it as FhirResource).resourceType !== 'AuditEvent');
    const resource = fc.constantFrom(...valid.map((it) => it as Record<string, unknown>));
    await fc.assert(
      fc.asyncProperty(resource, fc.constantFrom(...MUTATIONS), async (base, mutation) => {
        const sent = mutation({ ...base, id: undefined });
        const path = `/${String(sent['resourceType'])}`;
        const { issue = [] } = await asked(`${path}/$validate?mode=create`, sent);
        const written = await server.http.post(path).send(sent);
        const refusal = written.status < 300 ? [] : bodyOf(written).issue;
        expect(issue.filter(({ severity }) => severity === 'error')).toEqual(refusal);
        if (written.status < 300) await server.http.delete(`${path}/${bodyOf(written).id}`);
      }),
      { numRuns: 60 },
    );
  });
});
