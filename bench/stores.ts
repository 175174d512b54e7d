import type { Bench } from './bench.js';
import { newDatabase } from './mongo/databases.js';

/** The URL of a new, empty store for a row: a file, or a database under the one that `--store` names. */
export async function newStore(bench: Bench, name: string): Promise<string> {
  const { storeUrl } = bench.options;
  return storeUrl === undefined ? `sqlite:${bench.path(`${name}.db`)}` : newDatabase(bench, storeUrl, name);
}
