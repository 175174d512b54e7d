/** Where the programs under load are tried: every lasting store, by its URL, as they are told it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrl, dropDatabase, newDatabaseName } from '../store/mongo/databases.js';

export interface ProofPlace {
  readonly url: string;
  remove(): Promise<void>;
}

export interface ProofStore {
  readonly name: string;
  readonly newPlace: () => ProofPlace;
  /** Why it cannot run here. */
  readonly skip?: string;
}

const MONGODB = process.env['TEST_MONGODB_URL'];

export const proofStores: readonly ProofStore[] = [
  { name: 'sqlite, a file', newPlace: newFile },
  {
    name: 'mongodb',
    newPlace: newDatabase,
    ...(!MONGODB && { skip: 'TEST_MONGODB_URL is not set' }),
  },
];

function newFile(): ProofPlace {
  const folder = mkdtempSync(join(tmpdir(), 'fhir-slots-proofs-'));
  return {
    url: `sqlite:${join(folder, 'proof.db')}`,
    remove: () => Promise.resolve(rmSync(folder, { recursive: true })),
  };
}

function newDatabase(): ProofPlace {
  const name = newDatabaseName();
  return { url: databaseUrl(name), remove: () => dropDatabase(name) };
}
