/**
 * The database goes away and comes back: what callers get meanwhile, and that nothing acknowledged is lost.
 * (Jest fails a test while which a promise is rejected and nobody handles it.)
 */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { openMongo } from '../../../server/store/mongo/index.js';
import { bodyOf, serverOver, type TestServer } from '../../journeys/server.js';
import { describeOnMongodb, dropDatabase, newDatabaseName, serverUrl } from './databases.js';
import { Proxy } from './proxy.js';

/** Issue 6, point 5. */
const ANSWER_MS_MAX = 5_000;
/** How long a caller may have to wait, once the database is back, until it is served again. */
const BACK_MS_MAX = 4_000;
const TEST_MS_MAX = 60_000;

const patient = (id: string, family = 'Haddad'): Patient => ({ resourceType: 'Patient', id, name: [{ family }] });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Timed {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly code: string | undefined;
  readonly ms: number;
}

jest.setTimeout(TEST_MS_MAX);

const name = newDatabaseName();
let proxy: Proxy;
let server: TestServer;

/** A server over the database, with a network in between, for each test. */
function eachWithServer(): void {
  beforeEach(async () => {
    proxy = await Proxy.before(serverUrl());
    const store = await openMongo(proxy.url(name));
    server = serverOver(store, '2027-03-01T00:00:00Z');
    await server.put(patient('known'));
  });
  afterEach(async () => {
    await proxy.mend();
    await server.close();
    await proxy.close();
    await dropDatabase(name);
  });
}

async function ask(method: 'get' | 'put' | 'post' | 'delete', path: string, body?: object): Promise<Timed> {
  const startedMs = Date.now();
  const call = server.http[method](path);
  const answer = await (body ? call.send(body) : call);
  const { resourceType, issue } = bodyOf(answer);
  const code = resourceType === 'OperationOutcome' ? issue?.[0]?.code : undefined;
  return { status: answer.status, retryAfter: answer.headers['retry-after'], code, ms: Date.now() - startedMs };
}

/** Of every kind; those that write have an id of their own. */
const everything = (id: string): Promise<Timed>[] => [
  ask('get', '/health'),
  ask('get', '/Patient/known'),
  ask('get', '/Patient/known/_history/1'),
  ask('get', '/Patient?name=Haddad'),
  ask('get', '/Slot?schedule=Schedule/s1'),
  ask('get', '/Appointment?patient=Patient/known&_total=accurate'),
  ask('put', `/Patient/${id}`, patient(id)),
  ask('post', '/Patient', patient(id)),
  ask('delete', '/Patient/known'),
];

function expectRefused(answers: readonly Timed[]): void {
  const found = answers.map(({ status, retryAfter, code }) => ({ status, retryAfter, code }));
  const refused = { status: 503, retryAfter: expect.stringMatching(/^\d+$/) as unknown, code: 'transient' };
  expect(found).toEqual(answers.map(() => refused));
  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(ANSWER_MS_MAX);
}

/** How long it took until a read and a write were served. */
async function backAfterMs(): Promise<number> {
  const startedMs = Date.now();
  for (;;) {
    const answers = await Promise.all([ask('get', '/Patient/known'), ask('put', '/Patient/back', patient('back'))]);
    if (answers.every(({ status }) => status < 300)) return Date.now() - startedMs;
    if (Date.now() - startedMs > TEST_MS_MAX / 2) throw new Error(JSON.stringify(answers));
    await pause(100);
  }
}

const OUTAGES: readonly [string, () => Promise<void>][] = [
  ['refuses connections', () => proxy.cut()],
  ['accepts connections and says nothing', () => Promise.resolve(proxy.hang())],
];

describeOnMongodb('a database that is away', () => {
  eachWithServer();

  test.each(OUTAGES)('%s: 503 within 5 s, and served again when it is back', async (_what, away) => {
    await away();
    expectRefused(await Promise.all(everything('first')));
    // The driver knows by now that it is away, or does not know it yet: both have to be in time.
    expectRefused(await Promise.all(everything('second')));
    await proxy.mend();
    expect(await backAfterMs()).toBeLessThan(BACK_MS_MAX);
    expect((await ask('get', '/health')).status).toBe(200);
  });

  test.each(OUTAGES)(
    '%s under more requests than there are connections: each is answered in time',
    async (_what, away) => {
      await away();
      const many = Array.from({ length: 8 }, (_, at) => everything(`many-${at}`)).flat();
      expectRefused(await Promise.all(many));
      await proxy.mend();
      expect(await backAfterMs()).toBeLessThan(BACK_MS_MAX);
    },
  );

  test('connections that were lost without a word do not stand in the way for long', async () => {
    // Some connections in the pool, none of them of any use; the server itself answers to new ones at once.
    await Promise.all(Array.from({ length: 8 }, () => ask('get', '/Patient/known')));
    proxy.hang();
    await proxy.mend();
    const startedMs = Date.now();
    await backAfterMs();
    expect(Date.now() - startedMs).toBeLessThan(2 * ANSWER_MS_MAX);
  });

  test('a server that is told to stop while the database is away stops', async () => {
    proxy.hang();
    const asked = everything('last');
    const startedMs = Date.now();
    await server.close();
    expect(Date.now() - startedMs).toBeLessThan(4 * ANSWER_MS_MAX);
    await Promise.all(asked);
  });
});

describeOnMongodb('writes while the database goes away and comes back', () => {
  eachWithServer();

  test('what was acknowledged before, during and after outages is there, and what was refused is whole', async () => {
    const acknowledged = new Map<string, string>();
    let over = false;
    let writes = 0;
    const writer = async (number: number) => {
      for (let at = 0; !over; at += 1) {
        const id = `w${number}-${at}`;
        const { status } = await ask('put', `/Patient/${id}`, patient(id, `Family${number}`));
        writes += 1;
        if (status < 300) acknowledged.set(id, `Family${number}`);
        else expect(status).toBe(503);
      }
    };
    const writers = Array.from({ length: 4 }, (_, number) => writer(number));
    for (let round = 0; round < 2; round += 1) {
      await pause(300);
      await proxy.cut();
      await pause(200);
      await proxy.mend();
      await pause(1_000);
      proxy.hang();
      await pause(200);
      await proxy.mend();
      await pause(1_500);
    }
    over = true;
    await Promise.all(writers);
    expect(writes).toBeGreaterThan(acknowledged.size);
    expect(acknowledged.size).toBeGreaterThan(20);
    const lost = [];
    for (const [id, family] of acknowledged) {
      const { status, body } = await server.get(`/Patient/${id}`);
      if (status !== 200 || (body as unknown as Patient).name?.[0]?.family !== family) lost.push(id);
    }
    expect(lost).toEqual([]);
  });
});

describeOnMongodb('a database that answers with a failure', () => {
  eachWithServer();

  test('a search that the database gives up as too long is 422, and tells what to do', async () => {
    const failure = { ok: 0, code: 50, codeName: 'MaxTimeMSExpired', errmsg: 'operation exceeded time limit' };
    proxy.fateOf = (command) => ('aggregate' in command ? failure : 'pass');
    const answer = await server.get('/Patient?address-city:contains=x');
    expect([answer.status, answer.body.issue?.[0]?.code]).toEqual([422, 'too-costly']);
    expect(answer.body.issue?.[0]?.diagnostics).toContain('Ask for less');
  });

  test.each([
    ['cannot have a write on a majority', { ok: 1, n: 1, writeConcernError: { code: 64, errmsg: 'waiting' } }],
    ['changes its primary', { ok: 0, code: 10107, errmsg: 'not primary', codeName: 'NotWritablePrimary' }],
    ['has a full disk', { ok: 0, code: 14031, errmsg: 'no space', codeName: 'OutOfDiskSpace' }],
    ['takes its right away', { ok: 0, code: 13, errmsg: 'not authorized', codeName: 'Unauthorized' }],
  ])('that %s: 503, and the outcome is not said to be known', async (_what, failure) => {
    proxy.fateOf = (command) => ('insert' in command ? failure : 'pass');
    expectRefused([await ask('put', '/Patient/new', patient('new'))]);
  });
});
