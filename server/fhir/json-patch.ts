import { LosslessNumber } from 'lossless-json';
import { applyPatch, type Operation } from 'rfc6902';
import { fault } from '../base/fault.js';
import { JSON_DEPTH_MAX } from './exact-json.js';
import { DIGITS_MARK, PatchGuard, tooDeep, type GuardedOperation } from './patch-guard.js';

const OPERATIONS = ['add', 'remove', 'replace', 'move', 'copy', 'test'];
export const PATCH_OPERATIONS_MAX = 1_000;

/** Of the package's words, which repeat the path; in characters. */
const REFUSAL_LENGTH = 200;

/**
 * Applies a JSON Patch (RFC 6902) to an exact JSON tree, whose digits it keeps.
 *
 * @returns the patched tree; the one handed in stays as it is
 * @throws {Fault} `malformed` for what is no patch, `rule` for one that does not apply (a `test` that fails, a path
 *   that leads nowhere): https://hl7.org/fhir/R4/http.html#patch; `too-large` for one that copies too much
 */
export function applyJsonPatch(exact: unknown, patch: unknown): unknown {
  const operations = readOperations(patch).map(withDigitsAsText) as readonly GuardedOperation[];
  const tree = withDigitsAsText(exact);
  const guard = new PatchGuard();
  for (const [index, operation] of operations.entries()) {
    const refusal = guard.refusalOf(tree, operation) ?? appliedTo(tree, operation);
    if (refusal !== undefined) {
      throw fault('rule', `Operation ${index} of the patch (${operation.op}) does not apply: ${refusal}`);
    }
  }
  return withTextAsDigits(tree);
}

/** Changes the tree by one operation that the guard has let pass. @returns why it does not apply */
function appliedTo(tree: unknown, operation: GuardedOperation): string | undefined {
  // The guard has made the test, since the package would compare digits.
  if (operation.op === 'test') return undefined;
  return applyPatch(tree, [operation as Operation])[0]?.message.slice(0, REFUSAL_LENGTH);
}

function readOperations(patch: unknown): readonly unknown[] {
  if (!Array.isArray(patch)) throw fault('malformed', 'A JSON Patch is an array of operations (RFC 6902).');
  if (patch.length > PATCH_OPERATIONS_MAX) {
    throw fault('invalid', `A patch has at most ${PATCH_OPERATIONS_MAX} operations; this one has ${patch.length}.`);
  }
  for (const [index, operation] of (patch as unknown[]).entries()) {
    const { op, path, from, value } = (operation ?? {}) as Record<string, unknown>;
    const needsFrom = op === 'move' || op === 'copy';
    const needsValue = op === 'add' || op === 'replace' || op === 'test';
    if (typeof op !== 'string' || !OPERATIONS.includes(op) || !isPointer(path)) {
      throw fault('malformed', `Operation ${index} needs an op (${OPERATIONS.join(', ')}) and a path (RFC 6901).`);
    }
    if (needsFrom && !isPointer(from)) throw fault('malformed', `Operation ${index} (${op}) needs a from.`);
    if (needsValue && value === undefined) throw fault('malformed', `Operation ${index} (${op}) needs a value.`);
  }
  return patch;
}

function isPointer(path: unknown): path is string {
  return typeof path === 'string' && (path === '' || path.startsWith('/'));
}

/** A deep copy in which each number that is kept by its digits has become a text that no resource contains. */
function withDigitsAsText(tree: unknown): unknown {
  return mapLeaves(tree, (leaf) => (leaf instanceof LosslessNumber ? DIGITS_MARK + leaf.toString() : leaf));
}

function withTextAsDigits(tree: unknown): unknown {
  return mapLeaves(tree, (leaf) => (isDigitsText(leaf) ? new LosslessNumber(leaf.slice(DIGITS_MARK.length)) : leaf));
}

function isDigitsText(leaf: unknown): leaf is string {
  return typeof leaf === 'string' && leaf.startsWith(DIGITS_MARK);
}

/** @throws {Fault} `rule` for a tree that operations have made too deep */
function mapLeaves(tree: unknown, leafOf: (leaf: unknown) => unknown, levelsLeft = JSON_DEPTH_MAX): unknown {
  if (tree === null || typeof tree !== 'object' || tree instanceof LosslessNumber) return leafOf(tree);
  if (levelsLeft === 0) throw tooDeep();
  if (Array.isArray(tree)) return tree.map((item) => mapLeaves(item, leafOf, levelsLeft - 1));
  const members = Object.entries(tree).map(([name, value]) => [name, mapLeaves(value, leafOf, levelsLeft - 1)]);
  return Object.fromEntries(members);
}
