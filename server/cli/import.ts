import { stat } from 'node:fs/promises';
import { SETTINGS } from '../config/index.js';
import { into } from './copy.js';
import { Failure } from './failure.js';
import { storeUrlOf } from './open-named-store.js';
import { settingsOf } from './settings-of.js';
import { fileSource } from './transfer/file-source.js';

/**
 * `fhir-slots import FILE`: fills an empty store with what `export` has written, and compares the two.
 *
 * @throws {Failure} for a file that is no whole export, and as `copy` does
 */
export async function importStore(file: string, flags: Readonly<Record<string, unknown>>): Promise<void> {
  const settings = settingsOf(flags).values;
  const isTo = typeof flags['to'] === 'string';
  const url = isTo ? storeUrlOf('--to', String(flags['to'])) : settings.storeUrl;
  // It is read more than once, as standard input cannot be.
  if (!(await stat(file).catch(() => undefined))?.isFile()) throw new Failure(`There is no file ${file}.`);
  await into(url, isTo ? '--to' : SETTINGS.storeUrl.name, (onRead) => fileSource(file, onRead));
}
