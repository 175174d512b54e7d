/** A client that lost its connection sends its request again: it gets what the first one did, which is done once. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stores, type Place } from '../store/stores.js';
import { bodyOf, journeyStores, serverOver, startServer, type TestServer } from './server.js';

const NOW = '2027-03-01T00:00:00Z';
const PATIENT = { resourceType: 'Patient', active: true };
const HOUR_MS = 3_600_000;

const post = ({ http }: TestServer, key: string, body: object = PATIENT) =>
  http.post('/Patient').set('Idempotency-Key', `"${key}"`).send(body);
const patientCount = async (server: TestServer) => (await server.get('/Patient?_summary=count')).body.total;
/** All that a client sees of an answer, but the time that it was sent at. */
const seen = ({ status, headers, text }: Awaited<ReturnType<typeof post>>) => {
  const { date, connection, ...rest } = headers as Record<string, string>;
  return {
    status,
    text,
    headers: rest,
    sent: date !== undefined && connection !== undefined,
  };
};

describe.each(journeyStores)('requests that come again on $name', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(store, NOW);
  });
  afterAll(() => server.close());

  test('a create: the same status, headers and body, one Patient', async () => {
    const first = await post(server, 'create');
    expect(first.status).toBe(201);
    server.clock.ms += HOUR_MS;
    expect(seen(await post(server, 'create'))).toEqual(seen(first));
    expect(await patientCount(server)).toBe(1);
  });

  test('the same key with another body: 422, and nothing is done', async () => {
    await post(server, 'body');
    const before = await patientCount(server);
    const answer = await post(server, 'body', { ...PATIENT, active: false });
    expect(answer.status).toBe(422);
    expect(bodyOf(answer).issue?.[0]).toMatchObject({
      expression: ['Idempotency-Key'],
    });
    expect(await patientCount(server)).toBe(before);
  });

  test('after 24 hours the key is a new one', async () => {
    const [first] = [await post(server, 'day')];
    server.clock.ms += 24 * HOUR_MS;
    const second = await post(server, 'day');
    expect(second.status).toBe(201);
    expect(bodyOf(second).id).not.toBe(bodyOf(first).id);
  });

  test('a patch, an update with If-Match and a deletion are done once', async () => {
    const { id = '' } = bodyOf(await post(server, 'target'));
    const keyed = (method: 'patch' | 'put' | 'delete', key: string) =>
      server.http[method](`/Patient/${id}`).set('Idempotency-Key', key);
    const patch = () =>
      keyed('patch', 'patch')
        .type('application/json-patch+json')
        .send('[{"op":"add","path":"/gender","value":"other"}]');
    const put = () =>
      keyed('put', 'put')
        .set('If-Match', 'W/"2"')
        .send({ ...PATIENT, id });
    for (const [send, version] of [
      [patch, '2'],
      [put, '3'],
    ] as const) {
      const [first, again] = [await send(), await send()];
      expect(bodyOf(first).meta?.versionId).toBe(version);
      expect(seen(again)).toEqual(seen(first));
    }
    const [first, again] = [await keyed('delete', 'delete'), await keyed('delete', 'delete')];
    expect(first.status).toBe(204);
    expect(seen(again)).toEqual(seen(first));
  });

  test('a refusal is not kept', async () => {
    const slot = {
      resourceType: 'Slot',
      schedule: { reference: 'Schedule/late' },
      status: 'free',
    };
    const body = {
      ...slot,
      start: '2027-03-15T09:00:00Z',
      end: '2027-03-15T10:00:00Z',
    };
    const send = () => server.http.post('/Slot').set('Idempotency-Key', 'refused').send(body);
    expect((await send()).status).toBe(422);
    await server.put({ resourceType: 'Practitioner', id: 'p' });
    await server.put({
      resourceType: 'Schedule',
      id: 'late',
      actor: [{ reference: 'Practitioner/p' }],
    });
    expect((await send()).status).toBe(201);
  });
});

describe.each(stores.filter(({ lasting, skip }) => lasting && skip === undefined))('two servers on $name', (store) => {
  let place: Place;
  let servers: readonly [TestServer, TestServer];
  beforeAll(async () => {
    place = await store.newPlace();
    servers = [serverOver(await place.open(), NOW), serverOver(await place.open(), NOW)];
  });
  afterAll(async () => {
    for (const server of servers) await server.close();
    await place.remove();
  });

  test('10 equal requests through both at once: one effect, one answer', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => post(servers[n % 2 ? 1 : 0], 'race')));
    expect(new Set(answers.map((answer) => JSON.stringify(seen(answer)))).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    expect(await patientCount(servers[0])).toBe(1);
  });
});
