/** Batches and transactions, over HTTP on each store: https://hl7.org/fhir/R4/http.html#transaction */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment, Bundle, BundleEntry, Extension, FhirResource, Patient, Schedule, Slot } from 'fhir/r4.js';
import { checkStore } from '../../server/booking/index.js';
import { BUNDLE_ENTRIES_MAX } from '../../server/http/bundle-entries.js';
import { SCHEDULES, SLOTS } from './fixture.js';
import { BOOKING_SETTINGS, idsOf, journeyStores, startServer, type TestServer } from './server.js';

type Entry = BundleEntry<FhirResource>;

const SCHEDULE: Schedule = { resourceType: 'Schedule', actor: [{ reference: 'urn:uuid:doctor' }] };
const SLOT: Slot = {
  resourceType: 'Slot',
  schedule: { reference: 'urn:uuid:schedule' },
  status: 'free',
  start: '2027-03-15T13:00:00Z',
  end: '2027-03-15T13:30:00Z',
};
const APPOINTMENT: Appointment = {
  resourceType: 'Appointment',
  status: 'booked',
  ...{ start: SLOT.start, end: SLOT.end, slot: [{ reference: 'urn:uuid:slot' }] },
  participant: [
    { actor: { reference: 'urn:uuid:patient' }, status: 'accepted' },
    { actor: { reference: 'urn:uuid:doctor' }, status: 'accepted' },
  ],
};
/** Open on Mondays, for visits of half an hour. */
const HOURS: Extension = {
  url: 'https://fhir-slots.dev/fhir/StructureDefinition/availability',
  extension: [
    { url: 'timezone', valueCode: 'UTC' },
    { url: 'duration', valueDuration: { value: 30, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' } },
    {
      url: 'availableTime',
      extension: [
        { url: 'daysOfWeek', valueCode: 'mon' },
        { url: 'availableStartTime', valueTime: '09:00:00' },
        { url: 'availableEndTime', valueTime: '17:00:00' },
      ],
    },
  ],
};
/** A visit of a patient in a Slot of the fixture. */
const visitIn = (slotId: string, patient = 'Patient/q1'): Appointment => {
  const { start, end } = SLOTS.find(({ id }) => id === slotId) ?? SLOT;
  const participant = [{ actor: { reference: patient }, status: 'accepted' as const }];
  return { ...APPOINTMENT, start, end, slot: [{ reference: `Slot/${slotId}` }], participant };
};
const PATIENT: Patient = { resourceType: 'Patient', identifier: [{ system: 's', value: '1' }] };

const entry = (method: string, url: string, resource?: FhirResource, request: object = {}): Entry =>
  ({ ...(resource && { resource }), request: { method, url, ...request } }) as Entry;
const post = (resource: FhirResource, fullUrl?: string, request?: object): Entry => ({
  ...(fullUrl !== undefined && { fullUrl }),
  ...entry('POST', resource.resourceType, resource, request),
});

describe.each(journeyStores)('Bundles on $name', (store) => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T12:00:00Z');
  });
  afterEach(async () => {
    const offences = await checkStore(server.store, server.clock.ms, BOOKING_SETTINGS);
    await server.close();
    expect(offences).toEqual([]);
  });

  async function send(type: string, entries: readonly Entry[], headers: Record<string, string> = {}) {
    const answer = await server.http.post('/').set(headers).send({ resourceType: 'Bundle', type, entry: entries });
    const body = answer.body as Bundle<FhirResource>;
    return { status: answer.status, body, statuses: body.entry?.map(({ response }) => response?.status) };
  }
  const versionOf = async (path: string) => (await server.get(path)).body.meta?.versionId;

  describe('a transaction', () => {
    test('a whole visit, in any order: each reference leads to what its entry has become', async () => {
      const { status, body, statuses } = await send('transaction', [
        post(APPOINTMENT, 'urn:uuid:visit'),
        post(SLOT, 'urn:uuid:slot'),
        post(SCHEDULE, 'urn:uuid:schedule'),
        post({ resourceType: 'Practitioner' }, 'urn:uuid:doctor'),
        post(PATIENT, 'urn:uuid:patient'),
      ]);
      expect([status, body.type, statuses]).toEqual([200, 'transaction-response', Array(5).fill('201')]);
      const [visit, slot, schedule, doctor, patient] = (body.entry ?? []).map(({ resource }) => resource);
      expect(visit).toMatchObject({
        slot: [{ reference: `Slot/${slot?.id}` }],
        start: SLOT.start,
        participant: [
          { actor: { reference: `Patient/${patient?.id}` } },
          { actor: { reference: `Practitioner/${doctor?.id}` } },
        ],
      });
      expect(schedule).toMatchObject({ actor: [{ reference: `Practitioner/${doctor?.id}` }] });
      // The booking has changed the Slot that the same commit made: one version, and told as it is.
      expect(slot).toMatchObject({ status: 'busy', schedule: { reference: `Schedule/${schedule?.id}` } });
      expect((await server.get(`/Slot/${slot?.id}`)).body).toEqual(slot);
      expect(await versionOf(`/Slot/${slot?.id}`)).toBe('1');
      const again = await server.http.post('/Appointment').send({ ...APPOINTMENT, slot: (visit as Appointment).slot });
      expect(again.status).toBe(409);
    });

    test('a visit without a Slot takes the time of a Schedule that comes along with it', async () => {
      const { resourceType, status, start, end, participant } = APPOINTMENT;
      const visit: Appointment = { resourceType, status, start: start!, end: end!, participant };
      const schedule: Schedule = { ...SCHEDULE, extension: [HOURS] };
      const entries = [
        ...[post(visit, 'urn:uuid:visit'), post(schedule, 'urn:uuid:schedule')],
        ...[post({ resourceType: 'Practitioner' }, 'urn:uuid:doctor'), post(PATIENT, 'urn:uuid:patient')],
      ];
      const { body, statuses } = await send('transaction', entries);
      expect(statuses).toEqual(Array(4).fill('201'));
      const again = { ...visit, participant: (body.entry?.[0]?.resource as Appointment).participant };
      expect((await server.http.post('/Appointment').send(again)).status).toBe(409);
    });

    test('is refused as a whole, naming the entry: nothing of it stands', async () => {
      await server.put(...SCHEDULES, ...SLOTS);
      const taken = visitIn('C', 'urn:uuid:patient');
      const { status, body } = await send('transaction', [post(PATIENT, 'urn:uuid:patient'), post(taken)]);
      const issue = (body as unknown as { issue: { diagnostics: string }[] }).issue[0];
      expect([status, issue?.diagnostics]).toEqual([409, expect.stringContaining('Bundle.entry[1]')]);
      expect(idsOf(await server.get('/Patient'))).toEqual(['q1', 'q2']);
      expect(idsOf(await server.get('/Appointment'))).toEqual([]);
    });

    test('deletes, creates, updates, patches, reads: in this order', async () => {
      await server.put(...SCHEDULES, ...SLOTS);
      const merge = { resourceType: 'Binary', contentType: 'application/merge-patch+json' } as const;
      const data = Buffer.from('{"active":true}').toString('base64');
      const { statuses, body } = await send('transaction', [
        entry('GET', 'Slot/G'),
        entry('GET', 'Patient?identifier=s|1'),
        entry('PATCH', 'Patient/q2', { ...merge, data }),
        entry('PUT', 'Patient/q1', { ...PATIENT, id: 'q1' }),
        post({
          ...SLOT,
          schedule: { reference: 'Schedule/s1' },
          start: '2027-03-16T13:15:00Z',
          end: '2027-03-16T13:45:00Z',
        }),
        entry('DELETE', 'Slot/G'),
      ]);
      // The new Slot lies over the one that goes.
      expect(statuses).toEqual(['410', '200', '200', '200', '201', '204']);
      expect(body.entry?.[1]?.resource).toMatchObject({ resourceType: 'Bundle', entry: [{ resource: { id: 'q1' } }] });
      expect((await server.get('/Patient/q2')).body.active).toBe(true);
    });

    test('conditions: found or created, and references by a search are followed', async () => {
      await server.put(...SCHEDULES, ...SLOTS, { ...PATIENT, id: 'known' });
      const visit = visitIn('G', 'urn:uuid:patient');
      visit.participant.push({ actor: { reference: 'Practitioner?identifier=http://npi|111' }, status: 'accepted' });
      const { statuses, body } = await send('transaction', [
        post(PATIENT, 'urn:uuid:patient', { ifNoneExist: 'identifier=s|1' }),
        post(visit),
        entry('PUT', 'Patient?identifier=s|2', { resourceType: 'Patient', identifier: [{ system: 's', value: '2' }] }),
        entry('DELETE', 'Patient?identifier=s|3'),
      ]);
      expect(statuses).toEqual(['200', '201', '201', '204']);
      const actors = (body.entry?.[1]?.resource as Appointment).participant.map(({ actor }) => actor?.reference);
      expect(actors).toEqual(['Patient/known', 'Practitioner/p1']);
    });

    test.each<[string, number, Entry[]]>([
      ['one resource twice', 400, [entry('PUT', 'Patient/x', { ...PATIENT, id: 'x' }), entry('DELETE', 'Patient/x')]],
      ['one condition twice', 400, [1, 2].map(() => post(PATIENT, undefined, { ifNoneExist: 'identifier=s|9' }))],
      ['one fullUrl twice', 400, [1, 2].map(() => post(PATIENT, 'urn:uuid:a'))],
      ['a condition that several meet', 412, [post(PATIENT, undefined, { ifNoneExist: 'active=true' })]],
      [
        'a reference that nothing meets',
        422,
        [post({ ...SCHEDULE, actor: [{ reference: 'Patient?identifier=none|1' }] })],
      ],
      ['a stale If-Match', 412, [entry('PUT', 'Patient/q1', { ...PATIENT, id: 'q1' }, { ifMatch: 'W/"7"' })]],
      ['an invalid resource', 400, [post({ resourceType: 'Patient', gender: 'x' } as unknown as Patient)]],
      ['another type than the URL', 400, [entry('POST', 'Slot', PATIENT)]],
      ['an operation that changes something', 400, [entry('POST', 'Appointment/$book', APPOINTMENT)]],
      ['no request', 400, [{ resource: PATIENT }]],
      ['a type that only the server writes', 400, [entry('DELETE', 'AuditEvent/1')]],
      ['a method in small letters', 400, [entry('delete', 'Patient/q1')]],
      [
        'null for a resource',
        400,
        [{ ...entry('PUT', 'Patient?identifier=s|9'), resource: null as unknown as Patient }],
      ],
      ['a search that cannot be read', 400, [entry('GET', 'Patient?birthdate=x')]],
      ['a search for Slots that cannot be read', 400, [entry('GET', 'Slot?schedule=s1&start=x')]],
      ['a reference to no entry of it', 422, [post({ ...SCHEDULE, actor: [{ reference: 'urn:uuid:nobody' }] })]],
      ['a patch that is no Binary', 400, [entry('PATCH', 'Patient/q1', PATIENT)]],
      ['a Schedule that has Slots', 409, [entry('DELETE', 'Schedule/s1')]],
    ])('with %s: %i, and nothing happens', async (_, status, entries) => {
      await server.put(
        ...SCHEDULES,
        ...SLOTS,
        { ...PATIENT, id: 'a1', active: true },
        { ...PATIENT, id: 'a2', active: true },
      );
      const refused = await send('transaction', [post({ ...PATIENT, active: false }), ...entries]);
      expect([refused.status, refused.body.resourceType]).toEqual([status, 'OperationOutcome']);
      expect(idsOf(await server.get('/Patient'))).toEqual(['a1', 'a2', 'q1', 'q2']);
    });

    test('20 at once for one Slot: one has it, and of the others nothing stands', async () => {
      await server.put(...SCHEDULES, ...SLOTS);
      const visit = visitIn('G', 'urn:uuid:patient');
      const entries = [post(PATIENT, 'urn:uuid:patient'), post(visit)];
      const answers = await Promise.all(Array.from({ length: 20 }, () => send('transaction', entries)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(409)]);
      expect(idsOf(await server.get('/Patient?identifier=s|1'))).toHaveLength(1);
    });

    test('two visits of one Bundle for one Slot: refused', async () => {
      await server.put(...SCHEDULES, ...SLOTS);
      const visit = visitIn('G', 'Patient/q1');
      expect((await send('transaction', [post(visit), post(visit)])).status).toBe(409);
      expect((await server.get('/Slot/G')).body.status).toBe('free');
    });

    test('what a caller holds counts within one transaction, too', async () => {
      await server.put(...SCHEDULES);
      const count = BOOKING_SETTINGS.holdsPerCallerMax + 1;
      const at = (minute: number) => new Date(Date.parse('2027-03-15T13:00:00Z') + minute * 60_000).toISOString();
      const entries = Array.from({ length: count }, (_, n) => {
        const time = { start: at(n), end: at(n + 1) };
        const slot: Slot = { ...SLOT, ...time, schedule: { reference: 'Schedule/s1' } };
        const visit: Appointment = {
          ...visitIn('G'),
          ...time,
          status: 'pending',
          slot: [{ reference: `urn:uuid:${n}` }],
        };
        return [post(slot, `urn:uuid:${n}`), post(visit)];
      });
      expect((await send('transaction', entries.flat())).status).toBe(429);
      expect((await send('transaction', entries.slice(1).flat())).status).toBe(200);
    });

    test('a Schedule goes with its Slots and their bookings', async () => {
      await server.put(...SCHEDULES, ...SLOTS);
      const visit = { ...visitIn('H'), id: 'v' };
      expect((await send('transaction', [entry('PUT', 'Appointment/v', visit)])).statuses).toEqual(['201']);
      const gone = await send(
        'transaction',
        ['Schedule/s2', 'Slot/H', 'Appointment/v'].map((url) => entry('DELETE', url)),
      );
      expect(gone.statuses).toEqual(['204', '204', '204']);
      expect((await server.get('/Slot/H')).status).toBe(410);
    });

    test('an operation that changes nothing reads what the transaction has written', async () => {
      await server.put(...SCHEDULES, ...SLOTS);
      const { body, statuses } = await send('transaction', [
        entry('GET', 'Appointment/$find?schedule=Schedule/s1&start=2027-03-15&end=2027-03-15'),
        post(visitIn('A')),
      ]);
      expect(statuses).toEqual(['200', '201']);
      expect(JSON.stringify(body.entry?.[0]?.resource)).not.toContain('Slot/A"');
    });

    test('sent again with its Idempotency-Key: the first answer, and nothing twice', async () => {
      const headers = { 'Idempotency-Key': '"a-key-of-a-bundle"' };
      const first = await send('transaction', [post(PATIENT)], headers);
      expect(await send('transaction', [post(PATIENT)], headers)).toEqual(first);
      expect(idsOf(await server.get('/Patient'))).toHaveLength(1);
    });

    test('links in a narrative are rewritten, other texts are not', async () => {
      const div = '<div xmlns="http://www.w3.org/1999/xhtml"><a href="urn:uuid:patient">urn:uuid:patient</a></div>';
      const { body } = await send('transaction', [
        post(PATIENT, 'urn:uuid:patient'),
        post({ resourceType: 'Location', name: 'urn:uuid:patient', text: { status: 'additional', div } }),
      ]);
      const id = body.entry?.[0]?.resource?.id;
      expect(body.entry?.[1]?.resource).toMatchObject({
        name: 'urn:uuid:patient',
        text: { div: div.replace('"urn:uuid:patient"', `"Patient/${id}"`) },
      });
    });

    test('Prefer holds for each entry', async () => {
      const { body } = await send('transaction', [post(PATIENT)], { Prefer: 'return=minimal' });
      expect(body.entry).toEqual([
        {
          response: {
            status: '201',
            location: expect.stringMatching(/\/Patient\/[^/]+\/_history\/1$/),
            etag: 'W/"1"',
            lastModified: '2027-03-01T12:00:00.000Z',
          },
        },
      ]);
    });
  });

  describe('a batch', () => {
    test('each entry stands by itself, and knows nothing of the others', async () => {
      await server.put({ ...PATIENT, id: 'q1' });
      const { status, body, statuses } = await send('batch', [
        entry('GET', 'Patient/q1'),
        entry('GET', 'Patient/none'),
        post({ ...SLOT, schedule: { reference: 'Schedule/none' } }),
        post({ resourceType: 'Practitioner' }, 'urn:uuid:doctor'),
        post(SCHEDULE, 'urn:uuid:schedule'),
        entry('DELETE', 'Patient/q1'),
        { resource: PATIENT },
      ]);
      expect([status, body.type]).toEqual([200, 'batch-response']);
      expect(statuses).toEqual(['410', '404', '422', '201', '201', '204', '400']);
      expect(body.entry?.[2]?.response?.outcome).toMatchObject({ resourceType: 'OperationOutcome' });
      expect(body.entry?.[4]?.resource).toMatchObject({ actor: [{ reference: 'urn:uuid:doctor' }] });
    });

    test('operations too: of two that want one Slot, one has it', async () => {
      await server.put(...SCHEDULES, ...SLOTS);
      const appointment = visitIn('A');
      const { body, statuses } = await send('batch', [
        entry('POST', 'Appointment/$book', appointment),
        entry('POST', 'Appointment/$book', visitIn('A', 'Patient/q2')),
        entry('GET', 'Appointment/$find?schedule=Schedule/s1&start=2027-03-15&end=2027-03-15'),
        entry('GET', 'Appointment/$nothing'),
        entry('POST', 'Slot/$lock'),
      ]);
      expect(statuses).toEqual(['201', '409', '200', '400', '400']);
      const [booked, , found] = (body.entry ?? []).map(({ resource }) => resource);
      expect(booked).toMatchObject({ status: 'booked', slot: appointment.slot });
      const proposals = (found as Bundle<Appointment> | undefined)?.entry?.map(({ resource }) => resource?.start);
      expect([proposals?.includes(SLOT.start), proposals?.includes('2027-03-15T13:30:00Z')]).toEqual([false, true]);
    });

    test('sent again with its Idempotency-Key: what was done is not done twice', async () => {
      const headers = { 'Idempotency-Key': '"a-key-of-a-batch"' };
      const entries = [post(PATIENT), post(PATIENT), entry('GET', 'Patient/none')];
      const first = await send('batch', entries, headers);
      expect(await send('batch', entries, headers)).toEqual(first);
      expect(idsOf(await server.get('/Patient'))).toHaveLength(2);
    });
  });

  test.each<[string, number, object]>([
    ['no Bundle', 400, PATIENT],
    ['another type', 400, { resourceType: 'Bundle', type: 'collection' }],
    ['no list', 400, { resourceType: 'Bundle', type: 'batch', entry: {} }],
    [
      'more than BUNDLE_ENTRIES_MAX',
      422,
      { resourceType: 'Bundle', type: 'batch', entry: Array(BUNDLE_ENTRIES_MAX + 1).fill({}) },
    ],
    ['nothing at all', 200, { resourceType: 'Bundle', type: 'transaction' }],
  ])('%s: %i', async (_, status, body) => {
    expect((await server.http.post('/').send(body)).status).toBe(status);
  });
});
