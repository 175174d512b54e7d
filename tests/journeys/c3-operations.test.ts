/**
 * Holding, booking, moving and cancelling by operations, on stored and computed Slots alike: cases H, B14 to B20 and
 * R04 of docs/scheduling-cases.md.
 */
import { beforeEach, afterEach, describe, expect, test } from '@jest/globals';
import type { Appointment, Parameters, Slot } from 'fhir/r4.js';
import { hours, minutes, rule, scheduleWith } from '../booking/rule-builder.js';
import { bodyOf, idsOf, journeyStores, matchesOf, startServer, type TestServer } from './server.js';

const NOW = '2027-03-01T00:00:00Z';
const PATIENT = { resourceType: 'Patient' as const, id: 'q1' };
const STORED: Slot = {
  resourceType: 'Slot',
  id: 'A',
  schedule: { reference: 'Schedule/s2' },
  status: 'free',
  start: '2027-03-15T13:00:00Z',
  end: '2027-03-15T14:00:00Z',
};

function parameters(values: Readonly<Record<string, object>>): Parameters {
  return { resourceType: 'Parameters', parameter: Object.entries(values).map(([name, value]) => ({ name, ...value })) };
}

const resourceAt = (slot: string, status: Appointment['status'] = 'proposed'): Appointment => ({
  resourceType: 'Appointment',
  status,
  slot: [{ reference: `Slot/${slot}` }],
  start: '2027-03-15T13:00:00Z',
  end: '2027-03-15T14:00:00Z',
  participant: [{ actor: { reference: 'Patient/q1' }, status: 'needs-action' }],
});

describe.each(journeyStores)('operations on $name', (store) => {
  let server: TestServer;
  let computed: string;
  beforeEach(async () => {
    server = await startServer(store, NOW);
    await server.put(
      PATIENT,
      scheduleWith([rule(hours('13:00', '16:00'), minutes('duration', 60))]),
      { resourceType: 'Schedule', id: 's2', actor: [{ display: 'Room' }] },
      STORED,
    );
    const free = await server.get('/Slot?schedule=s1&start=2027-03-15&end=2027-03-15');
    computed = idsOf(free)[0] ?? '';
  });
  afterEach(() => server.close());

  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const answer = await server.http.post(path).set(headers).send(body);
    return { status: answer.status, headers: answer.headers as Record<string, string>, body: bodyOf(answer) };
  };
  const free = async (schedule: string) =>
    idsOf(await server.get(`/Slot?schedule=${schedule}&start=2027-03-15&end=2027-03-15`));
  const statusOf = async (id: string) => (await server.get(`/Slot/${id}`)).body.status;

  describe.each(['stored', 'computed'])('a %s Slot', (kind) => {
    const slot = () => (kind === 'stored' ? 'A' : computed);
    const schedule = kind === 'stored' ? 's2' : 's1';
    const appointment = () => parameters({ appointment: { resource: resourceAt(slot()) } });

    test('H01, H03: held, it is busy-tentative and offered to nobody; the answer tells until when', async () => {
      const held = await post('/Appointment/$hold', resourceAt(slot()));
      expect([held.status, held.body.status]).toEqual([201, 'pending']);
      expect(held.headers['expires']).toBe('Mon, 01 Mar 2027 00:05:00 GMT');
      expect(JSON.stringify(held.body)).toContain('"valueInstant":"2027-03-01T00:05:00.000Z"');
      expect(await statusOf(slot())).toBe('busy-tentative');
      expect(await free(schedule)).not.toContain(slot());
    });

    test('H02, B20: a second hold or booking by another is a conflict and changes nothing', async () => {
      await post('/Appointment/$hold', resourceAt(slot()));
      expect((await post('/Appointment/$hold', appointment())).status).toBe(409);
      expect((await post('/Appointment/$book', resourceAt(slot()))).status).toBe(409);
      expect((await server.get('/Appointment?_summary=count')).body.total).toBe(1);
    });

    test('H04: booked by the id of the held Appointment, the Slot is busy', async () => {
      const held = await post('/Appointment/$hold', resourceAt(slot()));
      const booked = await post(
        '/Appointment/$book',
        parameters({ 'appt-id': { valueUri: `Appointment/${held.body.id}` } }),
      );
      expect(booked.status).toBe(200);
      expect(matchesOf(booked)[0]).toMatchObject({ id: held.body.id, status: 'booked' });
      expect(await statusOf(slot())).toBe('busy');
    });

    test('H05: held under a key, it is booked with that key only', async () => {
      const key = { 'X-Slot-Key': 'zebra' };
      const held = await post('/Appointment/$hold', resourceAt(slot()), key);
      const book = (headers = {}) => post(`/Appointment/${held.body.id}/$book`, parameters({}), headers);
      expect((await book()).status).toBe(409);
      expect((await book({ 'X-Slot-Key': 'lion' })).status).toBe(403);
      expect((await book(key)).status).toBe(200);
    });

    test('H06, H07: past its end the Slot is free and the Appointment cancelled, with nothing having run', async () => {
      const held = await post('/Appointment/$hold', resourceAt(slot()));
      server.clock.ms += 300_000;
      expect(await free(schedule)).toContain(slot());
      expect(await statusOf(slot())).toBe('free');
      expect((await server.get(`/Appointment/${held.body.id}`)).body.status).toBe('cancelled');
      expect(idsOf(await server.get('/Appointment?status=cancelled'))).toEqual([held.body.id]);
      expect((await post(`/Appointment/${held.body.id}/$book`, parameters({}))).status).toBe(409);
      expect((await post('/Appointment/$book', resourceAt(slot()))).status).toBe(201);
    });

    test('a lock keeps all others off until it ends, and its key books', async () => {
      const lock = parameters({ until: { valueDateTime: '2027-03-01T01:00:00Z' }, key: { valueString: 'zebra' } });
      const locked = await post(`/Slot/${slot()}/$lock`, lock);
      expect([locked.status, locked.body.status]).toEqual([200, 'busy-tentative']);
      expect(locked.headers['expires']).toBe('Mon, 01 Mar 2027 01:00:00 GMT');
      expect(await free(schedule)).not.toContain(slot());
      expect((await post('/Appointment', resourceAt(slot(), 'booked'))).status).toBe(409);
      const wrong = await post('/Appointment', resourceAt(slot(), 'booked'), { 'X-Slot-Key': 'lion' });
      expect(wrong.status).toBe(403);
      const booked = await post('/Appointment', resourceAt(slot(), 'booked'), { 'X-Slot-Key': 'zebra' });
      expect(booked.status).toBe(201);
      expect(await statusOf(slot())).toBe('busy');
    });

    test('H09: unlocked by the right key alone; again it is nothing', async () => {
      const lock = parameters({ until: { valueDateTime: '2027-03-01T01:00:00Z' }, key: { valueString: 'zebra' } });
      await post(`/Slot/${slot()}/$lock`, lock);
      const unlock = (key: string) => post(`/Slot/${slot()}/$unlock`, parameters({ key: { valueString: key } }));
      expect((await unlock('lion')).status).toBe(403);
      const opened = await unlock('zebra');
      expect([opened.status, opened.body.status]).toEqual([200, 'free']);
      expect((await unlock('zebra')).status).toBe(200);
    });

    test('a lock ends by itself', async () => {
      const lock = parameters({ until: { valueDateTime: '2027-03-01T01:00:00Z' }, key: { valueString: 'zebra' } });
      await post(`/Slot/${slot()}/$lock`, lock);
      server.clock.ms += 3_600_000;
      expect(await statusOf(slot())).toBe('free');
      expect(await free(schedule)).toContain(slot());
    });

    test('disabled it is busy-unavailable, enabled free', async () => {
      const disabled = await post(`/Slot/${slot()}/$disable`, parameters({}));
      expect([disabled.status, disabled.body.status]).toEqual([200, 'busy-unavailable']);
      expect(await free(schedule)).not.toContain(slot());
      const enabled = await post(`/Slot/${slot()}/$enable`, parameters({}));
      expect([enabled.status, enabled.body.status]).toEqual([200, 'free']);
    });

    test('confirmed, moved by its id and cancelled', async () => {
      const held = await post('/Appointment/$hold', resourceAt(slot()));
      const confirmed = await post(`/Appointment/${held.body.id}/$confirm`, parameters({}));
      expect(confirmed.status).toBe(200);
      const cancelled = await post(`/Appointment/${held.body.id}/$cancel`, parameters({}));
      expect(cancelled.status).toBe(200);
      expect(await statusOf(slot())).toBe('free');
      expect((await post(`/Appointment/${held.body.id}/$cancel`, parameters({}))).status).toBe(200);
    });
  });

  test('$reschedule moves under the same id; a taken time leaves all as it was', async () => {
    const first = await post('/Appointment/$book', resourceAt(computed));
    await post('/Appointment/$book', {
      ...resourceAt(computed),
      slot: undefined,
      supportingInformation: [{ reference: 'Schedule/s1' }],
      start: '2027-03-15T14:00:00Z',
      end: '2027-03-15T15:00:00Z',
    });
    const to = (start: string) =>
      post(`/Appointment/${first.body.id}/$reschedule`, parameters({ start: { valueDateTime: start } }));
    expect((await to('2027-03-15T14:00:00Z')).status).toBe(409);
    expect(await statusOf(computed)).toBe('busy');
    expect((await to('2027-03-15T15:00:00Z')).status).toBe(200);
    expect(await statusOf(computed)).toBe('free');
    expect((await server.get(`/Appointment/${first.body.id}`)).body).toMatchObject({
      start: '2027-03-15T15:00:00+00:00',
    });
  });

  test('R04: a cancelled-appt-id is given up only if the new time is had', async () => {
    const old = await post('/Appointment/$book', resourceAt(computed));
    const move = (start: string, end: string) =>
      post(
        '/Appointment/$book',
        parameters({
          'appt-resource': { resource: { ...resourceAt(computed), slot: undefined, start, end } },
          'cancelled-appt-id': { valueUri: `Appointment/${old.body.id}` },
          schedule: { valueReference: { reference: 'Schedule/s1' } },
        }),
      );
    expect((await move('2027-03-15T03:00:00Z', '2027-03-15T04:00:00Z')).status).toBe(422);
    expect((await server.get(`/Appointment/${old.body.id}`)).body.status).toBe('booked');
    const moved = await move('2027-03-15T14:00:00Z', '2027-03-15T15:00:00Z');
    expect(moved.status).toBe(201);
    expect((await server.get(`/Appointment/${old.body.id}`)).body.status).toBe('cancelled');
    expect(await free('s1')).toContain(computed);
  });

  test('B14, B15: a bare Appointment without a Slot finds its own; without a Patient it is refused', async () => {
    const bare = { ...resourceAt(computed), slot: undefined, supportingInformation: [{ reference: 'Schedule/s1' }] };
    const nobody = { ...bare, participant: [{ actor: { display: 'x' }, status: 'accepted' }] };
    expect((await post('/Appointment/$book', nobody)).status).toBe(422);
    const booked = await post('/Appointment/$book', bare);
    expect(booked.status).toBe(201);
    expect(booked.body).toMatchObject({ status: 'booked', slot: [{ reference: `Slot/${computed}` }] });
  });
});
