/** What comments promise: modules say what they are and import, handlers what they answer, functions what they do. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { isExported, isHandlerFile } from './handlers.js';
import { MAY_IMPORT } from './layers.js';
import { importsOf, offence, sourcesUnder, type Source } from './sources.js';

const SERVER = sourcesUnder('server');

/** Folders without an `index.ts`: each file of base is entered by itself, and cli is a program. */
const WITHOUT_INDEX = ['base', 'cli'];
const MODULES = Object.keys(MAY_IMPORT).filter((layer) => !WITHOUT_INDEX.includes(layer));

describe.each(MODULES)('the header of server/%s/index.ts', (layer) => {
  const path = `server/${layer}/index.ts`;
  const header = headerOf(SERVER.find((source) => source.path === path));
  const [, imports] = /May import: ([^.]+)\./.exec(header) ?? [];
  const [, importers] = /Imported by: (.+)\.$/.exec(header) ?? [];

  test('opens with the name of the module and a sentence', () => {
    expect(header).toMatch(new RegExp(`^@module ${layer} [A-Z][^.]{20,}`));
  });

  test('says what the table says of its imports', () => {
    expect(imports?.split(', ').sort()).toEqual([...MAY_IMPORT[layer]!].sort());
  });

  test('names who imports it', () => {
    const real = SERVER.filter((source) => importsOf(source).some(({ target }) => target === path))
      .map((source) => folderOf(source.path))
      .filter((importer) => importer !== folderOf(path));
    expect(importers?.split(', ').sort()).toEqual([...new Set(real)].sort());
  });
});

test('only base and cli have no index.ts', () => {
  expect(WITHOUT_INDEX.filter((layer) => existsSync(`server/${layer}/index.ts`))).toEqual([]);
});

test('a handler names its endpoint and a page of the specification', () => {
  const offences = sourcesUnder('server/http')
    .filter(isHandlerFile)
    .filter(
      ({ text }) => !/`(?:GET|POST|PUT|PATCH|DELETE) \S+/.test(text) || !text.includes('https://hl7.org/fhir/R4/'),
    );
  expect(offences.map(({ path }) => path)).toEqual([]);
});

test('every exported function and class says what it does', () => {
  const offences = SERVER.flatMap((source) =>
    source.tree.statements
      .filter((statement) => isExportedCode(statement) && ts.getJSDocCommentsAndTags(statement).length === 0)
      .map((statement) => offence(source, statement, statement.getText().split('\n', 1)[0]!)),
  );
  expect(offences).toEqual([]);
});

/** The folder of `server/`, or the file at its root without its ending. What is in a store belongs to `store`. */
function folderOf(path: string): string {
  return path.replace(/^server\/([\w-]+).*$/, '$1');
}

/** The first comment as one line of text, without its stars. */
function headerOf(source: Source | undefined): string {
  const [, comment = ''] = /^\/\*\*([\s\S]*?)\*\//.exec(source?.text ?? '') ?? [];
  return comment
    .replace(/^\s*\*/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** A function, a class, or a constant that is a function. */
function isExportedCode(statement: ts.Statement): boolean {
  if (ts.isVariableStatement(statement)) {
    const code = statement.declarationList.declarations.some(
      ({ initializer }) => initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)),
    );
    return code && isExported(statement);
  }
  return (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && isExported(statement);
}
