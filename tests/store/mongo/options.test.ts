/**
 * What a replica set would honour and the stand-in cannot: the options that reach the driver, and the concerns that
 * reach the wire.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { MongoClient, type Document, type MongoClientOptions } from 'mongodb';
import {
  CLIENT_OPTIONS,
  CONNECT_MS_MAX,
  MAJORITY_MS_MAX,
  POOL_SIZE_MAX,
  SERVER_SELECTION_MS_MAX,
  SOCKET_IDLE_MS_MAX,
  SOCKET_SILENT_MS_MAX,
} from '../../../server/store/mongo/connection.js';
import { CALL_MS_MAX } from '../../../server/store/mongo/within-time.js';
import { LINEARIZABLE_MS_MAX } from '../../../server/store/mongo/mongo-table.js';
import { SEARCH_MS_MAX } from '../../../server/store/mongo/searcher.js';
import { SETTLE_MS } from '../../../server/store/mongo/protocol/sweep.js';
import { openMongo } from '../../../server/store/mongo/index.js';
import type { Store } from '../../../server/store/index.js';
import { key, put, slotIndex } from '../documents.js';
import { describeOnMongodb, dropDatabase, newDatabaseName, serverUrl } from './databases.js';
import { Proxy } from './proxy.js';
import { nameOf } from './wire.js';

/** What the driver makes of a URL, as far as the promises of the store rest on it. */
function optionsOf(query: string) {
  const { options } = new MongoClient(`mongodb://127.0.0.1/?${query}`, CLIENT_OPTIONS);
  const { promoteValues, promoteLongs, raw, useBigInt64 } = options as MongoClientOptions;
  const { writeConcern, readConcern, readPreference, retryWrites, retryReads } = options;
  const { w, journal, wtimeoutMS } = writeConcern;
  return {
    ...{ w, journal, wtimeoutMS, readConcern: readConcern.level, reads: readPreference.mode, retryWrites, retryReads },
    ...{ promoteValues, promoteLongs, raw, useBigInt64 },
    waits: [
      options.serverSelectionTimeoutMS,
      options.connectTimeoutMS,
      options.socketTimeoutMS,
      options.waitQueueTimeoutMS,
      options.heartbeatFrequencyMS,
      options.maxIdleTimeMS,
    ],
    maxPoolSize: options.maxPoolSize,
  };
}

const PROMISED: ReturnType<typeof optionsOf> = {
  ...{ w: 'majority', journal: true, wtimeoutMS: MAJORITY_MS_MAX, readConcern: 'majority', reads: 'primary' },
  ...{ retryWrites: true, retryReads: true, promoteValues: true, promoteLongs: true, raw: false, useBigInt64: false },
  waits: [
    ...[SERVER_SELECTION_MS_MAX, CONNECT_MS_MAX, SOCKET_SILENT_MS_MAX, SERVER_SELECTION_MS_MAX],
    ...[2_000, SOCKET_IDLE_MS_MAX],
  ],
  maxPoolSize: POOL_SIZE_MAX,
};

describe('options of the driver for mongodb', () => {
  test('a caller is answered before the driver gives up, and both before commit records may go', () => {
    for (const ms of [SERVER_SELECTION_MS_MAX, MAJORITY_MS_MAX, LINEARIZABLE_MS_MAX, SEARCH_MS_MAX]) {
      expect(ms).toBeLessThan(CALL_MS_MAX);
    }
    expect(CALL_MS_MAX).toBeLessThan(SOCKET_SILENT_MS_MAX);
    expect(SOCKET_SILENT_MS_MAX).toBeLessThan(SETTLE_MS);
  });

  test.each([
    ['nothing', ''],
    ['one member', 'w=1'],
    ['no acknowledgement', 'w=0'],
    ['no journal', 'journal=false'],
    ['another time for a majority', 'wtimeoutMS=0'],
    ['reads of what may be rolled back', 'readConcernLevel=local'],
    ['reads from elsewhere', 'readPreference=secondary'],
    ['no repetition', 'retryWrites=false&retryReads=false'],
    ['numbers as objects', 'promoteValues=false&promoteLongs=false&useBigInt64=true'],
    ['documents as bytes', 'raw=true'],
    ['endless waiting', 'serverSelectionTimeoutMS=600000&connectTimeoutMS=0&socketTimeoutMS=0&waitQueueTimeoutMS=0'],
    ['a server that is seldom looked at', 'heartbeatFrequencyMS=600000&maxIdleTimeMS=0'],
    ['another pool', 'maxPoolSize=1'],
  ])('a URL that asks for %s changes none of them', (_what, query) => {
    expect(optionsOf(query)).toEqual(PROMISED);
  });

  test('a URL may still say who comes, how, and to which servers', () => {
    const url = 'mongodb://u:p@a:1,b:2/db?replicaSet=rs&tls=true&authSource=admin&compressors=zlib';
    const { options } = new MongoClient(url, CLIENT_OPTIONS);
    expect(options.hosts.map(String)).toEqual(['a:1', 'b:2']);
    expect(options).toMatchObject({ replicaSet: 'rs', tls: true, dbName: 'db', compressors: ['zlib'] });
  });
});

jest.setTimeout(30_000);

const name = newDatabaseName();
let proxy: Proxy;
let store: Store;

/** The commands that a call sends, without those of the background. */
async function sentBy(call: () => Promise<unknown>): Promise<Document[]> {
  const before = proxy.commands.length;
  await call();
  return proxy.commands.slice(before).filter((command) => !isAside(command));
}
/** What the sweeper asks, what indexes are made with, and the removal of a record when its commit is over. */
const isAside = (command: Document) =>
  (command['filter'] as Document | undefined)?.['deadlineMs'] !== undefined ||
  nameOf(command) === 'createIndexes' ||
  command['delete'] === 'commits';
const namesOf = (commands: readonly Document[]) => [...new Set(commands.map(nameOf))].sort();

const MAJORITY = { w: 'majority', j: true, wtimeout: MAJORITY_MS_MAX };
/** These go on with a read that has one, or know none. */
const WITHOUT_CONCERN = ['getMore', 'listCollections', 'listIndexes'];

function expectConcerns(commands: readonly Document[]): void {
  for (const command of commands.filter((one) => !WITHOUT_CONCERN.includes(nameOf(one)))) {
    const reads = ['find', 'aggregate'].includes(nameOf(command));
    const { readConcern, writeConcern } = command as Readonly<Record<string, unknown>>;
    const level = expect.stringMatching(/^(majority|linearizable)$/) as unknown;
    const concerns = reads ? { readConcern: { level } } : { writeConcern: MAJORITY };
    expect({ name: nameOf(command), readConcern, writeConcern }).toEqual({ name: nameOf(command), ...concerns });
  }
}

function withStore(): void {
  beforeAll(async () => {
    proxy = await Proxy.before(serverUrl());
    store = await openMongo(proxy.url(name));
    await store.commit([put('Slot/a', { index: slotIndex('s1', 0) }), put('Unit/u', { keepHistory: false })]);
  });
  afterAll(async () => {
    await store.close();
    await proxy.close();
    await dropDatabase(name);
  });
}

describeOnMongodb('what goes over the wire', () => {
  withStore();

  test('a commit of one document without history is one round trip', async () => {
    const sent = await sentBy(() => store.commit([put('Unit/u', { expectedRevision: 1, keepHistory: false })]));
    expect(sent.map(nameOf)).toEqual(['update']);
    expectConcerns(sent);
  });

  test('commits write by a majority and the journal, and read what a majority has', async () => {
    const sent = await sentBy(async () => {
      const changes = [put('Slot/a', { expectedRevision: 1 }), put('Slot/new')];
      await store.commit([...changes, { kind: 'check', ...key('Unit/u'), expectedRevision: 2 }]);
      await store.commit([{ kind: 'remove', ...key('Unit/u'), expectedRevision: 2 }, put('Slot/new2')]);
    });
    expect(namesOf(sent)).toEqual(expect.arrayContaining(['delete', 'find', 'insert', 'update']));
    expectConcerns(sent);
  });

  test('what a commit checks is read as linearizable, with a limit of time', async () => {
    const check = { kind: 'check', ...key('Slot/a'), expectedRevision: 2 } as const;
    const sent = await sentBy(() => store.commit([put('Slot/other'), check]));
    const linearizable = sent.filter(({ readConcern }) => (readConcern as Document)?.['level'] === 'linearizable');
    expect(linearizable).toEqual([expect.objectContaining({ find: 'documents', filter: { _id: 'Slot/a' } })]);
    expect(linearizable[0]?.['maxTimeMS']).toBe(LINEARIZABLE_MS_MAX);
  });

  test('the record of a commit that another one meets is read as linearizable', async () => {
    // The first of them stops before it is decided: its record is open, and its intents are laid.
    const isTurn = ({ u }: Document) => ((u as Document)['$set'] as Document | undefined)?.['state'] !== undefined;
    const heldUp = { ok: 0, code: 91, errmsg: 'a test holds it up', codeName: 'ShutdownInProgress' };
    proxy.fateOf = ({ updates }) => ((updates as Document[] | undefined)?.some(isTurn) ? heldUp : 'pass');
    const stopped = store.commit([put('Slot/x'), put('Slot/y')]).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const sent = await sentBy(() => store.readMany([key('Slot/x')]));
    proxy.fateOf = () => 'pass';
    await stopped;
    const records = sent.filter(({ find }) => find === 'commits');
    expect(records.length).toBeGreaterThan(0);
    for (const { readConcern, maxTimeMS } of records) {
      expect([readConcern, maxTimeMS]).toEqual([{ level: 'linearizable' }, LINEARIZABLE_MS_MAX]);
    }
  });
});

describeOnMongodb('what readings send over the wire', () => {
  withStore();

  test('reads, searches, counts, pages of a copy and looks read what a majority has', async () => {
    const query = { type: 'Slot', filter: { kind: 'all', of: [] }, sort: [], limit: 9 } as const;
    const sent = await sentBy(async () => {
      await store.read(key('Slot/a'));
      await store.readMany([key('Slot/a'), key('Slot/new')]);
      await store.revisions([key('Slot/a')]);
      await store.version(key('Slot/a'), 1);
      await store.search(query);
      await store.count('Slot', query.filter);
      await store.scan(undefined, 9);
      await store.ping();
    });
    expect(namesOf(sent)).toEqual(['aggregate', 'find']);
    expectConcerns(sent);
  });

  test('searches and counts have a limit of time in the database', async () => {
    const query = { type: 'Slot', filter: { kind: 'all', of: [] }, sort: [], limit: 9 } as const;
    const sent = await sentBy(() => Promise.all([store.search(query), store.count('Slot', query.filter)]));
    expect(sent.map(({ maxTimeMS }) => maxTimeMS as number)).toEqual([SEARCH_MS_MAX, SEARCH_MS_MAX]);
  });

  test('so does everything else that was sent, and all of it to the database of the URL', () => {
    const ours = proxy.commands.filter(({ $db }) => $db === name);
    expectConcerns(ours);
    expect(namesOf(ours)).toEqual(expect.arrayContaining(['createIndexes', 'listCollections', 'insert']));
    expect(namesOf(proxy.commands.filter(({ $db }) => $db !== name))).toEqual([]);
  });
});
