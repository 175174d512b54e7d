/** Where the programs under load are tried: every lasting store, by its URL, as they are told it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';

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
    newPlace: () => newDatabase(MONGODB ?? ''),
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

/** A database of its own. Its name is one that `tests/store/mongo-places.ts` clears away after a killed run. */
function newDatabase(server: string): ProofPlace {
  const url = new URL(server);
  url.pathname = `/fhir_slots_test_${String(Date.now())}_proofs_${String(process.pid)}`;
  return {
    url: url.href,
    remove: async () => {
      const client = new MongoClient(url.href);
      await client.db().dropDatabase();
      await client.close();
    },
  };
}
