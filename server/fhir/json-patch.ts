import { LosslessNumber } from 'lossless-json';
import { applyPatch, type Operation } from 'rfc6902';
import { Fault, fault, type Reason } from '../base/fault.js';

/** Stands before the digits of a number that only its digits tell. No FHIR string may contain this character. */
const DIGITS_MARK = '\u0000';

const OPERATIONS = ['add', 'remove', 'replace', 'move', 'copy', 'test'];
export const PATCH_OPERATIONS_MAX = 1_000;

/**
 * Applies a JSON Patch (RFC 6902) to an exact JSON tree, whose digits it keeps.
 *
 * @returns the patched tree; the one handed in stays as it is
 * @throws {Fault} `malformed` for what is no patch, `rule` for one that does not apply (a `test` that fails, a path
 *   that leads nowhere): https://hl7.org/fhir/R4/http.html#patch
 */
export function applyJsonPatch(exact: unknown, patch: unknown): unknown {
  const operations = readOperations(patch);
  const tree = withDigitsAsText(exact);
  const errors = applyPatch(tree, withDigitsAsText(operations) as Operation[]);
  const reasons = errors.flatMap((error, index): Reason[] =>
    error ? [{ kind: 'rule', message: `Operation ${index} of the patch does not apply: ${error.message}` }] : [],
  );
  if (reasons.length > 0) throw new Fault(reasons);
  return withTextAsDigits(tree);
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

function mapLeaves(tree: unknown, leafOf: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(tree)) return tree.map((item) => mapLeaves(item, leafOf));
  if (tree === null || typeof tree !== 'object' || tree instanceof LosslessNumber) return leafOf(tree);
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, mapLeaves(value, leafOf)]));
}
