/** A server that does not start says why in one line, soon, and without the secret of its URL. */
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Fault } from '../../../server/base/fault.js';
import { openStore } from '../../../server/open-store.js';
import { SERVER_SELECTION_MS_MAX } from '../../../server/store/mongo/connection.js';
import { fhirSlots } from '../../cli/child.js';
import { databaseUrl, describeOnMongodb, dropDatabase, newDatabaseName, withDatabase } from './databases.js';
import { fakeMongodb, type FakeMongodb } from './fake-mongodb.js';

/** To find a server, to find that it is away, and to tell: with time for a machine that is busy. */
const START_MS_MAX = SERVER_SELECTION_MS_MAX + 2_000;
const SECRET = 'pa55%40word';
const LET_IN = `admin:${SECRET}@`;

interface Refusal {
  readonly kind: string;
  readonly message: string;
  readonly ms: number;
}

async function refusal(url: string): Promise<Refusal> {
  const startedMs = Date.now();
  try {
    await (await openStore(url)).close();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: error.kind, message: error.message, ms: Date.now() - startedMs };
  }
  throw new Error(`${url} was opened.`);
}

async function expectRefusal(url: string, kind: string, message: string | RegExp): Promise<void> {
  const found = await refusal(url);
  expect(found).toMatchObject({ kind, message: expect.stringMatching(message) });
  expect(found.message).not.toMatch(/pa55|admin|\n/);
  expect(found.ms).toBeLessThan(START_MS_MAX);
}

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const fakes: FakeMongodb[] = [];
afterAll(async () => void (await Promise.all(fakes.map((fake) => fake.close()))));

async function fakeUrl(...about: Parameters<typeof fakeMongodb>): Promise<string> {
  const fake = await fakeMongodb(...about);
  fakes.push(fake);
  return `mongodb://${fake.address}/clinic`;
}

const failing = (code: number, errmsg: string) => ({ ok: 0, code, errmsg, codeName: 'Failure' });

test('mongodb on a closed port: it cannot be reached', async () => {
  await expectRefusal(
    `mongodb://${LET_IN}127.0.0.1:${await closedPort()}/clinic`,
    'unavailable',
    /^The database cannot be used: it cannot be reached\.$/,
  );
});

test('mongodb on a host that nobody knows: it cannot be reached', async () => {
  await expectRefusal(`mongodb://${LET_IN}nobody.invalid:27017/clinic`, 'unavailable', /: it cannot be reached\.$/);
});

test('mongodb+srv of a host that nobody knows: it cannot be reached', async () => {
  await expectRefusal(
    `mongodb+srv://${LET_IN}nobody.invalid/clinic`,
    'unavailable',
    /: its name or address cannot be found\.$/,
  );
});

test('mongodb that accepts connections and says nothing: it cannot be reached', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await expectRefusal(`mongodb://${LET_IN}127.0.0.1:${port}/clinic`, 'unavailable', /: it cannot be reached\.$/);
  server.close();
}, 15_000);

test('mongodb that is too old: which version is needed', async () => {
  await expectRefusal(await fakeUrl({ maxWireVersion: 13 }), 'unavailable', /is too old: 6\.0 or later is needed\.$/);
});

test('mongodb that is so old that the driver itself refuses it', async () => {
  await expectRefusal(
    await fakeUrl({ maxWireVersion: 6 }),
    'unavailable',
    /is too old, .*: 6\.0 or later is needed\.$/,
  );
});

test('mongodb that can only be read: name the primary', async () => {
  const secondary = { isWritablePrimary: false, secondary: true, setName: 'rs', hosts: ['a:1', 'b:2'] };
  const url = `${await fakeUrl(secondary)}?directConnection=true`;
  await expectRefusal(url, 'unavailable', /can only be read\. Name the primary/);
});

test('mongodb that was started to be read: it can only be read', async () => {
  await expectRefusal(await fakeUrl({ readOnly: true }), 'unavailable', /can only be read\./);
});

test('mongodb that does not know the user: user or password are wrong', async () => {
  const url = await fakeUrl({}, { saslStart: failing(18, 'Authentication failed.') });
  const withUser = url.replace('//', `//${LET_IN}`);
  await expectRefusal(withUser, 'unavailable', /: user or password are wrong\.$/);
});

test('mongodb that wants a user and was named none', async () => {
  const url = await fakeUrl({}, { listCollections: failing(13, 'command listCollections requires authentication') });
  await expectRefusal(url, 'unavailable', /: its user may not do this; give it the role readWrite/);
});

test.each([
  ['without a host', `mongodb://${LET_IN}/clinic`],
  ['with a password that is not escaped', 'mongodb://admin:pa55@word@host/clinic'],
  ['with an option that nobody knows', `mongodb://${LET_IN}host/clinic?pa55=1`],
  ['with a port that is none', `mongodb://${LET_IN}host:99999/clinic`],
  ['with options that exclude each other', `mongodb://${LET_IN}a,b/clinic?directConnection=true`],
])('mongodb by a URL %s: what a URL looks like', async (_what, url) => {
  await expectRefusal(url, 'invalid', /^This is no MongoDB URL: write mongodb:\/\/host:27017\/database\.$/);
});

describeOnMongodb('a database that is not ours', () => {
  const [foreign, newer] = [newDatabaseName(), newDatabaseName()];
  beforeAll(async () => {
    await withDatabase(foreign, async (db) => void (await db.collection('documents').insertOne({ title: 'Notes' })));
    const schema = { _id: 'schema', version: 99 };
    await withDatabase(newer, async (db) => void (await db.collection<typeof schema>('about').insertOne(schema)));
  });
  afterAll(async () => {
    await Promise.all([foreign, newer].map(dropDatabase));
  });

  test('documents of another program: name another database, and nothing is touched', async () => {
    await expectRefusal(databaseUrl(foreign), 'unavailable', / holds documents of another program\. Name another/);
    const left = await withDatabase(foreign, async (db) =>
      (await db.listCollections().toArray()).map(({ name }) => name),
    );
    expect(left).toEqual(['documents']);
  });

  test('a newer version of ours: use a newer program', async () => {
    await expectRefusal(
      databaseUrl(newer),
      'unavailable',
      / has schema 99; this program knows 1\. Use a newer program\.$/,
    );
  });

  test('the command says so in one line, and ends with 1', async () => {
    const [code, lines] = await serve(databaseUrl(newer));
    expect([code, lines]).toEqual([1, [expect.stringMatching(/cannot be opened: The database .* has schema 99/)]]);
  });
});

/** `fhir-slots serve`, until it ends: its exit code, and what it says on standard error. */
async function serve(url: string): Promise<[number | null, string[]]> {
  const child = fhirSlots(['serve', '--port', '0', '--store-url', url]);
  const { code } = await child.ended;
  expect(child.out()).toBe('');
  return [code, child.err().trim().split('\n')];
}

test('the command on mongodb that is away: one line, exit code 1, and no secret', async () => {
  const [code, lines] = await serve(`mongodb://${LET_IN}127.0.0.1:${await closedPort()}/clinic`);
  expect([code, lines]).toEqual([
    1,
    [expect.stringMatching(/mongodb:\/\/\*\*\*@127\.0\.0\.1.*it cannot be reached\.$/)],
  ]);
  expect(lines.join()).not.toMatch(/pa55|admin/);
}, 20_000);

test('the command with a URL of mongodb that cannot be read: one line, exit code 2, and no secret', async () => {
  const [code, lines] = await serve(`mongodb://${LET_IN}host:99999/clinic`);
  expect([code, lines]).toEqual([2, [expect.stringMatching(/This is no MongoDB URL/)]]);
  expect(lines.join()).not.toMatch(/pa55|admin/);
}, 20_000);

test('mongodb that answers no question after its hello: it does not answer', async () => {
  const url = await fakeUrl({}, { listCollections: 'never' });
  await expectRefusal(url, 'unavailable', /^The database does not answer\./);
}, 20_000);
