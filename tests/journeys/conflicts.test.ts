/** `Schedule/[id]/$conflicts`: what a change collides with, before it is made and after. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment, Extension, FhirResource, Parameters, Schedule, Slot } from 'fhir/r4.js';
import { hours, minutes, nested, part, rule, scheduleWith } from '../booking/rule-builder.js';
import { bodyOf, idsOf, journeyStores, startServer, type Answer, type TestServer } from './server.js';

const NOW = '2027-03-01T00:00:00Z';
const HALF_HOURS = minutes('duration', 30);
const OPEN = rule(hours('09:00', '12:00'), HALF_HOURS);

describe.each(journeyStores)('$conflicts on $name', (store) => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer(store, NOW);
    await server.put({ resourceType: 'Patient', id: 'q1' }, scheduleWith([OPEN], { actor: [{ display: 'Room' }] }));
  });
  afterEach(() => server.close());

  const asked = async (body?: Parameters, query = ''): Promise<Answer> => {
    const path = `/Schedule/s1/$conflicts${query}`;
    const answer = body ? await server.http.post(path).send(body) : await server.http.get(path);
    return { status: answer.status, headers: answer.headers, body: bodyOf(answer) };
  };
  const planned = (resource: FhirResource): Parameters => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'resource', resource }],
  });
  const scheduleOf = (rules: readonly Extension[], more: Partial<Schedule> = {}): Schedule => {
    const { extension = [], ...bare } = scheduleWith(rules, { actor: [{ display: 'Room' }], ...more });
    return extension.length > 0 ? { ...bare, extension } : bare;
  };
  const slotFrom = (from: string, to: string, more: Partial<Slot> = {}): Slot => ({
    ...{ resourceType: 'Slot', schedule: { reference: 'Schedule/s1' }, status: 'busy-unavailable' },
    ...{ start: `2027-03-15T${from}:00Z`, end: `2027-03-15T${to}:00Z` },
    ...more,
  });
  const issues = ({ body }: Answer) =>
    (body.entry ?? []).flatMap(({ resource }) =>
      resource?.resourceType === 'OperationOutcome' ? resource.issue.map(({ diagnostics }) => diagnostics) : [],
    );

  /** Books half an hour, and answers the id. */
  async function book(from: string, more: Partial<Appointment> = {}, headers: Record<string, string> = {}) {
    const startMs = Date.parse(`2027-03-15T${from}:00Z`);
    const answer = await server.http
      .post('/Appointment')
      .set(headers)
      .send({
        ...{ resourceType: 'Appointment', status: 'booked', supportingInformation: [{ reference: 'Schedule/s1' }] },
        ...{ start: new Date(startMs).toISOString(), end: new Date(startMs + 30 * 60_000).toISOString() },
        participant: [{ actor: { reference: 'Patient/q1' }, status: 'accepted' }],
        ...more,
      });
    expect([answer.status, bodyOf(answer).issue]).toEqual([201, undefined]);
    return bodyOf(answer).id ?? '';
  }

  test('nothing collides with what it was booked by', async () => {
    await book('09:00');
    expect(await asked()).toMatchObject({ status: 200, body: { type: 'searchset', total: 0 } });
  });

  test('shorter hours collide with what lies outside of them, before and after they are written', async () => {
    const late = await book('11:30');
    const early = await book('09:00');
    await book('10:00');
    const shorter = scheduleOf([rule(hours('10:00', '11:00'), HALF_HOURS)]);
    const before = await asked(planned(shorter));
    expect(idsOf(before)).toEqual([early, late]);
    expect(issues(before)).toEqual(Array(2).fill('rule 1 of Schedule/s1: closed then'));
    expect(idsOf(await asked())).toEqual([]);
    await server.put(shorter);
    expect(idsOf(await asked())).toEqual([early, late]);
    expect(idsOf(await asked(undefined, '?end=2027-03-15T10:00:00Z'))).toEqual([early]);
    expect(idsOf(await asked(undefined, '?start=2027-03-16'))).toEqual([]);
  });

  test('another grid or length closes nothing, and another rule may have the time', async () => {
    await book('10:30');
    expect(idsOf(await asked(planned(scheduleOf([rule(hours('09:00', '12:00'), minutes('duration', 45))]))))).toEqual(
      [],
    );
    const fixed = rule(hours('09:00', '12:00'), minutes('duration', 60), part('fixedDuration', { valueBoolean: true }));
    expect(idsOf(await asked(planned(scheduleOf([fixed]))))).toEqual([]);
    const short = rule(hours('09:00', '10:00'), minutes('duration', 60), part('fixedDuration', { valueBoolean: true }));
    expect(idsOf(await asked(planned(scheduleOf([short]))))).toHaveLength(1);
    expect(idsOf(await asked(planned(scheduleOf([rule(hours('09:00', '10:00')), OPEN]))))).toEqual([]);
  });

  test('a closure, the horizon, an inactive Schedule and one without rules', async () => {
    const id = await book('10:30');
    const during = part('during', { valuePeriod: { start: '2027-03-15', end: '2027-03-15' } });
    const closed = scheduleOf([rule(hours('09:00', '12:00'), HALF_HOURS, nested('notAvailableTime', during))]);
    for (const [change, reason] of [
      [closed, 'rule 1 of Schedule/s1: closed then'],
      [scheduleOf([OPEN], { planningHorizon: { end: '2027-03-10' } }), 'the planningHorizon of Schedule/s1'],
      [scheduleOf([OPEN], { active: false }), 'Schedule/s1, of which it or an actor is inactive'],
      [scheduleOf([]), 'Schedule/s1, which has no rule for it'],
    ] as const) {
      const answer = await asked(planned(change));
      expect([idsOf(answer), issues(answer)]).toEqual([[id], [reason]]);
    }
  });

  test('less capacity, and a lower limit, collide with all of those that are too many', async () => {
    await server.put(
      scheduleOf([rule(hours('09:00', '12:00'), HALF_HOURS, part('capacity', { valuePositiveInt: 2 }))]),
    );
    const two = [await book('09:00'), await book('09:00')];
    const third = await book('10:00');
    const single = await asked(planned(scheduleOf([OPEN])));
    expect([idsOf(single), issues(single)[0]]).toEqual([two, 'rule 1 of Schedule/s1: more booked than it takes']);
    const limit = nested('limit', part('count', { valuePositiveInt: 2 }), part('per', { valueCode: 'day' }));
    const few = rule(hours('09:00', '12:00'), HALF_HOURS, part('capacity', { valuePositiveInt: 2 }), limit);
    expect(idsOf(await asked(planned(scheduleOf([few]))))).toEqual([...two, third]);
  });

  test('a planned Slot collides with what it would lie over, and a disabled one with who booked it', async () => {
    const id = await book('10:30');
    const over = await asked(planned(slotFrom('10:00', '10:45')));
    expect([idsOf(over), issues(over)]).toEqual([[id], ['the Slot from 2027-03-15T10:00:00Z to 2027-03-15T10:45:00Z']]);
    expect(idsOf(await asked(planned(slotFrom('11:00', '12:00'))))).toEqual([]);
    const { slot = [] } = (await server.get(`/Appointment/${id}`)).body as unknown as Appointment;
    await server.http.post(`/${slot[0]?.reference}/$disable`);
    expect(issues(await asked())).toEqual([slot[0]?.reference]);
  });

  test('a stored Slot: booked, it collides with being busy or elsewhere, and not with staying free', async () => {
    const free = slotFrom('13:00', '13:30', { id: 'A', status: 'free' });
    await server.put(free);
    const id = await book('13:00', { slot: [{ reference: 'Slot/A' }] });
    expect(idsOf(await asked(planned(free)))).toEqual([]);
    expect(idsOf(await asked(planned({ ...free, status: 'busy' })))).toEqual([id]);
    expect(idsOf(await asked(planned(slotFrom('15:00', '15:30', { id: 'A', status: 'free' }))))).toEqual([id]);
    expect(idsOf(await asked(planned({ ...free, status: 'entered-in-error' })))).toEqual([id]);
  });

  test('what is over, cancelled or no longer held collides with nothing', async () => {
    const id = await book('09:00');
    await server.http.post(`/Appointment/${id}/$cancel`);
    await book('11:00');
    const closed = planned(scheduleOf([]));
    expect((await asked(closed)).body.total).toBe(1);
    server.clock.ms = Date.parse('2027-03-15T11:30:00Z');
    expect((await asked(closed)).body.total).toBe(0);
  });

  test('it writes nothing', async () => {
    await book('09:00');
    await asked(planned(scheduleOf([])));
    expect((await server.get('/Schedule/s1')).body.meta?.versionId).toBe('1');
  });

  test.each([
    ['?start=2027-03-15&end=2027-03-14', undefined, 400],
    ['?start=soon', undefined, 400],
    ['', slotFrom('10:00', '11:00', { schedule: { reference: 'Schedule/s2' } }), 400],
    ['', scheduleWith([rule(part('timezone', { valueCode: 'America/Miami' }))]), 422],
    ['', slotFrom('10:00', '11:00', { end: '2029-03-15T10:00:00Z' }), 422],
  ])('%s %j: %d', async (query, resource, status) => {
    expect((await asked(resource && planned(resource as FhirResource), query)).status).toBe(status);
  });

  test('of an unknown or deleted Schedule there are none', async () => {
    expect((await server.get('/Schedule/nowhere/$conflicts')).status).toBe(404);
    await server.http.delete('/Schedule/s1');
    expect((await asked()).status).toBe(410);
  });
});
