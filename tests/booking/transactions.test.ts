/** Changes of several resources that stand or fall together, on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment } from 'fhir/r4.js';
import { makeTransact, type Transact } from '../../server/booking/transactions.js';
import { makeComputedSlotReader } from '../../server/booking/computed-slot-reader.js';
import { writeDeps } from '../../server/booking/make-resources.js';
import { ScheduleReader } from '../../server/booking/schedule-reader.js';
import { journeyStores, startServer, type TestServer } from '../journeys/server.js';
import { hours, minutes, part, rule } from './rule-builder.js';
import { schedule } from '../journeys/rule-fixture.js';

const BASE = 'http://127.0.0.1:8080';
const context = { base: BASE, strict: false };
const TIME = { start: '2027-03-15T09:00:00Z', end: '2027-03-15T09:30:00Z' };
const AT_NINE = { startMs: Date.parse(TIME.start), endMs: Date.parse(TIME.end) };

/** Half hours from nine to ten, one visit at a time, in a pool of its own. */
const room = (pool: string) =>
  rule(hours('09:00', '10:00'), minutes('duration', 30), part('pool', { valueString: pool }));

const visit = (id: string): Appointment & { id: string } => ({
  resourceType: 'Appointment',
  id,
  status: 'booked',
  ...TIME,
  supportingInformation: [{ reference: 'Schedule/s1' }],
  participant: [{ actor: { display: 'somebody' }, status: 'accepted' }],
});

describe.each(journeyStores)('$name', (store) => {
  let server: TestServer;
  let transact: Transact;
  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(
      { resourceType: 'Location', id: 'l1' },
      schedule('s1', [room('a'), room('b')], { actor: [{ reference: 'Location/l1' }] }),
    );
    const clock = { nowMs: () => server.clock.ms };
    const schedules = new ScheduleReader(server.store, 'UTC');
    const computedSlots = makeComputedSlotReader(server.store, schedules, clock);
    const rest = { clock, newId: () => 'new', defaultZone: 'UTC', schedules, computedSlots };
    transact = makeTransact(writeDeps({ store: server.store, ...rest, exclusiveActors: [] }));
  });
  afterEach(() => server.close());

  const poolsOf = async (id: string) =>
    ((await server.get(`/Appointment/${id}`)).body as Appointment).extension?.map(({ valueString }) => valueString);

  test('what fails takes all else with it', async () => {
    const failing = transact(context, async (transaction) => {
      await transaction.put({ resourceType: 'Patient', id: 'q1' });
      await transaction.put(visit('a1'), 'a');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect((await server.get('/Patient/q1')).status).toBe(404);
    expect((await server.get('/Appointment/a1')).status).toBe(404);
  });

  test('it reads what it wrote, and what others wrote meanwhile makes it decide again', async () => {
    let tries = 0;
    const name = await transact(context, async (transaction) => {
      tries += 1;
      const read = await transaction.read('Location', 'l1');
      if (tries === 1) await server.put({ resourceType: 'Location', id: 'l1', name: 'moved' });
      await transaction.put({ resourceType: 'Patient', id: 'q1', active: true });
      expect((await transaction.read('Patient', 'q1'))?.text).toContain('"active":true');
      return (JSON.parse(read?.text ?? '{}') as { name?: string }).name;
    });
    expect([tries, name]).toEqual([2, 'moved']);
  });

  test('an Appointment counts in the pool that it is given, and says so', async () => {
    await transact(context, (transaction) => transaction.put(visit('a1'), 'b'));
    expect(await poolsOf('a1')).toEqual(['b']);
    const taken = transact(context, (transaction) => transaction.put(visit('a2'), 'b'));
    await expect(taken).rejects.toMatchObject({ kind: 'conflict' });
    await transact(context, (transaction) => transaction.put(visit('a2'), 'a'));
    expect(await poolsOf('a2')).toEqual(['a']);
  });

  test('one that comes by FHIR counts where there is room, and says so too', async () => {
    await transact(context, (transaction) => transaction.put(visit('a1'), 'a'));
    expect((await server.http.put('/Appointment/a2').send(visit('a2'))).status).toBe(201);
    expect(await poolsOf('a2')).toEqual(['b']);
  });

  test('one that is loaded counts where it counted', async () => {
    const url = 'https://fhir-slots.dev/fhir/StructureDefinition/pool';
    await server.put({ ...visit('a1'), extension: [{ url, valueString: 'b' }] });
    expect(await poolsOf('a1')).toEqual(['b']);
    const taken = transact(context, (transaction) => transaction.put(visit('a2'), 'b'));
    await expect(taken).rejects.toMatchObject({ kind: 'conflict' });
  });

  test('one that gives its time up says still where it counted', async () => {
    await transact(context, (transaction) => transaction.put(visit('a1'), 'b'));
    await transact(context, (transaction) => transaction.amend('Appointment', 'a1', { status: 'cancelled' }));
    expect(await poolsOf('a1')).toEqual(['b']);
  });

  test('an amended resource keeps what is not named, digits and all', async () => {
    await server.http
      .put('/Location/l2')
      .set('Content-Type', 'application/fhir+json')
      .send('{"resourceType":"Location","id":"l2","name":"old","position":{"longitude":1.50,"latitude":2}}');
    await transact(context, (transaction) => transaction.amend('Location', 'l2', { name: 'new' }));
    const { text } = await server.http.get('/Location/l2');
    expect(text).toContain('"name":"new"');
    expect(text).toContain('"longitude":1.50');
  });

  test('it tells who has a place of a pool', async () => {
    await transact(context, (transaction) => transaction.put(visit('a1'), 'a'));
    const whoHas = (pool: string) =>
      transact(context, async (transaction) =>
        (await transaction.appointmentsAt({ ...AT_NINE, schedule: 's1', pool })).map(({ id }) => id),
      );
    expect(await whoHas('a')).toEqual(['a1']);
    expect(await whoHas('b')).toEqual([]);
  });

  test('what it removes is gone, and what is not there stays so', async () => {
    await transact(context, (transaction) => transaction.put(visit('a1'), 'a'));
    await transact(context, async (transaction) => {
      await transaction.remove('Appointment', 'a1');
      await transaction.remove('Appointment', 'nowhere');
    });
    expect((await server.get('/Appointment/a1')).status).toBe(410);
    await expect(transact(context, (one) => one.amend('Patient', 'q9', {}))).rejects.toMatchObject({
      kind: 'not-found',
    });
  });
});
