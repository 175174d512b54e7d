/**
 * The code of this repo as data, for the tests of its structure: each file parsed, with what it imports and exports.
 * Paths are from the root of the repo, with slashes. Only syntax is looked at; nothing is resolved by types.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** Something that one file takes from another, or from a package. */
export interface Import {
  readonly line: number;
  /** The path of a file of ours, else the specifier as it stands: `express`, `ajv/dist/standalone/index.js`. */
  readonly target: string;
  /** What is taken by name; `*` for a whole module as one value; none where all is handed on (`export * from`). */
  readonly names: readonly string[];
  readonly typeOnly: boolean;
}

export interface Export {
  readonly line: number;
  /** `*` where all of another file is handed on. */
  readonly name: string;
  /** The path of the file whose export is handed on; undefined where it is declared here. */
  readonly from?: string | undefined;
}

/** All TypeScript and JavaScript below a folder; none where there is no such folder. */
export function sourcesUnder(folder: string): readonly Source[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[cm]?[jt]s$/.test(file))
    .map((file) => sourceOf(posix.join(folder, file.replaceAll('\\', '/'))))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function sourceOf(path: string): Source {
  const text = readFileSync(path, 'utf8');
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** Each node of a file, parents before their children. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}

/** From 1. */
export function lineOf(node: ts.Node): number {
  const tree = node.getSourceFile();
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}

/** `server/app.ts:12 what is wrong there`, as all tests here name an offender. */
export function offence(source: Source, node: ts.Node, what: string): string {
  return `${source.path}:${lineOf(node)} ${what}`;
}

export function importsOf(source: Source): readonly Import[] {
  return [...nodesOf(source.tree)].flatMap((node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return [];
    return [{ line: lineOf(node), target: targetOf(source.path, specifier), ...takenBy(node) }];
  });
}

/** The text in `from '…'`, `import('…')` or `require('…')`. */
function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : undefined;
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const loads = expression.kind === ts.SyntaxKind.ImportKeyword || expression.getText() === 'require';
  return loads ? textOf(node.arguments[0]) : undefined;
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function targetOf(importer: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return posix.join(posix.dirname(importer), specifier).replace(/\.js$/, '.ts');
}

function takenBy(node: ts.Node): Pick<Import, 'names' | 'typeOnly'> {
  if (ts.isExportDeclaration(node)) {
    return { names: node.exportClause ? namesIn(node.exportClause) : [], typeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node)) return { names: [node.qualifier?.getText() ?? '*'], typeOnly: true };
  if (!ts.isImportDeclaration(node)) return { names: ['*'], typeOnly: false };
  const clause = node.importClause;
  const named = clause?.namedBindings;
  const names = [...(clause?.name ? ['default'] : []), ...(named ? namesIn(named) : [])];
  const allTypes = named !== undefined && ts.isNamedImports(named) && named.elements.every((one) => one.isTypeOnly);
  return { names, typeOnly: clause?.isTypeOnly === true || (allTypes && !clause?.name) };
}

function namesIn(clause: ts.NamedExportBindings | ts.NamedImportBindings): readonly string[] {
  if (!('elements' in clause)) return ['*'];
  return clause.elements.map((one) => (one.propertyName ?? one.name).text);
}

export function exportsOf(source: Source): readonly Export[] {
  return source.tree.statements.flatMap((statement): readonly Export[] => {
    const line = lineOf(statement);
    if (ts.isExportAssignment(statement)) return [{ line, name: 'default' }];
    if (!ts.isExportDeclaration(statement)) return declaredNames(statement).map((name) => ({ line, name }));
    const specifier = textOf(statement.moduleSpecifier);
    const from = specifier === undefined ? undefined : targetOf(source.path, specifier);
    const clause = statement.exportClause;
    if (!clause || !ts.isNamedExports(clause)) return [{ line, name: '*', from }];
    return clause.elements.map((one) => ({ line: lineOf(one), name: one.name.text, from }));
  });
}

/** What a statement that begins with `export` declares. */
function declaredNames(statement: ts.Statement): readonly string[] {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  if (!modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)) return [];
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map((one) => one.name.getText());
  const { name } = statement as ts.Statement & { readonly name?: ts.Node };
  return [name?.getText() ?? 'default'];
}

/**
 * The words in what a file declares under some names, without the bodies of functions and the values of constants. A
 * type that is named by another counts if that one does.
 */
export function wordsOfSignatures(source: Source, names: (name: string) => boolean): ReadonlySet<string> {
  const words = new Set<string>();
  const isMeant = (name: string) => names(name) || words.has(name);
  for (let before = -1; before < words.size;) {
    before = words.size;
    for (const statement of source.tree.statements) {
      if (!declaredNames(statement).some(isMeant)) continue;
      for (const word of signatureOf(statement).match(/\w+/g) ?? []) words.add(word);
    }
  }
  return words;
}

function signatureOf(statement: ts.Node): string {
  let text = '';
  ts.forEachChild(statement, function visit(node): void {
    if (ts.isBlock(node) || ts.isJSDoc(node)) return;
    if (ts.isIdentifier(node)) text += ` ${node.text}`;
    ts.forEachChild(node, visit);
  });
  return text;
}
