import { appCapabilities } from '../app.js';
import { systemClock } from '../base/clock.js';
import { capabilitiesTable } from '../fhir/index.js';
import { VERSION } from './version.js';

/** `fhir-slots capabilities`: the CapabilityStatement, short, as the table of the README. */
export function capabilities(): void {
  const base = 'http://127.0.0.1:8080';
  const statement = appCapabilities({ base, version: VERSION, dateMs: systemClock.nowMs() });
  process.stdout.write(`${capabilitiesTable(statement)}\n`);
}
