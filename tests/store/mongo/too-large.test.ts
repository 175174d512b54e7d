/** Resources that are larger than MongoDB can keep: refused in words, and never half. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import request from 'supertest';
import { makeApp } from '../../../server/app.js';
import { CONTENT_BYTES_MAX, TEXT_LENGTH_MAX } from '../../../server/store/mongo/cells.js';
import { openMongo } from '../../../server/store/mongo/index.js';
import type { Store } from '../../../server/store/index.js';
import { bodyOf } from '../../journeys/server.js';
import { key, put } from '../documents.js';
import { databaseUrl, describeOnMongodb, dropDatabase, newDatabaseName } from './databases.js';
import { BOOKING_SETTINGS } from '../../journeys/server.js';

/** What a UTF-16 unit takes in UTF-8 at most. */
const WIDE = '\u{20AC}';
const BODY_BYTES_MAX = 40_000_000;
const TEST_MS_MAX = 60_000;
const SILENT = { isLevelEnabled: () => false, debug: () => undefined, error: () => undefined };

jest.setTimeout(TEST_MS_MAX);

const name = newDatabaseName();
let store: Store;
let http: ReturnType<typeof request.agent>;

/** FHIR's strings have a length of their own at most, so that it takes several. */
const withNames = (id: string, families: readonly string[]): Patient => ({
  ...{ resourceType: 'Patient', id, name: families.map((family) => ({ family })) },
});
const LONG = 900_000;

function withServer(): void {
  beforeAll(async () => {
    store = await openMongo(databaseUrl(name));
    const { server } = makeApp({
      store,
      clock: { nowMs: () => Date.parse('2027-03-01T00:00:00Z') },
      newId: () => 'new',
      log: SILENT,
      settings: {
        ...{ baseUrl: undefined, defaultTimezone: 'UTC', corsOrigin: '*', bodyBytesMax: BODY_BYTES_MAX, trustProxy: 0 },
        ...{ overbookedApi: 'on', reservekitApi: 'on' },
        booking: BOOKING_SETTINGS,
      },
      version: 'test',
    });
    http = request.agent(server);
  });
  afterAll(async () => {
    await store.close();
    await dropDatabase(name);
  });
}

describeOnMongodb('resources that are too large', () => {
  withServer();

  test('a text over TEXT_LENGTH_MAX: 413, with the limit; what was there stays', async () => {
    expect((await http.put('/Patient/p').send(withNames('p', ['short']))).status).toBe(201);
    const answer = await http.put('/Patient/p').send(
      withNames(
        'p',
        ['a', 'b', 'c'].map((letter) => letter.repeat(LONG)),
      ),
    );
    expect([answer.status, bodyOf(answer).issue?.[0]?.code]).toEqual([413, 'too-long']);
    expect(bodyOf(answer).issue?.[0]?.diagnostics).toContain(String(TEXT_LENGTH_MAX));
    expect((await store.read(key('Patient/p')))?.revision).toBe(1);
    expect((await http.get('/Patient/p')).status).toBe(200);
  });

  test('index values that make it larger than CONTENT_BYTES_MAX: 413, and nothing is written', async () => {
    const answer = await http
      .put('/Patient/huge')
      .send(withNames('huge', [WIDE.repeat(LONG), `a${WIDE.repeat(LONG)}`]));
    expect([answer.status, bodyOf(answer).issue?.[0]?.code]).toEqual([413, 'too-long']);
    expect(bodyOf(answer).issue?.[0]?.diagnostics).toContain(String(CONTENT_BYTES_MAX));
    expect(await store.read(key('Patient/huge'))).toBeUndefined();
  });

  test('a text of TEXT_LENGTH_MAX in the widest characters is kept, replaced, and found in the history', async () => {
    const text = WIDE.repeat(TEXT_LENGTH_MAX);
    const [one, other] = [`1${text.slice(1)}`, `2${text.slice(1)}`];
    await store.commit([put('Patient/wide', { text: one })]);
    await store.commit([put('Patient/wide', { text: other, expectedRevision: 1 })]);
    expect((await store.read(key('Patient/wide')))?.text === other).toBe(true);
    expect((await store.version(key('Patient/wide'), 1))?.text === one).toBe(true);
  });

  test('a commit of several documents with a large one among them: nothing of it is written', async () => {
    const index = { name: [0, 1].map((at) => ({ kind: 'string', text: `${at}${WIDE.repeat(1_900_000)}` }) as const) };
    const writes = [put('Patient/small'), put('Patient/large', { index })];
    await expect(store.commit(writes)).rejects.toMatchObject({ kind: 'too-large' });
    expect(await store.readMany([key('Patient/small'), key('Patient/large')])).toEqual([undefined, undefined]);
  });

  test('old and new content of CONTENT_BYTES_MAX fit into one document while a commit is under way', async () => {
    // A string is kept folded and as it is.
    const nearly = 'x'.repeat((CONTENT_BYTES_MAX - TEXT_LENGTH_MAX) / 2 - 1_000);
    const text = 'x'.repeat(TEXT_LENGTH_MAX);
    const content = (letter: string) => ({
      text,
      index: { name: [{ kind: 'string', text: letter + nearly } as const] },
    });
    const writes = (expectedRevision: number, letter: string) =>
      ['Patient/grown', 'Patient/beside'].map((path, at) =>
        put(path, { expectedRevision, ...(at === 0 && content(letter)) }),
      );
    expect(await store.commit(writes(0, 'a'))).toEqual({ committed: true });
    expect(await store.commit(writes(1, 'b'))).toEqual({ committed: true });
    const revisions = await store.revisions([key('Patient/grown'), key('Patient/beside')]);
    expect(revisions).toEqual([2, 2]);
  });

  test('a copy of another store may not bring one either', async () => {
    const text = 'x'.repeat(TEXT_LENGTH_MAX + 1);
    const version = { ...put('Patient/copied', { text }), revision: 1, current: true };
    await expect(store.restore([version])).rejects.toMatchObject({ kind: 'too-large' });
    expect(await store.read(key('Patient/copied'))).toBeUndefined();
  });
});
