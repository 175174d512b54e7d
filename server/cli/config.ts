import { describeSettings, settingsTable } from '../config/index.js';
import { settingsOf } from './settings-of.js';

/** `fhir-slots config`: the settings in force, or with `--markdown` the table of all. */
export function config(flags: Readonly<Record<string, unknown>>): void {
  const text = flags['markdown'] ? settingsTable() : describeSettings(settingsOf(flags));
  process.stdout.write(`${text}\n`);
}
