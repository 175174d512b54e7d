/**
 * Nothing is exported that nobody takes, and no file lies about that nobody opens.
 *
 * What a file exports is taken by another file, and what an `index.ts` hands on is taken outside of its folder, be it
 * by a test or a benchmark. An export that no code of the server takes has a row in `FOR_TESTS`. A type needs no taker
 * where the signature of an export that has one speaks of it.
 */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { layerOf } from './layers.js';
import { exportsOf, importsOf, sourcesUnder, wordsOfSignatures, type Source } from './sources.js';

/** What only tests take, each with the reason. A limit needs none: `limits.test.ts` wants it named in a test. */
const FOR_TESTS: Readonly<Record<string, string>> = {
  'server/store/sqlite/connection.ts#pragma': 'reads back `synchronous=FULL`, which no verb of a store tells',
  'server/store/mongo/connection.ts#CLIENT_OPTIONS':
    'no server here honours them, so a test reads what the driver gets',
  'server/store/mongo/index.ts#leftoversOf': 'what the proofs ask after the load is over',
  'server/store/mongo/protocol/sweep.ts#SETTLE_MS': 'how long the proofs wait before they ask',
};
const LIMIT = /_MAX$/;

const SERVER = sourcesUnder('server');
const ALL = [...SERVER, ...['tests', 'bench', 'proofs'].flatMap(sourcesUnder)];
const BY_PATH = new Map(ALL.map((source) => [source.path, source]));

interface Taken {
  readonly path: string;
  readonly name: string;
  readonly by: string;
}

const TAKEN: readonly Taken[] = ALL.flatMap(takenBy);
const isTaken = (path: string, name: string, counts: (by: string) => boolean) =>
  TAKEN.some((one) => one.path === path && one.name === name && one.by !== path && counts(one.by));

const inServer = (by: string) => by.startsWith('server/');

describe('exports', () => {
  const own = SERVER.flatMap((source) =>
    exportsOf(source)
      .filter(({ from }) => from === undefined)
      .map((one) => ({ ...one, path: source.path, key: `${source.path}#${one.name}` })),
  );

  test('what a file exports, another file takes', () => {
    const unused = own.filter(({ path, name }) => !isTaken(path, name, () => true) && !isSpokenOf(path, name));
    expect(unused.map(({ path, line, name }) => `${path}:${line} ${name}`)).toEqual([]);
  });

  test('what only tests take says why it is exported', () => {
    const offences = own.filter(({ path, name, key }) => {
      if (LIMIT.test(name) || Object.hasOwn(FOR_TESTS, key) || isSpokenOf(path, name)) return false;
      return isTaken(path, name, () => true) && !isTaken(path, name, inServer);
    });
    expect(offences.map(({ path, line, name }) => `${path}:${line} ${name}`)).toEqual([]);
  });

  test('every exception is needed', () => {
    const needed = own.filter(({ path, name }) => !isTaken(path, name, inServer));
    const keys = needed.map(({ key }) => key);
    expect(Object.keys(FOR_TESTS).filter((key) => !keys.includes(key))).toEqual([]);
  });

  test('what an index hands on is taken outside of its folder', () => {
    const indexes = SERVER.filter(({ path }) => path.endsWith('/index.ts'));
    const unused = indexes.flatMap((index) => {
      const folder = posix.dirname(index.path);
      // A store lies within the folder of their interface, and is another layer.
      const outside = (by: string) => !by.startsWith(`${folder}/`) || layerOf(by) !== layerOf(index.path);
      return exportsOf(index)
        .filter(({ name }) => name !== '*' && !isTaken(index.path, name, outside))
        .filter(({ name, from = index.path }) => !isSpokenOf(from, name))
        .map(({ line, name }) => `${index.path}:${line} ${name}`);
    });
    expect(unused).toEqual([]);
  });
});

describe('files', () => {
  test('every file is imported by another one, or is a program that package.json starts', () => {
    const orphans = SERVER.filter(({ path }) => !TAKEN.some((one) => one.path === path && inServer(one.by)));
    const programs = programsOf(readFileSync('package.json', 'utf8'));
    expect(orphans.map(({ path }) => path).filter((path) => !programs.includes(path))).toEqual([]);
  });
});

/** What one file takes from others, name by name. An empty name stands for the file itself. */
function takenBy(source: Source): readonly Taken[] {
  return importsOf(source).flatMap(({ target, names }) => {
    // With `import * as x` and `await import(…)` all words of the file count, whether or not they follow `x.`.
    const taken = names.includes('*') ? (source.text.match(/\w+/g) ?? []) : names;
    const paths = [target, ...handedOnWhole(target)];
    return paths.flatMap((path) => ['', ...taken].map((name) => ({ path, name, by: source.path })));
  });
}

/** The files whose every export a file hands on by `export * from`. */
function handedOnWhole(path: string): readonly string[] {
  const source = BY_PATH.get(path);
  return source
    ? exportsOf(source).flatMap(({ name, from }) => (name === '*' && from !== undefined ? [from] : []))
    : [];
}

/** The sources of what the scripts and the `bin` of package.json start, as `dist/cli/main.js`. */
function programsOf(packageJson: string): readonly string[] {
  return [...packageJson.matchAll(/\bdist\/([\w/-]+)\.js/g)].map(([, path]) => `server/${path}.ts`);
}

/** Whether it is a type that a signature of its file speaks of, one that is taken by another file. */
function isSpokenOf(path: string, name: string): boolean {
  const source = BY_PATH.get(path);
  const taken = (one: string) => one !== name && isTaken(path, one, () => true);
  return source !== undefined && wordsOfSignatures(source, taken).has(name);
}
