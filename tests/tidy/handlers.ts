import ts from 'typescript';
import { nodesOf, type Source } from './sources.js';

/**
 * Whether a file exports what makes a handler: a function that returns a `Handler`, or a `RequestHandler` that
 * answers. One that takes `next` is a door, which lets a request through or throws.
 */
export function isHandlerFile({ tree }: Source): boolean {
  return tree.statements.some((statement) => {
    if (!ts.isFunctionDeclaration(statement) || !isExported(statement)) return false;
    const returned = statement.type?.getText() ?? '';
    return (
      returned === 'Handler' ||
      (returned.startsWith('RequestHandler') && !returned.endsWith('[]') && answers(statement))
    );
  });
}

/** Whether a statement begins with `export`. */
export function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) === true;
}

function answers(maker: ts.FunctionDeclaration): boolean {
  const inner = [...nodesOf(maker)].find((node) => ts.isArrowFunction(node));
  return inner !== undefined && ts.isArrowFunction(inner) && inner.parameters.length < 3;
}
