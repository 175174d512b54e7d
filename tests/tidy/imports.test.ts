/** Who may import whom: `layers.ts` has the table, this walks the imports of every file in `server/`. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { BUILD_ONLY, layerOf, MAY_IMPORT, OPEN_TO_ALL, packageOf, WITHOUT_FRONT_DOOR } from './layers.js';
import { importsOf, sourcesUnder, type Import } from './sources.js';

const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

const IMPORTS = sourcesUnder('server').flatMap((source) =>
  importsOf(source)
    .filter(({ target }) => !target.startsWith('node:') && target !== OPEN_TO_ALL)
    .map((one) => ({ ...one, importer: source.path })),
);
const OUR_OWN = IMPORTS.filter(({ target }) => target.startsWith('server/'));
const PACKAGES = IMPORTS.filter(({ target }) => !target.startsWith('server/'));

type Named = Import & { readonly importer: string };
const named = ({ importer, line, target }: Named) => `${importer}:${line} imports ${target}`;

describe('the layers', () => {
  test('a folder imports only what its row names', () => {
    expect(OUR_OWN.filter((one) => !mayImport(one)).map(named)).toEqual([]);
  });

  test('a folder is entered by its index.ts, base by each file', () => {
    const offences = OUR_OWN.filter(({ importer, target }) => {
      const layer = layerOf(target);
      if (layer === undefined || layer === layerOf(importer) || layer === WITHOUT_FRONT_DOOR) return false;
      return target !== `server/${layer}/index.ts`;
    });
    expect(offences.map(named)).toEqual([]);
  });

  test('no arrow leads back up: the rows can be put in an order', () => {
    const rowsOf = (layer: string) => (MAY_IMPORT[layer] ?? []).map((word) => word.replace(/ types$/, ''));
    const reaches = (from: string, to: string): boolean =>
      rowsOf(from).some((layer) => layer === to || reaches(layer, to));
    expect(Object.keys(MAY_IMPORT).filter((layer) => reaches(layer, layer))).toEqual([]);
  });

  test('every folder of server/ has a row', () => {
    const folders = sourcesUnder('server').filter(({ path }) => path.split('/').length > 2);
    expect(folders.filter(({ path }) => layerOf(path) === undefined).map(({ path }) => path)).toEqual([]);
  });
});

describe('packages', () => {
  test('a package enters by the folders whose row names it', () => {
    const offences = PACKAGES.filter(({ importer, target }) => {
      const own = packageOf(target);
      if (importer.startsWith(BUILD_ONLY) && Object.hasOwn(devDependencies, own)) return false;
      return !(MAY_IMPORT[layerOf(importer) ?? ''] ?? []).includes(own);
    });
    expect(offences.map(named)).toEqual([]);
  });

  test('what runs needs no development dependency', () => {
    const offences = PACKAGES.filter(
      ({ importer, target }) => !importer.startsWith(BUILD_ONLY) && !Object.hasOwn(dependencies, packageOf(target)),
    );
    expect(offences.map(named)).toEqual([]);
  });

  test('every dependency is imported somewhere in server/', () => {
    const used = new Set(PACKAGES.map(({ target }) => packageOf(target)));
    expect(Object.keys(dependencies).filter((name) => !used.has(name))).toEqual([]);
  });

  test('nothing that runs imports a program of the build', () => {
    const offences = OUR_OWN.filter(
      ({ importer, target }) => target.startsWith(BUILD_ONLY) && !importer.startsWith(BUILD_ONLY),
    );
    expect(offences.map(named)).toEqual([]);
  });
});

/** The root of `server/` is wiring and may import every row; whether by the front door is asked apart. */
function mayImport({ importer, target, typeOnly }: Named): boolean {
  const own = layerOf(importer);
  const other = layerOf(target);
  if (own === undefined || own === other) return true;
  const row = MAY_IMPORT[own] ?? [];
  if (other === undefined) return row.includes(target.replace(/^server\/(.*)\.ts$/, '$1.js'));
  return row.includes(other) || (typeOnly && row.includes(`${other} types`));
}
