import ts from 'typescript';
import { lineOf, sourcesUnder } from './sources.js';

/** A constant at the top of a file of `server/`, named as constants are: `SLOT_DAYS_MAX`. */
export interface Constant {
  readonly name: string;
  readonly path: string;
  readonly line: number;
  readonly initializer: ts.Expression;
}

export const CONSTANTS: readonly Constant[] = sourcesUnder('server').flatMap(({ path, tree }) =>
  tree.statements
    .filter((statement) => ts.isVariableStatement(statement))
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .flatMap(({ name, initializer }) =>
      initializer && /^[A-Z][A-Z0-9_]*$/.test(name.getText())
        ? [{ name: name.getText(), path, line: lineOf(name), initializer }]
        : [],
    ),
);

/** The number that an expression of literals, `+ - * /` and other constants comes to; NaN for any other. */
export function numberOf(node: ts.Expression): number {
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return numberOf(node.expression);
  if (ts.isIdentifier(node)) {
    const constant = CONSTANTS.find(({ name }) => name === node.text);
    return constant ? numberOf(constant.initializer) : NaN;
  }
  if (!ts.isBinaryExpression(node)) return NaN;
  const [left, right] = [numberOf(node.left), numberOf(node.right)];
  switch (node.operatorToken.kind) {
    case ts.SyntaxKind.PlusToken:
      return left + right;
    case ts.SyntaxKind.MinusToken:
      return left - right;
    case ts.SyntaxKind.AsteriskToken:
      return left * right;
    case ts.SyntaxKind.SlashToken:
      return left / right;
    default:
      return NaN;
  }
}
