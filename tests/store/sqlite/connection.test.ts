/** What only the SQLite store promises: what a file must be, and how failures of file and machine are told. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openConnection, pragma, WAIT_MS_MAX } from '../../../server/store/sqlite/connection.js';
import { indexesOfFile, openSqlite } from '../../../server/store/sqlite/index.js';
import { SqliteStore } from '../../../server/store/sqlite/sqlite-store.js';
import { key, put } from '../documents.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fhir-slots-sqlite-'));
  path = join(folder, 'test.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const SYNCHRONOUS_FULL = 2;
const unavailable = (message: RegExp) =>
  expect.objectContaining({ kind: 'unavailable', message: expect.stringMatching(message) as unknown });

/** What a step throws, or what its promise is rejected with. */
async function failureOf(step: () => unknown): Promise<unknown> {
  try {
    return await step();
  } catch (thrown) {
    return thrown;
  }
}

test('every open, the second too, waits for the disk at each commit', () => {
  for (const open of ['new', 'again']) {
    const connection = openConnection(path);
    expect([open, pragma(connection, 'synchronous')]).toEqual([open, SYNCHRONOUS_FULL]);
    expect(connection.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    connection.close();
  }
});

test('a file of schema 1, which knew no values that hold for a time, is brought to this one', async () => {
  const before = openSqlite(path);
  await before.commit([put('Slot/a')]);
  await before.close();
  const connection = openConnection(path);
  connection.exec('DROP INDEX resource_by_time; DROP INDEX version_by_time; ALTER TABLE version DROP COLUMN type');
  connection.exec('DROP TABLE timed_value; PRAGMA user_version = 1');
  connection.close();
  for (const open of ['first', 'again']) {
    const store = openSqlite(path);
    const id = `of-${open}`;
    const index = { status: [{ kind: 'token', code: id, fromMs: 5 }] } as const;
    expect(await store.commit([put(`Slot/${id}`, { index })])).toEqual({ committed: true });
    expect(await store.count('Slot', { kind: 'token', param: 'status', code: id, atMs: 5 })).toBe(1);
    expect(await store.revisions(['Slot/a'].map(key))).toEqual([1]);
    await store.close();
  }
  expect(indexesOfFile(path).map(({ state }) => state)).not.toContain('missing');
  expect(schemaOf(path)).toEqual(schemaOf(':memory:'));
});

/** What SQLite says of every table and index. */
function schemaOf(file: string): unknown {
  const connection = openConnection(file);
  const rows = connection.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all();
  const version = pragma(connection, 'user_version');
  connection.close();
  return { rows, version };
}

test('a file with a newer schema is refused and left alone', async () => {
  const connection = openConnection(path);
  connection.exec('PRAGMA user_version = 99');
  connection.close();
  expect(await failureOf(() => openSqlite(path))).toEqual(unavailable(/schema 99/));
});

test('a database of another program, and a file that is none, are refused', async () => {
  const connection = openConnection(path);
  connection.exec('PRAGMA application_id = 5');
  connection.close();
  expect(await failureOf(() => openSqlite(path))).toEqual(unavailable(/another program/));
  const noDatabase = join(folder, 'text.db');
  writeFileSync(noDatabase, 'This is a text that is long enough to be taken for the header of a file. '.repeat(20));
  expect(await failureOf(() => openSqlite(noDatabase))).toEqual(unavailable(/not an SQLite database/));
});

test('a folder that does not exist is named', async () => {
  expect(await failureOf(() => openSqlite(join(folder, 'none', 'x.db')))).toEqual(
    unavailable(/none.*cannot be opened/),
  );
});

test('a lock that another process keeps too long refuses the commit, and nothing of it is written', async () => {
  const store = openSqlite(path, { waitMsMax: 20 });
  const other = openConnection(path);
  other.exec('BEGIN IMMEDIATE');
  expect(await failureOf(() => store.commit([put('Slot/a')]))).toEqual(unavailable(/locked/));
  other.exec('COMMIT');
  other.close();
  expect(await store.read(key('Slot/a'))).toBeUndefined();
  expect(await store.commit([put('Slot/a')])).toEqual({ committed: true });
  await store.close();
});

test('how long that is when nobody says: WAIT_MS_MAX', () => {
  const connection = openConnection(path);
  expect(connection.prepare('PRAGMA busy_timeout').get()).toEqual({ timeout: WAIT_MS_MAX });
  connection.close();
});

test('a full disk refuses all commits of the transaction that finds no room, and the store stays', async () => {
  const connection = openConnection(path);
  const full = new SqliteStore(connection, path);
  await full.commit([put('Slot/a')]);
  connection.exec('PRAGMA max_page_count = 40');
  const large = { text: 'x'.repeat(400_000) };
  const [small, tooLarge] = await Promise.all([
    failureOf(() => full.commit([put('Slot/b')])),
    failureOf(() => full.commit([put('Slot/c'), put('Slot/d', large)])),
  ]);
  expect(small).toEqual(unavailable(/full/));
  expect(tooLarge).toEqual(unavailable(/full/));
  expect(await full.revisions(['Slot/a', 'Slot/b', 'Slot/c', 'Slot/d'].map(key))).toEqual([1, 0, 0, 0]);
  expect(await full.commit([put('Slot/e')])).toEqual({ committed: true });
  await full.close();
});
