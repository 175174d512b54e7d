/**
 * Two servers over one store: what one writes the other answers with at once, and neither sells what the other sold.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stores, type Place } from '../store/stores.js';
import { hours, minutes, rule, scheduleWith } from '../booking/rule-builder.js';
import { counts } from './booking-words.js';
import { bodyOf, idsOf, serverOver, startsOf, type TestServer } from './server.js';

describe.each(stores.filter(({ lasting, skip }) => lasting && skip === undefined))('two servers on $name', (store) => {
  let place: Place;
  let one: TestServer;
  let other: TestServer;
  const schedule = (opens: string) => scheduleWith([rule(hours(opens, '12:00'), minutes('duration', 60))]);
  const starts = async (server: TestServer) =>
    startsOf(await server.get('/Slot?schedule=s1&start=2027-03-15&end=2027-03-15')).map((start) => start.slice(11, 16));

  beforeAll(async () => {
    place = await store.newPlace();
    one = serverOver(await place.open(), '2027-03-01T00:00:00Z');
    other = serverOver(await place.open(), '2027-03-01T00:00:00Z');
  });
  afterAll(async () => {
    await one.close();
    await other.close();
    await place.remove();
  });

  test('a change of hours by one is in the next answer of the other', async () => {
    for (const opens of ['09:00', '10:00', '11:00', '09:00']) {
      await one.put(schedule(opens));
      expect((await starts(other))[0]).toBe(opens);
      expect((await starts(one))[0]).toBe(opens);
    }
  });

  test('so is a stored Slot, and its removal', async () => {
    await one.put(schedule('09:00'));
    expect(await starts(other)).toEqual(['09:00', '10:00', '11:00']);
    await one.put({
      resourceType: 'Slot',
      id: 'busy',
      schedule: { reference: 'Schedule/s1' },
      status: 'busy',
      start: '2027-03-15T10:00:00Z',
      end: '2027-03-15T11:00:00Z',
    });
    expect(await starts(other)).toEqual(['09:00', '11:00']);
    await one.http.delete('/Slot/busy');
    expect(await starts(other)).toEqual(['09:00', '10:00', '11:00']);
  });

  test('of overlapping Slots written through both at once, one is stored', async () => {
    const write = (server: TestServer, n: number) =>
      server.http.put(`/Slot/race-${n}`).send({
        resourceType: 'Slot',
        id: `race-${n}`,
        schedule: { reference: 'Schedule/s1' },
        status: 'free',
        start: `2027-03-16T10:0${n}:00Z`,
        end: '2027-03-16T11:00:00Z',
      });
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => write(n % 2 === 0 ? one : other, n)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  });

  test('of 50 equal creations with If-None-Exist through both at once, one makes a resource', async () => {
    const identifier = [{ system: 's', value: '1' }];
    const create = (server: TestServer) =>
      server.http.post('/Patient').set('If-None-Exist', 'identifier=s|1').send({ resourceType: 'Patient', identifier });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => create(n % 2 === 0 ? one : other)));
    expect(counts(answers)).toEqual({ 200: 49, 201: 1 });
    expect(new Set(answers.map((answer) => bodyOf(answer).id)).size).toBe(1);
    expect(idsOf(await one.get('/Patient?identifier=s|1'))).toHaveLength(1);
  });

  test('of 20 updates with If-None-Match: * through both at once, one writes', async () => {
    const write = (server: TestServer, n: number) =>
      server.http
        .put('/Location/once')
        .set('If-None-Match', '*')
        .send({ resourceType: 'Location', id: 'once', name: `${n}` });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => write(n % 2 === 0 ? one : other, n)));
    expect(counts(answers)).toEqual({ 201: 1, 412: 19 });
    expect((await other.get('/Location/once')).body.meta?.versionId).toBe('1');
  });
});
