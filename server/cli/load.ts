import { stat } from 'node:fs/promises';
import { systemClock } from '../base/clock.js';
import { newUuid } from '../base/ids.js';
import { EXIT_FAILED, Failure } from './failure.js';
import { loadFiles, type LoadSummary } from './load/load-files.js';
import { makeProgress } from './load/progress.js';
import { openApp } from './open-app.js';
import { settingsOf } from './settings-of.js';

/**
 * `fhir-slots load FILE…`: writes what the files hold. Exit code 1 where something was refused or refers to nothing.
 *
 * @throws {Failure} when a file is not there, or the store does not open
 */
export async function load(files: readonly string[], flags: Readonly<Record<string, unknown>>): Promise<void> {
  const settings = settingsOf(flags).values;
  const bytesTotal = await bytesOf(files);
  const { app, store } = await openApp(settings);
  try {
    const progress = makeProgress(bytesTotal, process.stderr);
    const context = { base: settings.baseUrl ?? `http://${settings.host}:${settings.port}`, strict: false };
    const { resources } = app;
    const deps = { resources, store, clock: systemClock, newId: newUuid, context, report: progress };
    const summary = await loadFiles(files, deps).finally(() => progress.stop());
    process.stdout.write(`${summaryText(summary)}\n`);
    if (summary.refused + summary.dangling > 0) process.exitCode = EXIT_FAILED;
  } finally {
    await store.close();
  }
}

/** @returns undefined where a length cannot be known @throws {Failure} before anything is loaded */
async function bytesOf(files: readonly string[]): Promise<number | undefined> {
  let total: number | undefined = 0;
  for (const file of files) {
    if (file === '-') {
      total = undefined;
      continue;
    }
    const found = await stat(file).catch(() => undefined);
    if (!found) throw new Failure(`There is no file ${file}.`);
    if (found.isDirectory()) throw new Failure(`${file} is a folder: name the files in it.`);
    if (total !== undefined) total = found.isFile() ? total + found.size : undefined;
  }
  return total;
}

function summaryText(summary: LoadSummary): string {
  const { created, updated, unchanged, refused, dangling, elapsedMs } = summary;
  const seconds = elapsedMs / 1000;
  const perSecond = Math.round((created + updated + unchanged + refused) / Math.max(seconds, 0.001));
  return (
    `${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused` +
    `${dangling > 0 ? `, ${dangling} missing targets of references` : ''}` +
    ` in ${seconds.toFixed(1)} s (${perSecond} per second)`
  );
}
