import type { SettingsInForce } from './read-settings.js';
import { shownValue } from './secrets.js';
import { flagOf, SETTINGS, type Setting, type SettingKey } from './settings.js';

const ROWS = Object.entries(SETTINGS) as [SettingKey, Setting<unknown>][];

/** The table of settings of the README, in Markdown. */
export function settingsTable(): string {
  const lines = ROWS.map(([, setting]) => {
    const preset = setting.default === undefined ? '' : `\`${setting.default}\``;
    return `| \`${setting.name}\` | \`${flagOf(setting)}\` | ${preset} | ${setting.help} |`;
  });
  return ['| Variable | Flag | Default | Meaning |', '|---|---|---|---|', ...lines].join('\n');
}

/** One line a setting: name, value in force, where it came from, help; in columns, without secrets. */
export function describeSettings({ values, origins }: SettingsInForce): string {
  const rows = ROWS.map(([key, setting]) => {
    const value = values[key] as string | number | readonly string[] | undefined;
    const shown = value === undefined ? '(none)' : shownValue(setting.secret, String(value));
    return [setting.name, shown, origins[key], setting.help];
  });
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}
