/** API keys over HTTP, on each store: whoever has one is known, and from its end on refused, by every server. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeApiKeys } from '../../server/auth/index.js';
import { newSecret } from '../../server/base/secret.js';
import type { Store } from '../../server/store/index.js';
import { stores, type Place } from '../store/stores.js';
import { bodyOf, journeyStores, serverOver, startServer, type TestServer } from './server.js';

const NOW = '2027-03-01T00:00:00Z';
const PATIENT = { resourceType: 'Patient' };
const keysOf = (store: Store) => makeApiKeys({ store, clock: { nowMs: () => Date.parse(NOW) }, newSecret });
const statusWith = async ({ http }: TestServer, authorization: string) =>
  (await http.get('/Patient').set('Authorization', authorization)).status;

describe.each(journeyStores)('callers on $name', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(store, NOW);
  });
  afterAll(() => server.close());

  test('with a key, without one, with an unknown one', async () => {
    const { key } = await keysOf(server.store).create('front desk', []);
    expect(await statusWith(server, `Bearer ${key}`)).toBe(200);
    expect((await server.get('/Patient')).status).toBe(200);
    expect(await statusWith(server, `Bearer ${key}x`)).toBe(401);
  });

  test('a revoked key writes nothing any more', async () => {
    const { key } = await keysOf(server.store).create('web page', []);
    const write = () => server.http.post('/Patient').set('Authorization', `Bearer ${key}`).send(PATIENT);
    expect((await write()).status).toBe(201);
    await keysOf(server.store).revoke('web page');
    const refused = await write();
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toContain('invalid_token');
    expect(bodyOf(refused)).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'login' }] });
    expect((await server.get('/Patient?_summary=count')).body.total).toBe(1);
  });

  test('keys are no resources: no path leads to them', async () => {
    await keysOf(server.store).create('someone', []);
    for (const path of ['/ApiKey', '/IdempotentAnswer']) expect((await server.get(path)).status).toBe(404);
  });
});

describe.each(stores.filter(({ lasting, skip }) => lasting && skip === undefined))('two servers on $name', (store) => {
  let place: Place;
  let servers: readonly TestServer[];
  beforeAll(async () => {
    place = await store.newPlace();
    servers = [serverOver(await place.open(), NOW), serverOver(await place.open(), NOW)];
  });
  afterAll(async () => {
    for (const server of servers) await server.close();
    await place.remove();
  });

  test('a key made and revoked beside them holds, and ends, on both at once', async () => {
    const beside = await place.open();
    const { key } = await keysOf(beside).create('front desk', []);
    for (const server of servers) expect(await statusWith(server, `Bearer ${key}`)).toBe(200);
    await keysOf(beside).revoke('front desk');
    for (const server of servers) expect(await statusWith(server, `Bearer ${key}`)).toBe(401);
    await beside.close();
  });
});
