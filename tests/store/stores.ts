/** The stores that the contract suite runs on. A new store adds a row here and passes, or is not one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../server/store/index.js';
import { openSqlite } from '../../server/store/sqlite/index.js';

export interface StoreUnderTest {
  readonly name: string;
  /** A place without documents. */
  readonly newPlace: () => Place;
  /** Whether what was written is there when the place is opened again. */
  readonly lasting: boolean;
  /** Why it cannot run here. */
  readonly skip?: string;
}

export interface Place {
  open(): Store;
  remove(): void;
}

export const stores: readonly StoreUnderTest[] = [
  {
    name: 'sqlite, a file',
    lasting: true,
    newPlace: () => {
      const folder = mkdtempSync(join(tmpdir(), 'fhir-slots-store-'));
      return {
        open: () => openSqlite(join(folder, 'test.db')),
        remove: () => rmSync(folder, { recursive: true }),
      };
    },
  },
  {
    name: 'sqlite, in memory',
    lasting: false,
    newPlace: () => ({ open: () => openSqlite(':memory:'), remove: () => undefined }),
  },
];
