/** Group C2 of `docs/scheduling-cases.md`, and what else must not be stored, over HTTP on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment, Slot } from 'fhir/r4.js';
import { APPOINTMENTS, SCHEDULES, SLOTS } from './fixture.js';
import { bodyOf, idsOf, journeyStores, serverOver, startServer, type TestServer } from './server.js';

const FREE: Omit<Slot, 'id'> = {
  resourceType: 'Slot',
  schedule: { reference: 'Schedule/s1' },
  status: 'free',
  start: '2027-03-17T13:00:00Z',
  end: '2027-03-17T13:30:00Z',
};

const ZONE_MIAMI = [{ url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'America/Miami' }];

const PROPOSED: Omit<Appointment, 'id'> = {
  resourceType: 'Appointment',
  status: 'proposed',
  participant: [{ actor: { reference: 'Patient/q1' }, status: 'needs-action' }],
};

describe.each(journeyStores)('C2 on $name', (store) => {
  let server: TestServer;

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(...SCHEDULES, ...SLOTS, ...APPOINTMENTS);
  });
  afterEach(() => server.close());

  const post = (type: string, body: object) => server.http.post(`/${type}`).send(body);
  const without = (element: string) => Object.fromEntries(Object.entries(FREE).filter(([name]) => name !== element));
  const times = { start: FREE.start, end: FREE.end };

  describe('is refused, naming the element', () => {
    test.each<[string, number, string, object, string]>([
      ['V01: no schedule', 400, 'Slot', without('schedule'), 'Slot.schedule'],
      ['V01: no status', 400, 'Slot', without('status'), 'Slot.status'],
      ['V01: no start', 400, 'Slot', without('start'), 'Slot.start'],
      ['V01: no end', 400, 'Slot', without('end'), 'Slot.end'],
      ['V02: a date for an instant', 400, 'Slot', { ...FREE, start: '2027-03-15' }, 'Slot.start'],
      ['V02: no seconds', 400, 'Slot', { ...FREE, start: '2027-03-15T13:00' }, 'Slot.start'],
      ['V02: no offset', 400, 'Slot', { ...FREE, start: '2027-03-15T13:00:00' }, 'Slot.start'],
      ['V03: a status that is none', 400, 'Slot', { ...FREE, status: 'available' }, 'Slot.status'],
      [
        'V05: a participant that is nobody',
        400,
        'Appointment',
        { ...PROPOSED, participant: [{ status: 'accepted' }] },
        'Appointment.participant[0]',
      ],
      ['V06: a start without an end', 400, 'Appointment', { ...PROPOSED, start: FREE.start }, 'Appointment'],
      ['V07: booked without times', 400, 'Appointment', { ...PROPOSED, status: 'booked' }, 'Appointment'],
      [
        'V08: a reason to cancel what is booked',
        400,
        'Appointment',
        { ...PROPOSED, ...times, status: 'booked', cancelationReason: { text: 'ill' } },
        'Appointment',
      ],
      ['V09: an element of R5', 400, 'Schedule', { ...SCHEDULES[5], name: 'mine' }, 'Schedule.name'],
      [
        'V10: a Schedule that is not there',
        422,
        'Slot',
        { ...FREE, schedule: { reference: 'Schedule/none' } },
        'Slot.schedule',
      ],
      ['a day that is none', 400, 'Slot', { ...FREE, start: '2027-02-30T13:00:00Z' }, 'Slot.start'],
      [
        'a zone that is none, on a Schedule',
        422,
        'Schedule',
        { ...SCHEDULES[5], extension: ZONE_MIAMI },
        'Schedule.extension[0]',
      ],
      [
        'a zone that is none, on a Location',
        422,
        'Location',
        { resourceType: 'Location', extension: ZONE_MIAMI },
        'Location.extension[0]',
      ],
      [
        'a patient that is not there',
        422,
        'Appointment',
        { ...PROPOSED, participant: [{ actor: { reference: 'Patient/none' }, status: 'accepted' }] },
        'Appointment.participant[0].actor',
      ],
      [
        'a Slot that is not there',
        422,
        'Appointment',
        { ...PROPOSED, slot: [{ reference: 'Slot/none' }] },
        'Appointment.slot[0]',
      ],
      ['a Slot of a Patient', 400, 'Slot', { ...FREE, schedule: { reference: 'Patient/q1' } }, 'Slot.schedule'],
    ])('%s: %i', async (_, status, type, body, expression) => {
      const answer = await post(type, body);
      expect({ status: answer.status, resourceType: bodyOf(answer).resourceType }).toEqual({
        status,
        resourceType: 'OperationOutcome',
      });
      expect(bodyOf(answer).issue).toHaveLength(1);
      expect(bodyOf(answer).issue?.[0]).toMatchObject({
        severity: 'error',
        expression: [expect.stringContaining(expression)],
        details: { text: expect.any(String) },
        diagnostics: expect.any(String),
      });
    });

    test.each(['2027-03-17T13:30:00Z', '2027-03-17T14:00:00Z'])(
      'V04: a start (%s) not before the end',
      async (start) => {
        const answer = await post('Slot', { ...FREE, start });
        expect(answer.status).toBe(422);
        expect(bodyOf(answer).issue?.[0]).toMatchObject({
          code: 'business-rule',
          expression: [expect.stringContaining('Slot.')],
        });
      },
    );
  });

  test.each<[string, object]>([
    ['V07: a waitlist entry without times', { ...PROPOSED, status: 'waitlist' }],
    ['V08: a reason for a no-show', { ...PROPOSED, ...times, status: 'noshow', cancelationReason: { text: 'forgot' } }],
    ['a Slot of a Schedule elsewhere', { ...FREE, schedule: { reference: 'https://other.example/fhir/Schedule/x' } }],
  ])('%s is stored', async (_, body) => {
    expect((await post((body as Slot).resourceType, body)).status).toBe(201);
  });

  test('V11: a Slot over another one of its Schedule is refused, and nothing of it stays', async () => {
    const before = (await server.get('/Slot?_summary=count')).body.total;
    const answer = await post('Slot', { ...FREE, start: '2027-03-15T13:15:00Z', end: '2027-03-15T13:45:00Z' });
    expect(answer.status).toBe(409);
    expect(bodyOf(answer).issue?.map(({ code }) => code)).toEqual(['conflict', 'conflict']);
    expect(bodyOf(answer).issue?.[0]?.diagnostics).toContain('Slot/A');
    expect((await server.get('/Slot?_summary=count')).body.total).toBe(before);
  });

  test('V11: over an entered-in-error Slot there is room, as beside another and on another Schedule', async () => {
    expect((await post('Slot', { ...FREE, start: '2027-03-15T15:30:00Z', end: '2027-03-15T16:00:00Z' })).status).toBe(
      201,
    );
    const other = {
      ...FREE,
      schedule: { reference: 'Schedule/s2' },
      start: '2027-03-15T13:30:00Z',
      end: '2027-03-15T14:30:00Z',
    };
    expect((await post('Slot', other)).status).toBe(201);
  });

  test('V11: of 20 overlapping Slots written at once, one is stored', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('Slot', FREE)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
  });

  test('a Slot that moves leaves its old time free, and is refused where it cannot go', async () => {
    const [a] = SLOTS;
    expect((await server.http.put('/Slot/A').send({ ...a, start: '2027-03-15T13:15:00Z' })).status).toBe(200);
    const early = { ...FREE, start: '2027-03-15T13:00:00Z', end: '2027-03-15T13:15:00Z' };
    expect((await post('Slot', early)).status).toBe(201);
    expect((await server.http.put('/Slot/A').send(a)).status).toBe(409);
  });

  test('a deleted Slot leaves its time free', async () => {
    expect((await server.http.delete('/Slot/A')).status).toBeLessThan(300);
    expect((await post('Slot', { ...FREE, start: '2027-03-15T13:00:00Z', end: '2027-03-15T13:30:00Z' })).status).toBe(
      201,
    );
  });

  test('V12: a stale If-Match changes nothing', async () => {
    const answer = await server.http
      .put('/Slot/A')
      .set('If-Match', 'W/"7"')
      .send({ ...SLOTS[0], status: 'busy' });
    expect(answer.status).toBe(412);
    expect((await server.get('/Slot/A')).body.status).toBe('free');
  });

  test('V13: a patch with If-Match, and again with the old ETag', async () => {
    const { headers } = await server.get('/Slot/A');
    const patch = () =>
      server.http
        .patch('/Slot/A')
        .set('If-Match', headers['etag'] ?? '')
        .set('Content-Type', 'application/json-patch+json')
        .send(JSON.stringify([{ op: 'replace', path: '/status', value: 'busy-tentative' }]));
    const first = await patch();
    expect(first.status).toBe(200);
    expect(first.headers['etag']).not.toBe(headers['etag']);
    expect((await patch()).status).toBe(412);
    expect(idsOf(await server.get('/Slot?schedule=s1&status=free'))).toEqual(['B', 'G']);
  });

  test('V14: a Slot that a booked Appointment names is not deleted', async () => {
    expect((await server.http.delete('/Slot/C')).status).toBe(409);
  });

  test('V15: If-None-Exist creates once', async () => {
    const body = { resourceType: 'Patient', identifier: [{ system: 's', value: '1' }] };
    const create = () => server.http.post('/Patient').set('If-None-Exist', 'identifier=s|1').send(body);
    const [first, second] = [await create(), await create()];
    expect([first.status, second.status]).toEqual([201, 200]);
    expect((await server.get('/Patient?identifier=s|1')).body.total).toBe(1);
  });

  test('V15: also when 50 ask at once', async () => {
    const body = { resourceType: 'Patient', identifier: [{ system: 's', value: '2' }] };
    const create = () => server.http.post('/Patient').set('If-None-Exist', 'identifier=s|2').send(body);
    const answers = await Promise.all(Array.from({ length: 50 }, create));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
    expect((await server.get('/Patient?identifier=s|2')).body.total).toBe(1);
  });

  test('V16: a Slot is not written free while a booked Appointment names it', async () => {
    expect((await server.http.put('/Slot/C').send({ ...SLOTS[2], status: 'free' })).status).toBe(409);
  });

  test('a Schedule with stored Slots is not deleted', async () => {
    expect((await server.http.delete('/Schedule/s1')).status).toBe(409);
  });

  test('a Schedule is not deleted under a Slot that arrives while what lies on it is looked for', async () => {
    const place = await store.newPlace();
    const opened = await place.open();
    const own = serverOver(opened, '2027-03-01T00:00:00Z');
    await own.put(...SCHEDULES);
    const search = opened.search.bind(opened);
    let arrived: number | undefined;
    opened.search = async (query) => {
      const found = await search(query);
      // The other writer comes just after the look, and just once.
      if (query.type === 'Unit') arrived ??= (await own.http.post('/Slot').send(FREE)).status;
      return found;
    };
    expect((await own.http.delete('/Schedule/s1')).status).toBe(409);
    expect(arrived).toBe(201);
    expect((await own.get('/Schedule/s1')).status).toBe(200);
    await own.close();
    await place.remove();
  });
});
