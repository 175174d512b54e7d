import { fault } from '../base/fault.js';
import { flagOf, SETTINGS, type Setting, type SettingKey, type Settings } from './settings.js';
import { shownValue } from './secrets.js';

type Origin = 'flag' | 'environment' | 'default';

export interface SettingsInForce {
  readonly values: Settings;
  /** Where each value came from. */
  readonly origins: Readonly<Record<SettingKey, Origin>>;
}

/**
 * Flags first, then the environment, then defaults. An empty variable counts as not set, as compose files write it.
 *
 * @param flags by key of the table; keys that are no setting are not looked at
 * @throws {Fault} `invalid`, naming the flag or the variable whose value is bad, or the two that contradict each other
 */
export function readSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): SettingsInForce {
  const values: Partial<Record<SettingKey, unknown>> = {};
  const origins: Partial<Record<SettingKey, Origin>> = {};
  for (const [key, setting] of Object.entries(SETTINGS) as [SettingKey, Setting<unknown>][]) {
    const flag = flags[key];
    if (typeof flag === 'string') {
      values[key] = parsed(setting, flag, flagOf(setting));
      origins[key] = 'flag';
      continue;
    }
    const variable = environment[setting.name];
    origins[key] = variable ? 'environment' : 'default';
    const text = variable || setting.default;
    values[key] = text === undefined ? undefined : parsed(setting, text, setting.name);
  }
  refuseContradiction(values as Settings);
  return Object.freeze({
    values: Object.freeze(values as Settings),
    origins: Object.freeze(origins as Record<SettingKey, Origin>),
  });
}

const MINUTES_PER_HOUR = 60;

/** What holds when nobody says must be within what holds at most. */
function refuseContradiction(values: Settings): void {
  const pairs = [
    [SETTINGS.holdMinutesDefault, values.holdMinutesDefault, SETTINGS.holdMinutesMax, values.holdMinutesMax],
    [
      SETTINGS.lockMinutesDefault,
      values.lockMinutesDefault,
      SETTINGS.lockHoursMax,
      values.lockHoursMax * MINUTES_PER_HOUR,
    ],
  ] as const;
  for (const [lesser, minutes, greater, minutesMost] of pairs) {
    if (minutes <= minutesMost) continue;
    const most = `what ${greater.name} allows, ${minutesMost} minutes`;
    throw fault('invalid', `${lesser.name} must be at most ${most}, not ${minutes}.`, lesser.name);
  }
}

function parsed(setting: Setting<unknown>, text: string, name: string): unknown {
  try {
    return setting.parse(text);
  } catch (error) {
    const found = JSON.stringify(shownValue(setting.secret, text));
    throw fault('invalid', `${name} must be ${(error as Error).message}, not ${found}.`, setting.name, error);
  }
}
