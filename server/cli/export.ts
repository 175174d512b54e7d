import { existsSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { systemClock } from '../base/clock.js';
import { SETTINGS, type Settings } from '../config/index.js';
import type { Store } from '../store/index.js';
import { EXIT_FAILED, Failure } from './failure.js';
import { openNamedStore, storeName, storeUrlOf } from './open-named-store.js';
import { settingsOf } from './settings-of.js';
import { refuseUnfinished } from './transfer/copy-record.js';
import { exportLines, resourceLines } from './transfer/export-lines.js';
import { makeTransferProgress, type TransferProgress } from './transfer/progress.js';
import { amountText } from './transfer/report.js';
import { differences, Tally, tallyOf } from './transfer/tally.js';

/**
 * `fhir-slots export [FILE]`: writes everything of a store as NDJSON, with `--resources` the current resources alone.
 * Exit code 1 where the store was written to meanwhile.
 *
 * @throws {Failure} when the store does not open, or the file is there already
 */
export async function exportStore(file: string | undefined, flags: Readonly<Record<string, unknown>>): Promise<void> {
  const settings = settingsOf(flags).values;
  const isFrom = typeof flags['from'] === 'string';
  const url = isFrom ? storeUrlOf('--from', String(flags['from'])) : settings.storeUrl;
  if (file !== undefined && existsSync(file)) {
    throw new Failure(`The file ${file} is there already: name another, or remove it.`);
  }
  const store = await openNamedStore(url, isFrom ? '--from' : SETTINGS.storeUrl.name, { existing: true });
  try {
    await refuseUnfinished(store, storeName(url));
    const progress = makeTransferProgress(process.stderr);
    const startedMs = systemClock.nowMs();
    const write = flags['resources'] === true ? writeResources : writeVersions;
    const tally = await write(store, file, settings, progress).finally(() => progress.stop());
    // Standard output may be the export itself.
    process.stderr.write(`${amountText(tally.versions, systemClock.nowMs() - startedMs)}\n`);
  } finally {
    await store.close();
  }
}

type Write = (store: Store, file: string | undefined, settings: Settings, progress: TransferProgress) => Promise<Tally>;

/** What was counted first and then written is the same: so nothing was written in between. */
const writeVersions: Write = async (store, file, { defaultTimezone }, progress) => {
  progress.stage('reading');
  const before = await tallyOf(store, progress.done);
  progress.stage('writing', before.versions);
  const tally = new Tally();
  await writeTo(file, exportLines(store, defaultTimezone, tally, progress.done));
  const different = differences(before, tally);
  if (different.length > 0) {
    throw new Failure(
      `The store was written to meanwhile, in ${different.join(', ')}: what was exported may not fit together. ` +
        'Stop its servers, and export again.',
    );
  }
  return tally;
};

const writeResources: Write = async (store, file, _settings, progress) => {
  progress.stage('writing');
  const tally = new Tally();
  await writeTo(file, resourceLines(store, tally, progress.done));
  return tally;
};

/** The file has its name only when it is whole and on the disk. @throws {Failure} where it cannot be written */
async function writeTo(file: string | undefined, lines: AsyncGenerator<string>): Promise<void> {
  const source = Readable.from(lines);
  if (file === undefined) {
    await pipeline(source, process.stdout, { end: false });
    return;
  }
  const part = `${file}.part`;
  const handle = await open(part, 'w').catch((error: unknown) => {
    throw new Failure(`The file ${file} cannot be written: ${(error as Error).message}.`, EXIT_FAILED, {
      cause: error,
    });
  });
  const destination = handle.createWriteStream({ flush: true });
  await (file.endsWith('.gz') ? pipeline(source, createGzip(), destination) : pipeline(source, destination));
  await rename(part, file);
}
