/** What bookings refuse (issue 7, 'Bad input'; H13) and requests that come again, over HTTP on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Parameters } from 'fhir/r4.js';
import { makeApiKeys } from '../../server/auth/index.js';
import { newSecret } from '../../server/base/secret.js';
import { SERIES_VISITS_MAX } from '../../server/booking/series.js';
import { nested, part } from '../booking/rule-builder.js';
import { wordsFor } from './booking-words.js';
import { ADAMS, asking, EXAMPLE_NOW, operationsOf, parameters, PATIENTS, PRACTITIONER } from './operation-words.js';
import { storedSlot, text, time, to, uri, whole } from './operation-words.js';
import { journeyStores, matchesOf, startServer, type TestServer } from './server.js';

const RECURRENCE = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.recurrenceTemplate';
/** The default of HOLDS_PER_CALLER_MAX. */
const HOLDS = 50;
const MINUTE_MS = 60_000;

describe.each(journeyStores)('on $name', (store) => {
  let server: TestServer;
  const { post, get, patch, everything } = operationsOf(() => server);
  const { expectSound, remove } = wordsFor(() => server);
  let computed: string;
  const room = { resourceType: 'Schedule' as const, id: 'room', actor: [{ display: 'Room' }] };

  beforeEach(async () => {
    server = await startServer(store, EXAMPLE_NOW);
    await server.put(PRACTITIONER, ...PATIENTS, ADAMS, room, storedSlot('A'), storedSlot('B', '13:30', '14:00'));
    computed = matchesOf(await server.get('/Slot?schedule=dr-adams&start=2027-03-15&end=2027-03-15'))[0]?.id ?? '';
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  test('bad input: each with its status, and nothing is changed', async () => {
    const lock = parameters(time('until', '2027-03-15T12:30:00Z'), text('key', 'zebra'));
    await post('Slot/A/$lock', lock);
    const held = await post('Appointment/$hold', asking('B', '13:30', '14:00'), { 'X-Slot-Key': 'lion' });
    const offGrid = computed.replace(/-\w+-(\w+)$/, '-1-$1');
    const visits = nested(
      RECURRENCE,
      part('timezone', { valueCode: 'UTC' }),
      part('recurrenceType', { valueCodeableConcept: { coding: [{ code: 'wk' }] } }),
      part('occurrenceCount', { valuePositiveInt: SERIES_VISITS_MAX + 1 }),
    );
    const nobody = { actor: { reference: 'Patient/nobody' }, status: 'needs-action' as const };
    const schedule = (id: string) =>
      parameters(whole('appointment', asking(undefined, '13:00', '13:30')), to('schedule', `Schedule/${id}`));
    const cases: readonly (readonly [number, string, object | undefined, Record<string, string>?])[] = [
      [403, 'Appointment/$book', asking('A', '13:00', '13:30'), { 'X-Slot-Key': 'lion' }],
      [409, 'Appointment/$book', asking('A', '13:00', '13:30')],
      [403, `Appointment/${held.id}/$book`, undefined, { 'X-Slot-Key': 'zebra' }],
      [400, 'Appointment/$hold', asking(computed, '13:00', '13:30'), { 'X-Slot-Key': 'k'.repeat(257) }],
      [400, 'Slot/A/$unlock', parameters()],
      [400, 'Slot/B/$lock', parameters(time('until', 'tomorrow'), text('key', 'zebra'))],
      [404, 'Slot/nobody/$lock', lock],
      [404, `Slot/${offGrid}/$lock`, lock],
      [404, `Appointment/${offGrid}/$book`, undefined],
      [400, 'Appointment/%00/$book', undefined],
      [422, 'Appointment/$book', asking('nobody', '13:00', '13:30')],
      [422, 'Appointment/$book', asking(offGrid, '13:00', '13:30')],
      [422, 'Appointment/$book', asking(computed, '13:00', '14:00')],
      [422, 'Appointment/$book', asking(computed, '13:00', '13:30', { participant: [nobody] })],
      [422, 'Appointment/$book', parameters(uri('appt-id', computed), to('patient-reference', 'Patient/nobody'))],
      [422, 'Appointment/$hold', schedule('nobody')],
      [422, 'Appointment/$book', asking(computed, '13:00', '13:30', { extension: [visits] })],
      [404, 'Appointment/$book', parameters(uri('appt-id', computed), uri('cancelled-appt-id', 'Appointment/nobody'))],
    ];
    const before = await everything();
    const answers: (readonly [number, string])[] = [];
    for (const [, path, body, headers = {}] of cases) answers.push([(await post(path, body, headers)).status, path]);
    expect(answers).toEqual(cases.map(([status, path]) => [status, path]));
    expect(await everything()).toEqual(before);
  });

  test.each<[string, object]>([
    ['given up for another', parameters(uri('appt-id', 'Appointment/other'), uri('cancelled-appt-id', 'gone'))],
    ['named by its id', parameters(uri('appt-id', 'gone'))],
    ['sent to be changed', asking('A', '13:00', '13:30', { id: 'gone', status: 'booked' })],
    ['sent to be cancelled', asking('A', '13:00', '13:30', { id: 'gone', status: 'cancelled' })],
  ])('$book of an Appointment that was deleted, %s: 410, as reading it', async (_, body) => {
    await server.put({ ...asking('B', '13:30', '14:00'), id: 'other' });
    await server.put({ ...asking('A', '13:00', '13:30'), id: 'gone' });
    await remove('Appointment/gone');
    const before = await everything();
    const answers = [await get('Appointment/gone'), await post('Appointment/$book', body)];
    expect(answers.map((one) => [one.status, one.body.issue?.[0]?.code])).toEqual([
      [410, 'deleted'],
      [410, 'deleted'],
    ]);
    expect(await everything()).toEqual(before);
  });

  describe('HOLDS_PER_CALLER_MAX', () => {
    const slots = Array.from({ length: HOLDS + 2 }, (_, at) => {
      const minute = String(at % 60).padStart(2, '0');
      return storedSlot(`x${at}`, `15:${minute}`, at === 59 ? '16:00' : `15:${String((at % 60) + 1).padStart(2, '0')}`);
    });
    const holdAt = async (at: number, headers = {}) =>
      post(
        'Appointment/$hold',
        asking(`x${at}`, slots[at]?.start.slice(11, 16) ?? '', slots[at]?.end.slice(11, 16) ?? ''),
        headers,
      );
    const lockAt = async (at: number) =>
      post(`Slot/x${at}/$lock`, parameters(time('until', '2027-03-15T12:30:00Z'), text('key', 'zebra')));

    test('H13: 429 with Retry-After, holds, locks and patches together, for each caller', async () => {
      await server.put(...slots);
      const ids: string[] = [];
      for (let at = 0; at < HOLDS - 1; at++) ids.push((await holdAt(at)).id);
      expect((await lockAt(HOLDS - 1)).status).toBe(200);
      const before = await everything();
      const refused = [
        await holdAt(HOLDS),
        await lockAt(HOLDS),
        await patch(`Slot/x${HOLDS}`, [{ op: 'replace', path: '/status', value: 'busy-tentative' }]),
      ];
      expect(refused.map(({ status, headers }) => [status, headers['retry-after']])).toEqual(
        [429, 429, 429].map((one) => [one, '60']),
      );
      expect(refused[0]?.body.issue?.[0]?.code).toBe('throttled');
      expect(await everything()).toEqual(before);

      const { key } = await makeApiKeys({
        store: server.store,
        clock: { nowMs: () => server.clock.ms },
        newSecret,
      }).create('desk', []);
      const other = await holdAt(HOLDS, { Authorization: `Bearer ${key}` });
      expect(other.status).toBe(201);
      expect((await post(`Appointment/${ids[0]}/$hold`, undefined)).status).toBe(200);

      await post(`Slot/x${HOLDS - 1}/$unlock`, parameters(text('key', 'zebra')));
      await post(`Appointment/${ids[0]}/$cancel`, undefined);
      await post(`Appointment/${ids[1]}/$book`, undefined);
      const again = [await holdAt(0), await lockAt(HOLDS - 1), await holdAt(HOLDS + 1), await lockAt(2)];
      expect(again.map(({ status }) => status)).toEqual([201, 200, 201, 409]);
      server.clock.ms += 5 * MINUTE_MS;
      expect((await holdAt(2)).status).toBe(201);
    });
  });

  describe('Idempotency-Key', () => {
    /** All that a client sees, but the time that it was sent at. */
    const seen = ({ status, headers, text: body }: Awaited<ReturnType<typeof post>>) => {
      return { status, headers: { ...headers, date: '' }, body };
    };
    const keyed = (key: string) => ({ 'Idempotency-Key': `"${key}"` });
    const medplum = (slot: string) => parameters(whole('appointment', asking(slot, '13:00', '13:30')));

    test('every operation answers again what it answered, whatever has become of it since', async () => {
      const held = await post('Appointment/$hold', medplum(computed), keyed('hold'));
      const requests: [string, string, Parameters | undefined][] = [
        ['hold', 'Appointment/$hold', medplum(computed)],
        ['confirm', `Appointment/${held.id}/$confirm`, undefined],
        ['move', `Appointment/${held.id}/$reschedule`, parameters(time('start', '2027-03-15T14:00:00Z'))],
        ['cancel', `Appointment/${held.id}/$cancel`, undefined],
        ['book', 'Appointment/$book', medplum(computed)],
        ['lock', 'Slot/A/$lock', parameters(time('until', '2027-03-15T12:30:00Z'), text('key', 'zebra'))],
        ['unlock', 'Slot/A/$unlock', parameters(text('key', 'zebra'))],
        ['disable', 'Slot/B/$disable', undefined],
        ['enable', 'Slot/B/$enable', undefined],
      ];
      const first = [];
      for (const [key, path, body] of requests) first.push(seen(await post(path, body, keyed(key))));
      expect(first[0]).toEqual(seen(held));
      expect(first.map(({ status }) => status)).toEqual([201, 200, 200, 200, 201, 200, 200, 200, 200]);
      const before = await everything();
      server.clock.ms += MINUTE_MS;
      for (const [at, [key, path, body]] of requests.entries()) {
        expect(seen(await post(path, body, keyed(key)))).toEqual(first[at]);
        const another = parameters(text('x', 'y'));
        another.parameter?.push(...(body?.parameter ?? []));
        expect((await post(path, another, keyed(key))).status).toBe(422);
      }
      expect(await everything()).toEqual(before);
    });

    test('equal requests at the same moment: one effect, one answer', async () => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => post('Appointment/$book', medplum('A'), keyed('same'))),
      );
      expect(new Set(answers.map((answer) => JSON.stringify(seen(answer)))).size).toBe(1);
      expect((await get('Appointment?_summary=count')).body.total).toBe(1);
    });

    test('a refusal is not kept: the same request may succeed later', async () => {
      const { id } = await post('Appointment/$book', asking('A', '13:00', '13:30'));
      expect((await post('Appointment/$hold', medplum('A'), keyed('late'))).status).toBe(409);
      await post(`Appointment/${id}/$cancel`, undefined);
      expect((await post('Appointment/$hold', medplum('A'), keyed('late'))).status).toBe(201);
    });
  });
});
