/** The README says what the code says, compared both ways: settings, capabilities, dependencies, commands, limits. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { makeProgram } from '../../server/cli/program.js';
import { appCapabilities } from '../../server/app.js';
import { capabilitiesTable } from '../../server/fhir/index.js';
import { SETTINGS, settingsTable } from '../../server/config/index.js';
import { CONSTANTS, numberOf } from './constants.js';

const README = readFileSync('README.md', 'utf8');
const { dependencies, scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
};

/** What the README prints as code, in blocks and in lines. */
const CODE = [...README.matchAll(/```[^\n]*\n([\s\S]*?)```|`([^`\n]+)`/g)].map(([, block, span]) => block ?? span);

test('every file that a link leads to is there', () => {
  const links = [...README.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link = '']) => link);
  expect(links.filter((link) => !/^https?:/.test(link) && !existsSync(link))).toEqual([]);
});

test('settings: the table is the one that `fhir-slots config --markdown` prints', () => {
  expect(between('settings')).toBe(settingsTable());
});

test('capabilities: the table is the one that `fhir-slots capabilities` prints', () => {
  const statement = appCapabilities({ base: 'http://127.0.0.1:8080', version: '', dateMs: 0 });
  expect(between('capabilities')).toBe(capabilitiesTable(statement));
});

test('dependencies: each has a row with its reason, and no row has another', () => {
  const rows = rowsOf('dependencies');
  expect(rows.map(([name]) => bare(name)).sort()).toEqual(Object.keys(dependencies).sort());
  expect(rows.filter(([, why = '']) => why.length < 10)).toEqual([]);
});

describe('commands', () => {
  const named = (command: RegExp) =>
    new Set(CODE.flatMap((code = '') => [...code.matchAll(command)].map(([, x]) => x)));

  test('every command of `fhir-slots` is shown, and no other', () => {
    const real = makeProgram().commands.map((command) => command.name());
    expect([...named(/\bfhir-slots ([a-z]+)/g)].sort()).toEqual(real.sort());
  });

  test('every `npm run` that is shown is there', () => {
    const shown = [...named(/\bnpm run ([a-z:-]+)/g), ...named(/\bnpm (start|test)\b/g)];
    expect(shown.filter((name) => !Object.hasOwn(scripts, name!))).toEqual([]);
  });
});

describe('limits', () => {
  const rows = rowsOf('limits');

  test('the table has rows', () => expect(rows).not.toEqual([]));

  test.each(rows.map((row) => row.join(' | ')))('%s', (row) => {
    const [, value = ''] = row.split(' | ');
    const [name = 'a row names a constant'] = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/.exec(row) ?? [];
    const [path = ''] = /\bserver\/[\w/-]+\.ts\b/.exec(row) ?? [];
    expect({ name, values: valuesOf(name, path) }).toEqual({ name, values: [amountOf(value)] });
  });
});

/** What stands between `<!-- name -->` and `<!-- /name -->`. */
function between(name: string): string | undefined {
  return new RegExp(`<!-- ${name} -->\n([\\s\\S]*?)<!-- /${name} -->`).exec(README)?.[1]?.trim();
}

/** The cells of a table without its head. */
function rowsOf(name: string): readonly (readonly string[])[] {
  const [, , ...rows] = (between(name) ?? '').split('\n');
  return rows.map((row) => row.replace(/^\||\|$/g, '').split('|').map((cell) => cell.trim())); // prettier-ignore
}

function bare(cell = ''): string {
  return cell.replace(/`|\[|\]\(.*\)/g, '');
}

/** `1,000` is 1000, `64 MiB` so many bytes; other units are those of the constant. */
function amountOf(cell: string): number {
  const [, digits = '', unit = ''] = /([\d,_]+) ?(KiB|MiB)?/.exec(cell) ?? [];
  return Number(digits.replace(/[,_]/g, '')) * ({ KiB: 1_024, MiB: 1_024 ** 2 }[unit] ?? 1);
}

/** The values of the constants with a name, in a file where one is named, or the default of the setting. */
function valuesOf(name: string, path: string): readonly number[] {
  const constants = CONSTANTS.filter((one) => one.name === name && one.path.startsWith(path));
  const settings = Object.values(SETTINGS).filter((setting) => setting.name === name);
  return [...constants.map(({ initializer }) => numberOf(initializer)), ...settings.map((one) => Number(one.default))];
}
