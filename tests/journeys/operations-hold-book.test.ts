/** `$hold` and `$book`, line by line of docs/operations.md §1.3 and §1.4, over HTTP on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment, Extension, Patient } from 'fhir/r4.js';
import { nested, part } from '../booking/rule-builder.js';
import { wordsFor } from './booking-words.js';
import { ADAMS, asking, EXAMPLE_NOW, operationsOf, parameters, PATIENTS, PRACTITIONER } from './operation-words.js';
import { storedSlot, text, time, to, uri, whole } from './operation-words.js';
import { journeyStores, matchesOf, startServer, type TestServer } from './server.js';

const RECURRENCE = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.recurrenceTemplate';
const MINUTE_MS = 60_000;
const NOBODY = { participant: [{ actor: { display: 'somebody' }, status: 'accepted' as const }] };

/** A weekly series in New York. */
function weekly(visits: number, ...weeklyParts: Extension[]) {
  return nested(
    RECURRENCE,
    part('timezone', { valueCodeableConcept: { coding: [{ code: 'America/New_York' }] } }),
    part('recurrenceType', { valueCodeableConcept: { coding: [{ system: 'http://unitsofmeasure.org', code: 'wk' }] } }),
    part('occurrenceCount', { valuePositiveInt: visits }),
    ...(weeklyParts.length > 0 ? [nested('weeklyTemplate', ...weeklyParts)] : []),
  );
}

describe.each(journeyStores)('on $name', (store) => {
  let server: TestServer;
  const { post, get, everything } = operationsOf(() => server);
  const { expectSound, put } = wordsFor(() => server);
  let ids: readonly string[];
  const slotAt = (place: number) => ids[place] ?? '';
  const statusOf = async (path: string) => (await get(path)).body.status;

  beforeEach(async () => {
    server = await startServer(store, EXAMPLE_NOW);
    const room = { resourceType: 'Schedule' as const, id: 'room', actor: [{ display: 'Room' }] };
    await server.put(PRACTITIONER, ...PATIENTS, ADAMS, room, storedSlot('A'), storedSlot('B', '13:30', '14:00'));
    const found = await server.get('/Slot?schedule=dr-adams&start=2027-03-15&end=2027-03-15');
    ids = matchesOf(found).map(({ id }) => id ?? '');
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  describe('$hold', () => {
    const held = async (slot: string, headers = {}) =>
      post('Appointment/$hold', asking(slot, '13:00', '13:30'), headers);

    test('without Slots it takes the Schedule beside it, in it, or of who takes part', async () => {
      const untimed = asking(undefined, '13:00', '13:30');
      const beside = parameters(whole('appt-resource', untimed), to('schedule', 'Schedule/dr-adams'));
      const contained = {
        ...asking(undefined, '13:30', '14:00'),
        contained: [{ ...storedSlot('s1', '13:30', '14:00'), schedule: { reference: 'Schedule/dr-adams' } }],
        slot: [{ reference: '#s1' }],
      };
      const adams = { actor: { reference: 'Practitioner/adams' }, status: 'needs-action' as const };
      const byActor = asking(undefined, '14:00', '14:30', { participant: [adams] });
      const answers = [
        await post('Appointment/$hold', beside),
        await post('Appointment/$hold', parameters(whole('appointment', contained))),
        await post('Appointment/$hold', byActor),
      ];
      expect(answers.map(({ status, appointment }) => [status, appointment.slot])).toEqual(
        [0, 1, 2].map((place) => [201, [{ reference: `Slot/${slotAt(place)}` }]]),
      );
      expect(answers[1]?.appointment.contained).toBeUndefined();
    });

    test('a resource with Slots alone gets their times; others than theirs are refused', async () => {
      const answer = await post('Appointment/$hold', {
        ...asking('A', '13:00', '13:30'),
        start: undefined,
        end: undefined,
      });
      expect(answer.appointment).toMatchObject({
        start: '2027-03-15T13:00:00+00:00',
        end: '2027-03-15T13:30:00+00:00',
      });
      expect((await post('Appointment/$hold', asking('B', '13:00', '13:30'))).status).toBe(422);
    });

    test('without a time 400; an unknown id 404; nothing named 400', async () => {
      const answers = [
        await post('Appointment/$hold', asking(undefined, '13:00', '13:30', NOBODY)),
        await post('Appointment/nobody/$hold', undefined),
        await post('Appointment/$hold', parameters()),
      ];
      expect(answers.map(({ status }) => status)).toEqual([400, 404, 400]);
    });

    test('needs no patient; who is named takes part, tentative', async () => {
      const nobody = await post('Appointment/$hold', asking('A', '13:00', '13:30', NOBODY));
      expect(nobody.status).toBe(201);
      const named = parameters(
        whole('appointment', asking('B', '13:30', '14:00', NOBODY)),
        to('patient-reference', 'Patient/q2'),
      );
      expect((await post('Appointment/$hold', named)).appointment.participant).toEqual([
        { actor: { display: 'somebody' }, status: 'accepted' },
        { actor: { reference: 'Patient/q2' }, status: 'tentative' },
      ]);
      const unknown = parameters(uri('appt-id', slotAt(0)), to('patient-reference', 'Patient/nobody'));
      expect((await post('Appointment/$hold', unknown)).status).toBe(422);
    });

    test('H11: until in whole seconds; ten years are cut to 60 minutes, which is told; the past is 400', async () => {
      const ask = async (slot: string, until: string) =>
        post('Appointment/$hold', parameters(uri('appt-id', slot), time('until', until)));
      const exact = await ask(slotAt(0), '2027-03-15T12:10:00.400Z');
      expect(exact.headers['expires']).toBe('Mon, 15 Mar 2027 12:10:01 GMT');
      const long = await ask(slotAt(1), '2037-03-15T12:00:00Z');
      expect([long.status, long.headers['expires']]).toEqual([201, 'Mon, 15 Mar 2027 12:55:00 GMT']);
      expect(long.text).toContain('A hold lasts at most 60 minutes');
      expect((await ask(slotAt(2), '2027-03-15T11:55:00Z')).status).toBe(400);
    });

    test('renewed by its id: 200, the same Appointment, a new end', async () => {
      const first = await held('A');
      server.clock.ms += 4 * MINUTE_MS;
      const again = await post(`Appointment/${first.id}/$hold`, undefined);
      expect([again.status, again.id, again.headers['expires']]).toEqual([
        ...[200, first.id, 'Mon, 15 Mar 2027 12:04:00 GMT'],
      ]);
      server.clock.ms += 4 * MINUTE_MS;
      expect(await statusOf('Slot/A')).toBe('busy-tentative');
      expect(await statusOf(`Appointment/${first.id}`)).toBe('pending');
    });

    test('renewed with its resource, it may move', async () => {
      const first = await held('A');
      const moved = { ...asking('B', '13:30', '14:00'), id: first.id };
      const answer = await post('Appointment/$hold', moved);
      expect([answer.status, answer.id]).toEqual([200, first.id]);
      expect([await statusOf('Slot/A'), await statusOf('Slot/B')]).toEqual(['free', 'busy-tentative']);
    });

    test('under a key: renewed, confirmed, moved, released, booked with that key only', async () => {
      const { id } = await held('A', { 'X-Slot-Key': 'zebra' });
      const requests: [string, object][] = [
        ['$hold', parameters()],
        ['$confirm', parameters()],
        ['$reschedule', parameters(time('start', '2027-03-15T13:30:00Z'))],
        ['$cancel', parameters()],
        ['$book', parameters()],
      ];
      const before = await everything();
      for (const [operation, body] of requests) {
        expect((await post(`Appointment/${id}/${operation}`, body)).status).toBe(409);
        expect((await post(`Appointment/${id}/${operation}`, body, { 'X-Slot-Key': 'lion' })).status).toBe(403);
      }
      expect(await everything()).toEqual(before);
      const renewed = await post(`Appointment/${id}/$hold`, parameters(text('key', 'zebra')));
      const moved = await post(
        `Appointment/${id}/$reschedule`,
        parameters(time('start', '2027-03-15T13:30:00Z'), text('key', 'zebra')),
      );
      expect([renewed.status, moved.status]).toEqual([200, 200]);
      expect((await post(`Appointment/${id}/$confirm`, undefined)).status).toBe(409);
      expect((await post(`Appointment/${id}/$confirm`, undefined, { 'X-Slot-Key': 'zebra' })).status).toBe(200);
      expect((await post(`Appointment/${id}/$cancel`, undefined)).status).toBe(200);
      expect(before.join('')).not.toContain('zebra');
    });

    test('what is booked or cancelled is not held', async () => {
      const { id } = await post('Appointment/$book', asking('A', '13:00', '13:30'));
      expect((await post(`Appointment/${id}/$hold`, undefined)).status).toBe(409);
      await post(`Appointment/${id}/$cancel`, undefined);
      expect((await post(`Appointment/${id}/$hold`, undefined)).status).toBe(409);
    });
  });

  describe('$book', () => {
    const book = async (appointment: object, headers = {}) => post('Appointment/$book', appointment, headers);

    test.each(['proposed', 'pending', 'booked'] as const)(
      'a new resource that is %s is booked: 201',
      async (status) => {
        const answer = await book(asking('A', '13:00', '13:30', { status }));
        expect([answer.status, answer.body.status]).toEqual([201, 'booked']);
      },
    );

    test('an id that is not stored: dropped, unless the resource is booked or cancelled', async () => {
      const send = async (status: Appointment['status'], slot: string, start: string, end: string) =>
        book({ ...asking(slot, start, end), id: 'theirs', status });
      expect((await send('booked', 'A', '13:00', '13:30')).status).toBe(404);
      expect((await send('cancelled', 'A', '13:00', '13:30')).status).toBe(404);
      const dropped = await send('proposed', 'A', '13:00', '13:30');
      expect(dropped.status).toBe(201);
      expect(dropped.id).not.toBe('theirs');
    });

    test.each(['arrived', 'fulfilled', 'noshow', 'entered-in-error', 'waitlist'] as const)(
      'sent as %s: 422',
      async (status) => {
        const before = await everything();
        expect((await book(asking('A', '13:00', '13:30', { status }))).status).toBe(422);
        expect(await everything()).toEqual(before);
      },
    );

    test('stored and booked: by its id unchanged, by its resource changed and moved under the same id', async () => {
      const { id, headers } = await book(asking('A', '13:00', '13:30'));
      const same = await post(`Appointment/${id}/$book`, undefined);
      expect([same.status, same.headers['etag']]).toEqual([200, headers['etag']]);
      const changed = await book({ ...asking('A', '13:00', '13:30'), id, status: 'booked', description: 'x' });
      expect(changed.body).toMatchObject({ id, status: 'booked', description: 'x', slot: [{ reference: 'Slot/A' }] });
      const moved = await book({ ...asking(undefined, '13:30', '14:00'), id, status: 'booked' });
      expect(moved.body).toMatchObject({ id, status: 'booked', slot: [{ reference: 'Slot/B' }] });
      expect([moved.status, await statusOf('Slot/A'), await statusOf('Slot/B')]).toEqual([200, 'free', 'busy']);
    });

    test('stored and held or proposed: booked, 200; cancelled, over or fulfilled: 409', async () => {
      const hold = await post('Appointment/$hold', asking('A', '13:00', '13:30'));
      expect((await book({ ...asking('A', '13:00', '13:30'), id: hold.id, status: 'pending' })).status).toBe(200);
      const { body: stored } = await put({ ...asking('B', '13:30', '14:00'), id: 'planned' });
      expect(stored.status).toBe('proposed');
      const booked = await post('Appointment/planned/$book', undefined);
      expect([booked.status, booked.appointment.status]).toEqual([200, 'booked']);

      await post('Appointment/planned/$cancel', undefined);
      const cancelled = await post('Appointment/planned/$book', undefined);
      const again = await book({ ...asking('B', '13:30', '14:00'), id: 'planned' });
      expect([cancelled.status, again.status]).toEqual([409, 409]);
      const lost = await post('Appointment/$hold', asking('B', '13:30', '14:00'));
      server.clock.ms += 5 * MINUTE_MS;
      expect((await post(`Appointment/${lost.id}/$book`, undefined)).status).toBe(409);
      await put({ ...asking('A', '13:00', '13:30'), id: hold.id, status: 'fulfilled' });
      expect((await post(`Appointment/${hold.id}/$book`, undefined)).status).toBe(409);
    });

    test('B19: sent as cancelled it is cancelled; with another time 422', async () => {
      const { id } = await book(asking('A', '13:00', '13:30'));
      const moved = { ...asking(undefined, '13:30', '14:00'), id, status: 'cancelled' };
      expect((await book(moved)).status).toBe(422);
      const answer = await book({ ...asking('A', '13:00', '13:30'), id, status: 'cancelled' });
      expect([answer.status, answer.body.status, await statusOf('Slot/A')]).toEqual([200, 'cancelled', 'free']);
    });

    test('cancelled-appt-id: unknown 404; its time counts as free for the new one', async () => {
      const old = await book(asking('A', '13:00', '13:30'));
      const replacing = (id: string) =>
        parameters(
          whole('appt-resource', asking('A', '13:00', '13:30')),
          uri('cancelled-appt-id', `Appointment/${id}`),
        );
      expect((await book(replacing('nobody'))).status).toBe(404);
      const answer = await book(replacing(old.id));
      expect([answer.status, await statusOf(`Appointment/${old.id}`), await statusOf('Slot/A')]).toEqual([
        ...[201, 'cancelled', 'busy'],
      ]);
    });

    test('a Patient is asked for in the bare form and in appt-resource, not in the others', async () => {
      const resource = asking('A', '13:00', '13:30', NOBODY);
      expect((await book(resource)).status).toBe(422);
      expect((await book(parameters(whole('appt-resource', resource)))).status).toBe(422);
      expect((await book(parameters(whole('appt-resource', resource), uri('patient-id', 'Patient/q2')))).status).toBe(
        201,
      );
      expect((await post(`Appointment/${slotAt(0)}/$book`, undefined)).status).toBe(201);
    });

    test('patient-resource: by id or identifier the one that is stored; else it is created', async () => {
      const patient = (parts: Partial<Patient>) => whole('patient-resource', { resourceType: 'Patient', ...parts });
      const actorOf = ({ participant }: Appointment) => participant.map(({ actor }) => actor?.reference);
      const id = (place: number) => uri('appointment-reference', `Appointment/${slotAt(place)}`);
      const known = await book(parameters(id(0), patient({ id: 'q1', gender: 'other' })));
      expect(actorOf(known.appointment)).toEqual(['Practitioner/adams', 'Patient/q1']);
      const identified = await book(
        parameters(id(1), patient({ identifier: [{ system: 'http://mrn', value: 'q2' }] })),
      );
      expect(actorOf(identified.appointment)).toContain('Patient/q2');
      const fresh = { identifier: [{ system: 'http://mrn', value: 'a,b|c' }] };
      const [first, second] = await Promise.all([
        book(parameters(id(2), patient(fresh))),
        book(parameters(id(3), patient(fresh))),
      ]);
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(actorOf(first.appointment)).toEqual(actorOf(second.appointment));
      expect((await get('Patient?_summary=count')).body.total).toBe(3);
      const refused = await book(parameters(id(2), patient({ identifier: [{ value: 'nobody yet' }] })));
      expect([refused.status, (await get('Patient?_summary=count')).body.total]).toEqual([409, 3]);
    });

    test('comment becomes that of the Appointment', async () => {
      const answer = await book(parameters(uri('appt-id', slotAt(0)), text('comment', 'window seat')));
      expect(answer.appointment.comment).toBe('window seat');
    });

    test('requestedPeriod is kept; missing, it is the time', async () => {
      const asked = [{ start: '2027-03-15T12:00:00Z', end: '2027-03-16T12:00:00Z' }];
      const kept = await book(asking('A', '13:00', '13:30', { requestedPeriod: asked }));
      expect(kept.appointment.requestedPeriod).toEqual(asked);
      const made = await book(asking('B', '13:30', '14:00'));
      expect(made.appointment.requestedPeriod).toEqual([{ start: made.appointment.start, end: made.appointment.end }]);
    });

    test('with the key of a hold, the held Appointment is booked, though its time was named', async () => {
      const key = { 'X-Slot-Key': 'zebra' };
      const held = await post('Appointment/$hold', asking(slotAt(0), '13:00', '13:30'), key);
      const booked = await post(`Appointment/${slotAt(0)}/$book`, parameters(text('key', 'zebra')));
      expect([booked.status, booked.id]).toEqual([200, held.id]);
    });

    test('a list: all, or none with a reason for each that failed', async () => {
      await book(asking('A', '13:00', '13:30'));
      const list = (...slots: string[]) => parameters(...slots.map((slot) => uri('appt-id', slot)));
      const before = await everything();
      const refused = await book(list(slotAt(0), slotAt(0), slotAt(1), slotAt(1)));
      expect(refused.status).toBe(409);
      expect(refused.body.issue?.map(({ diagnostics }) => diagnostics?.split(' ')[1])).toEqual(['2', '4']);
      expect(await everything()).toEqual(before);
      const answer = await book(list(slotAt(0), slotAt(1)));
      expect([answer.status, answer.body.total]).toEqual([201, 2]);
    });

    test('a series is booked whole, at one local time across the change of clocks', async () => {
      const first = asking(undefined, '13:00', '13:30', {
        extension: [weekly(3, part('monday', { valueBoolean: true }))],
      });
      // Clocks go back on 2027-11-07: 09:00 is 14:00Z from then on.
      server.clock.ms = Date.parse('2027-10-30T12:00:00Z');
      const times = { start: '2027-11-01T13:00:00Z', end: '2027-11-01T13:30:00Z' };
      const unslotted = { ...first, ...times };
      const answer = await book(parameters(whole('appointment', unslotted), to('schedule', 'Schedule/dr-adams')));
      expect(answer.status).toBe(201);
      const starts = answer.body.entry?.flatMap(({ resource }) =>
        resource?.resourceType === 'Appointment' ? [resource.start] : [],
      );
      expect(starts).toEqual(['2027-11-01T13:00:00Z', '2027-11-08T09:00:00-05:00', '2027-11-15T09:00:00-05:00']);
    });

    test('a series whose first visit names its Slot; a refusal names each time that failed', async () => {
      const series = asking(slotAt(0), '13:00', '13:30', { extension: [weekly(3)] });
      const taken = ['2027-03-22', '2027-03-29'];
      for (const day of taken) {
        const times = { start: `${day}T13:00:00Z`, end: `${day}T13:30:00Z` };
        const asked = { ...asking(undefined, '13:00', '13:30'), ...times };
        await book(parameters(whole('appointment', asked), to('schedule', 'Schedule/dr-adams')));
      }
      const before = await everything();
      const refused = await book(series);
      expect(refused.status).toBe(409);
      expect(refused.body.issue?.map(({ diagnostics }) => /\((.*?)T/.exec(diagnostics ?? '')?.[1])).toEqual(taken);
      expect(await everything()).toEqual(before);
      const two = await book({ ...series, extension: [weekly(2, part('weekInterval', { valuePositiveInt: 3 }))] });
      expect([two.status, two.body.total]).toEqual([201, 2]);
    });

    test.each([
      ['another weekday', [weekly(2, part('tuesday', { valueBoolean: true }))]],
      ['no zone', [nested(RECURRENCE, part('recurrenceType', { valueCodeableConcept: { coding: [{ code: 'wk' }] } }))]],
      ['no weeks', [nested(RECURRENCE, part('occurrenceCount', { valuePositiveInt: 2 }))]],
    ])('a series with %s: 422', async (_, extension) => {
      expect((await book(asking(slotAt(0), '13:00', '13:30', { extension }))).status).toBe(422);
    });
  });
});
