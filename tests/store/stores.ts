/** The stores that the contract suite runs on. A new store adds a row here and passes, or is not one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Store } from '../../server/store/index.js';
import { openSqlite } from '../../server/store/sqlite/index.js';
import { closingAtLast } from './left-open.js';
import { newMongoPlace } from './mongo-places.js';

/** Where a MongoDB server for tests is: `mongodb://host:port/`. */
const MONGODB_URL = process.env['TEST_MONGODB_URL'];

/** A test may take thousands of round trips to a server that shares the machine with the tests. */
const TEST_MS_OVER_A_NETWORK = 60_000;
if (MONGODB_URL) jest.setTimeout(TEST_MS_OVER_A_NETWORK);

export interface StoreUnderTest {
  readonly name: string;
  /** A place without documents. */
  readonly newPlace: () => Promise<Place>;
  /** Whether what was written is there when the place is opened again. */
  readonly lasting: boolean;
  /** Whether each call goes to another process: tests of many random cases make fewer there. */
  readonly overNetwork?: boolean;
  /** Why it cannot run here. */
  readonly skip?: string;
}

export interface Place {
  open(): Promise<Store>;
  remove(): Promise<void>;
}

const ROWS: readonly StoreUnderTest[] = [
  {
    name: 'sqlite, a file',
    lasting: true,
    newPlace: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'fhir-slots-store-'));
      return {
        open: () => Promise.resolve(openSqlite(join(folder, 'test.db'))),
        remove: () => rm(folder, { recursive: true }),
      };
    },
  },
  {
    name: 'sqlite, in memory',
    lasting: false,
    newPlace: () =>
      Promise.resolve({ open: () => Promise.resolve(openSqlite(':memory:')), remove: () => Promise.resolve() }),
  },
  {
    name: 'mongodb',
    lasting: true,
    overNetwork: true,
    newPlace: newMongoPlace,
    ...(!MONGODB_URL && { skip: 'TEST_MONGODB_URL is not set' }),
  },
];

export const stores: readonly StoreUnderTest[] = ROWS.map((row) => ({
  ...row,
  newPlace: async () => {
    const place = await row.newPlace();
    return { ...place, open: async () => closingAtLast(await place.open()) };
  },
}));
