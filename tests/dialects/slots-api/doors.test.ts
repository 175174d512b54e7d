/** Who may call the Overbooked API, and the form of its failures: reference §7, behaviours 1 to 3, 26 and 27. */
import { once } from 'node:events';
import { request as ask } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeApiKeys } from '../../../server/auth/index.js';
import { newSecret } from '../../../server/base/secret.js';
import { journeyStores, serverOver } from '../../journeys/server.js';
import {
  callerWith,
  FIRST_SLOT,
  NOW,
  refusalIn,
  startOverbooked,
  type OverbookedServer,
  type Reply,
} from './client.js';

/** Every call that only a secret key may make. */
const SECRET_ONLY = [
  ['post', '/resources'],
  ['patch', '/resources/x'],
  ['post', '/resources/x/publish'],
  ['post', '/resources/x/convert-draft'],
  ['delete', '/resources/x'],
  ['post', '/slots'],
  ['patch', '/slots/x'],
  ['post', '/slots/x/enable'],
  ['post', '/slots/x/disable'],
  ['delete', '/slots/x'],
  ['delete', '/bookings/x'],
] as const;

/** Every call that a public key may make too, and what it meets where there is nothing. */
const FOR_ALL = [
  ['get', '/resources', '200'],
  ['get', '/resources/x', '404 E052'],
  ['get', '/slots', '200'],
  ['get', '/slots/x', '404 E025'],
  ['post', '/slots/x/lock', '400 E013'],
  ['post', '/slots/x/unlock', '400 E013'],
  ['post', '/bookings', '400 E013'],
  ['get', '/bookings', '200'],
  ['get', '/bookings/x', '404 E048'],
  ['patch', '/bookings/x', '404 E048'],
  ['post', '/bookings/x/cancel', '404 E048'],
  ['post', '/bookings/x/enable', '404 E048'],
  ['post', '/bookings/x/reschedule', '400 E013'],
] as const;

describe.each(journeyStores)('the doors on $name', (store) => {
  let server: OverbookedServer;
  beforeAll(async () => {
    server = await startOverbooked(store);
  });
  afterAll(() => server.close());

  test('a call without a key is refused, in the form of the API', async () => {
    const { status, body } = await callerWith(server.http, undefined).get('/slots?page=1&limit=5');
    const message = expect.any(String) as unknown;
    expect({ status, body }).toEqual({
      status: 401,
      body: { error: { code: 'E056', message, status: 401 }, success: false },
    });
  });

  test.each([
    ['', '401 E056'],
    ['Bearer undefined', '401 E055'],
    ['Token abc', '401 E055'],
    [`Bearer sk_${'0'.repeat(64)}`, '401 E055'],
  ])('Authorization: %s', async (header, refusal) => {
    const answer = await server.http.get('/slots').set('Authorization', header);
    expect(refusalIn(answer as unknown as Reply)).toBe(refusal);
  });

  test('a key of FHIR alone is none here, and one that was revoked is none any more', async () => {
    const keys = makeApiKeys({ store: server.store, clock: { nowMs: () => server.clock.ms }, newSecret });
    const { key: ofFhir } = await keys.create('of FHIR', ['override']);
    const { key: revoked, made } = await keys.create('gone', [], 'secret');
    await keys.revoke(made.id);
    for (const key of [ofFhir, revoked]) {
      expect(refusalIn(await callerWith(server.http, key).get('/slots'))).toBe('401 E055');
    }
  });

  test.each(SECRET_ONLY)('%s %s takes a secret key alone', async (method, path) => {
    const call = (caller: OverbookedServer['open']) =>
      method === 'post' || method === 'patch' ? caller[method](path, {}) : caller[method](path);
    expect(refusalIn(await call(server.open))).toBe('401 E057');
    expect(refusalIn(await call(server.secret))).toMatch(/^4(?:00|04) E0(?:13|25|48|52)$/);
  });

  test.each(FOR_ALL)('%s %s takes both keys', async (method, path, expected) => {
    for (const caller of [server.open, server.secret]) {
      const answer = await (method === 'get' ? caller.get(path) : caller[method](path, {}));
      expect(refusalIn(answer)).toBe(expected);
    }
  });

  test.each([
    ['get', '/slots/x/nowhere'],
    ['get', '/bookings/x/cancel'],
    ['delete', '/slots'],
    ['post', '/slots/x/Lock'],
    ['patch', '/resources'],
  ] as const)('%s %s is nowhere, in the form of the API', async (method, path) => {
    const answer = await (method === 'patch' || method === 'post'
      ? server.secret[method](path, {})
      : server.secret[method](path));
    expect(refusalIn(answer)).toBe('404 E002');
  });

  test.each(['/slot', '/Slots', '/SLOTS/x', '/slotsx', '/resource', '/Bookings'])(
    '%s is not of this API: FHIR answers',
    async (path) => {
      const { status, body } = await server.get(path);
      expect({ status, type: body.resourceType }).toEqual({ status: 404, type: 'OperationOutcome' });
    },
  );

  test('/Slot and /slots live side by side', async () => {
    expect((await server.get('/Slot')).body.resourceType).toBe('Bundle');
    expect((await server.secret.get('/slots')).body).toMatchObject({ data: [], success: true });
  });

  const send = async (path: string, body: string, method: 'post' | 'patch' = 'post') => {
    const asked = server.http[method](path).set('Authorization', `Bearer ${server.secretKey}`);
    return refusalIn(await asked.set('Content-Type', 'application/json').send(body));
  };

  test.each(['{', 'null', '[1]', '"text"', '7', '\u0000'])('the body %j is malformed', async (body) => {
    expect(await send('/resources', body)).toBe('400 E013');
  });

  test('so are a body that is too long, a path that cannot be decoded, and what is nested beyond reason', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(await send('/resources', `{"name":"${'x'.repeat(1_100_000)}"}`)).toBe('400 E013');
    expect(await send('/slots/%zz/enable', '')).toBe('400 E013');
    expect(await send('/resources', `{"name":"a","timezone":"UTC","metadata":{"a":${deep}}}`)).toBe('422 E042');
    expect(await send('/resources', `{"name":${deep},"timezone":"UTC"}`)).toBe('400 E013');
  });

  test('fields and parameters that nobody knows are ignored', async () => {
    const made = await server.resource({ color: 'red', booking_disabled_before: 60 });
    expect(made).toMatchObject({ booking_disabled_before: 0 });
    const answer = await server.secret.post('/slots?x=1', { ...FIRST_SLOT, resource_id: made.id, color: 1 });
    expect(refusalIn(answer)).toBe('200');
    expect(refusalIn(await server.secret.get('/slots?color=red'))).toBe('200');
  });
});

test('a request whose target is a whole URL, as a client behind HTTPS_PROXY sends it, is answered', async () => {
  const [store] = journeyStores;
  const place = await store!.newPlace();
  const server = serverOver(await place.open(), NOW);
  const { key } = await makeApiKeys({ store: server.store, clock: { nowMs: () => 0 }, newSecret }).create(
    'a',
    [],
    'secret',
  );
  const listening = server.server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as { port: number };
  const status = await new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${key}`, Host: 'api.overbooked.io' };
    const asked = ask({ port, host: '127.0.0.1', path: 'https://api.overbooked.io/slots?page=1&limit=5', headers });
    asked.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject).end();
  });
  listening.closeAllConnections();
  listening.close();
  await server.close();
  await place.remove();
  expect(status).toBe(200);
});

test('switched off, its paths are those of FHIR, where there is nothing', async () => {
  const [store] = journeyStores;
  const place = await store!.newPlace();
  const server = serverOver(await place.open(), NOW, 'UTC', { overbookedApi: 'off' });
  for (const path of ['/resources', '/slots', '/bookings']) {
    const answer = await server.get(path);
    expect([answer.status, answer.body.resourceType]).toEqual([404, 'OperationOutcome']);
  }
  await server.close();
  await place.remove();
});
