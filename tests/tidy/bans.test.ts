/** What may stand in some places only. Each ban is a row: what is looked for, and where it is at home. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { nodesOf, offence, sourcesUnder } from './sources.js';

interface Ban {
  readonly what: string;
  /** Beginnings of the paths where it may stand. */
  readonly atHome: readonly string[];
  readonly found: (node: ts.Node) => boolean;
  /** Where it is looked for, if not in all of `server/`. */
  readonly within?: string;
}

/** Time and chance come in as arguments: a Clock, a NewId. */
const UNSTEADY = ['Date.now', 'Math.random', 'performance.now', 'Temporal.Now', 'process.hrtime'];
const RANDOM_NAMES = ['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues'];

const BANS: readonly Ban[] = [
  {
    what: 'the time or chance of this machine',
    atHome: ['server/base/'],
    found: (node) =>
      (ts.isPropertyAccessExpression(node) && UNSTEADY.includes(node.getText())) ||
      (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) ||
      (ts.isCallExpression(node) && node.expression.getText() === 'Date') ||
      (ts.isIdentifier(node) && RANDOM_NAMES.includes(node.text)),
  },
  {
    what: 'catching; what is thrown goes to the error door',
    within: 'server/http',
    atHome: ['server/http/error-door.ts'],
    found: (node) => ts.isCatchClause(node) || (ts.isPropertyAccessExpression(node) && node.name.text === 'catch'),
  },
  {
    what: 'a status of failure outside of the table from Fault to wire',
    atHome: ['server/fhir/outcome.ts', 'server/http/gp-connect/spine-outcome.ts'],
    found: (node) => ts.isNumericLiteral(node) && /^[45]\d\d$/.test(node.text) && becomesStatus(node.parent),
  },
  {
    what: 'a second test of overlap',
    atHome: ['server/base/interval.ts'],
    found: (node) => ts.isBinaryExpression(node) && comparesCrosswise(node),
  },
];

describe.each(BANS)('$what', ({ atHome, found, within = 'server' }) => {
  test(`stands in ${atHome.join(', ')} only`, () => {
    const offences = sourcesUnder(within)
      .filter(({ path }) => !atHome.some((home) => path.startsWith(home)))
      .flatMap((source) =>
        [...nodesOf(source.tree)].filter(found).map((node) => offence(source, node, node.getText())),
      );
    expect(offences).toEqual([]);
  });
});

/** `status(404)`, `statusCode = 404`, `{ status: 404 }`. */
function becomesStatus(parent: ts.Node): boolean {
  if (ts.isCallExpression(parent)) return /\b(?:status|sendStatus|writeHead)$/.test(parent.expression.getText());
  if (ts.isPropertyAssignment(parent)) return /^status(?:Code)?$/.test(parent.name.getText());
  return (
    ts.isBinaryExpression(parent) &&
    parent.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    /\bstatus(?:Code)?$/.test(parent.left.getText())
  );
}

/** `a.start < b.end && b.start < a.end`, or its contrary with `||`, however each side is turned. */
function comparesCrosswise(node: ts.BinaryExpression): boolean {
  const joined = [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken];
  return joined.includes(node.operatorToken.kind) && isStartAgainstEnd(node.left) && isStartAgainstEnd(node.right);
}

/** Compares the start of one thing with the end of another; whether a thing is empty is another question. */
function isStartAgainstEnd(node: ts.Expression): boolean {
  if (!ts.isBinaryExpression(node) || !/^[<>]=?$/.test(node.operatorToken.getText())) return false;
  const sides = [node.left.getText(), node.right.getText()];
  return [sides, sides.toReversed()].some(([a, b]) => /\bstart(?:Ms)?$/i.test(a!) && /\bend(?:Ms)?$/i.test(b!));
}

describe('names of stores', () => {
  const NAMES = /sqlite|mongo|\bsql\b|replica set/i;
  /** The entry of search hands on the compilers, whose names say what they make. */
  const COMPILERS = String.raw`[\w-]*(?:sql|mongo)[\w-]*|index`;
  const AT_HOME = new RegExp(
    String.raw`^server/(?:store/(?:sqlite|mongo)/|search/(?:${COMPILERS})\.ts|open-store\.ts|cli/|config/)`,
  );
  /** What search means must be the same in each compiler, so its comments may say what a compiler can do. */
  const isFreeComment = (path: string, line: string) =>
    path.startsWith('server/search/') && /^\s*(?:\/\*\*|\*|\/\/)/.test(line);

  test('a store is named in its own folder, its compiler and the wiring only', () => {
    const offences = sourcesUnder('server')
      .filter(({ path }) => !AT_HOME.test(path))
      .flatMap(({ path, text }) =>
        text
          .split('\n')
          .map((line, index) => ({ line, place: `${path}:${index + 1} ${line.trim()}` }))
          .filter(({ line }) => NAMES.test(line) && !isFreeComment(path, line)),
      );
    expect(offences.map(({ place }) => place)).toEqual([]);
  });
});

describe('package registries', () => {
  /** With a bracket, so that this file does not find itself. */
  const HOSTS = /registry\.(?:npm[j]s|yarn[p]kg)|npm[m]irror/;
  const NOT_OURS = ['.git', 'node_modules', 'dist', 'coverage'];

  test('no file of the repo names one', () => {
    const files = readdirSync('.')
      .filter((name) => !NOT_OURS.includes(name))
      .flatMap((name) => (statSync(name).isDirectory() ? filesUnder(name) : [name]));
    expect(files.filter((file) => HOSTS.test(readFileSync(file, 'latin1')))).toEqual([]);
  });

  test('package-lock.json names no place to fetch from', () => {
    expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(/"resolved":/);
  });
});

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter((path) => statSync(path).isFile());
}
