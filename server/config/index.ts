/**
 * @module config
 *
 * The settings: one table with the name, parser, default and help of each, read once at the start, validated and
 * frozen. A *flag* beats the *environment*, the environment beats the *default*. Modules get values, not settings.
 *
 * May import: base, zones. Imported by: cli.
 */
export { describeSettings, settingsTable } from './describe.js';
export { readSettings, type SettingsInForce } from './read-settings.js';
export { flagOf, SETTINGS, type Setting, type Settings } from './settings.js';
export { withoutSecrets } from './secrets.js';
