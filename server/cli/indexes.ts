import { SETTINGS, withoutSecrets } from '../config/index.js';
import { indexesOf } from '../open-store.js';
import { EXIT_FAILED } from './failure.js';
import { notOpened } from './open-named-store.js';
import { settingsOf } from './settings-of.js';
import { columns } from './transfer/report.js';

/**
 * `fhir-slots indexes`: the indexes of the store, and those that it should have. Exit code 1 where one is not there.
 *
 * @throws {Failure} when the store does not open
 */
export async function indexes(flags: Readonly<Record<string, unknown>>): Promise<void> {
  const { storeUrl } = settingsOf(flags).values;
  const found = await indexesOf(storeUrl).catch((error: unknown) => {
    throw notOpened(storeUrl, SETTINGS.storeUrl.name, error);
  });
  const rows = found.map(({ state, collection, name, key }) => [state, collection, name, key]);
  const waiting = found.filter(({ state }) => state === 'missing' || state === 'building').length;
  const sum = waiting === 0 ? 'none is missing' : `${waiting} missing or being built`;
  process.stdout.write(`${columns([['state', 'of', 'name', 'key'], ...rows])}\n`);
  process.stdout.write(`${found.length} indexes of ${withoutSecrets(storeUrl)}, ${sum}\n`);
  if (waiting > 0) process.exitCode = EXIT_FAILED;
}
