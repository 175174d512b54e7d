import { Fault } from '../base/fault.js';
import { readSettings, type SettingsInForce } from '../config/index.js';
import { EXIT_USAGE, Failure } from './failure.js';

/** The settings of this run. @throws {Failure} for a bad value, naming its flag or variable */
export function settingsOf(flags: Readonly<Record<string, unknown>>): SettingsInForce {
  try {
    return readSettings(flags, process.env);
  } catch (error) {
    if (error instanceof Fault) throw new Failure(error.message, EXIT_USAGE, { cause: error });
    throw error;
  }
}
