/** The README's table of settings, between its two marks, is the table in code: no row more, no row less. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { settingsTable } from '../../server/config/index.js';

test('the README has the table that `fhir-slots config --markdown` prints', () => {
  const readme = readFileSync('README.md', 'utf8');
  const [, table] = /<!-- settings -->\n([\s\S]*?)\n<!-- \/settings -->/.exec(readme) ?? [];
  expect(table?.trim()).toBe(settingsTable());
});
