import { systemClock } from '../base/clock.js';
import type { Store } from '../store/index.js';
import { EXIT_USAGE, Failure } from './failure.js';
import { openNamedStore, storeName, storeUrlOf } from './open-named-store.js';
import { settingsOf } from './settings-of.js';
import { refuseUnfinished } from './transfer/copy-record.js';
import { makeTransferProgress } from './transfer/progress.js';
import { amountText, comparisonTable } from './transfer/report.js';
import { storeSource } from './transfer/store-source.js';
import { differences } from './transfer/tally.js';
import { transfer, type Transferred, type VersionSource } from './transfer/transfer.js';

/**
 * `fhir-slots copy --from STORE --to STORE`: moves everything of a store into an empty one, and compares the two.
 * Exit code 1 where they are not the same in the end.
 *
 * @throws {Failure} when a store does not open, or the target holds something else
 */
export async function copy(flags: Readonly<Record<string, unknown>>): Promise<void> {
  const { defaultTimezone } = settingsOf(flags).values;
  const from = storeUrlOf('--from', String(flags['from']));
  const to = storeUrlOf('--to', String(flags['to']));
  const name = storeName(from);
  if (name === storeName(to)) throw new Failure('--from and --to name the same store.', EXIT_USAGE);
  const source = await openNamedStore(from, '--from', { existing: true });
  try {
    await refuseUnfinished(source, name);
    await into(to, '--to', () => Promise.resolve(storeSource(source, name, defaultTimezone)));
  } finally {
    await source.close();
  }
}

/**
 * Transfers a source into the store of a URL, tells how it went, and sets the exit code.
 *
 * @param flag that the URL came from
 * @throws {Failure} as `transfer` does
 */
export async function into(
  url: string,
  flag: string,
  sourceOf: (onRead: (versions: number) => void) => Promise<VersionSource>,
): Promise<void> {
  const startedMs = systemClock.nowMs();
  const progress = makeTransferProgress(process.stderr);
  let store: Store | undefined;
  const run = async () => {
    progress.stage('reading');
    const source = await sourceOf(progress.done);
    store = await openNamedStore(url, flag);
    return transfer(source, { store, name: storeName(url) }, progress);
  };
  try {
    const result = await run().finally(() => progress.stop());
    await tell(result, systemClock.nowMs() - startedMs);
  } finally {
    await store?.close();
  }
}

async function tell({ before, source, target, written, finish }: Transferred, elapsedMs: number): Promise<void> {
  process.stdout.write(`${comparisonTable(source, target)}\n${amountText(written, elapsedMs)}\n`);
  const different = differences(source, target);
  if (different.length > 0) {
    const changed = differences(before, source).length > 0;
    const what = changed
      ? 'The source was written to meanwhile'
      : `The copy is not the same in ${different.join(', ')}`;
    throw new Failure(`${what}. Stop the servers of both stores, empty the target, and copy again.`);
  }
  await finish();
  process.stdout.write('Both hold the same.\n');
}
