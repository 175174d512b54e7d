/** Nothing grows beyond what one sees at a time, and nothing is left for later. */
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { isHandlerFile } from './handlers.js';
import { lineOf, nodesOf, offence, sourcesUnder, type Source } from './sources.js';

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const LINE_CHARACTERS_MAX = 120;
const HANDLER_FILE_LINES_MAX = 60;

/** With brackets, so that this file does not find itself. */
const LEFT_FOR_LATER = /\b(?:TO[D]O|FIX[M]E|X[X]X)\b/;

const SOURCES = ['server', 'tests', 'bench', 'proofs'].flatMap(sourcesUnder);

describe('sizes', () => {
  test(`a file has at most ${FILE_LINES_MAX} lines`, () => {
    expect(SOURCES.filter((source) => linesOf(source).length > FILE_LINES_MAX).map(withLines)).toEqual([]);
  });

  test(`a file with an HTTP handler has at most ${HANDLER_FILE_LINES_MAX} lines`, () => {
    const handlers = sourcesUnder('server/http').filter(isHandlerFile);
    expect(handlers).not.toEqual([]);
    expect(handlers.filter((source) => linesOf(source).length > HANDLER_FILE_LINES_MAX).map(withLines)).toEqual([]);
  });

  test(`a function has at most ${FUNCTION_LINES_MAX} lines; a describe block is not one`, () => {
    const offences = SOURCES.flatMap((source) =>
      [...nodesOf(source.tree)]
        .filter((node) => ts.isFunctionLike(node) && !isDescribed(node) && lineCount(node) > FUNCTION_LINES_MAX)
        .map((node) => offence(source, node, `has ${lineCount(node)} lines`)),
    );
    expect(offences).toEqual([]);
  });

  test(`a line has at most ${LINE_CHARACTERS_MAX} characters`, () => {
    expect(offendingLines((line) => line.length > LINE_CHARACTERS_MAX)).toEqual([]);
  });
});

test('nothing is marked as left for later', () => {
  expect(offendingLines((line) => LEFT_FOR_LATER.test(line))).toEqual([]);
});

/** Lines of text: the line break at the end of a file begins no other. */
function linesOf({ text }: Source): readonly string[] {
  return text.replace(/\n$/, '').split('\n');
}

function withLines(source: Source): string {
  return `${source.path} has ${linesOf(source).length} lines`;
}

/** From the first word of the function to its last bracket; the comment before it does not count. */
function lineCount(node: ts.Node): number {
  return node.getSourceFile().getLineAndCharacterOfPosition(node.getEnd()).line + 2 - lineOf(node);
}

/** The function that `describe(…)`, `describe.each(…)(…)` or `(skip ? describe.skip : describe)(…)` is given. */
function isDescribed(node: ts.Node): boolean {
  return ts.isCallExpression(node.parent) && /\bdescribe\b/.test(node.parent.expression.getText());
}

function offendingLines(offends: (line: string) => boolean): readonly string[] {
  return SOURCES.flatMap((source) =>
    linesOf(source).flatMap((line, index) => (offends(line) ? [`${source.path}:${index + 1} ${line.trim()}`] : [])),
  );
}
