import type { ResourceNode } from 'fhirpath';
import { fault } from '../base/fault.js';
import { plainOf, valueCountOf, type OpenObject } from './fhirpath-elements.js';
import { fhirPathEngine } from './fhirpath-engine.js';
import type { FhirPathGuard } from './fhirpath-guard.js';
import { placeAt, type Step, type Target } from './fhirpath-place.js';

/** Of the words of fhirpath, which repeat the path; in characters. */
const REFUSAL_LENGTH = 200;

/** What a path leads to in a resource. */
export interface Selection {
  readonly count: number;
  /** The first of them. */
  readonly target?: Target;
  /** Whether all of them stand in one list. */
  readonly isOneList: boolean;
}

/**
 * Finds what a path leads to.
 *
 * @param guard lets the path pass
 * @param at where the path stands in the patch, for faults
 * @throws {Fault} as the guard; `invalid` for what is no path, `rule` for one that leads to no elements of the resource
 */
export function selectionOf(root: OpenObject, path: string, guard: FhirPathGuard, at: string): Selection {
  const passed = guard.pass(path, valueCountOf(root), at);
  const found = nodesOf(plainOf(root) as object, passed, at);
  const [first] = found;
  if (first === undefined) return { count: 0, isOneList: false };
  const target = isNode(first) ? placeAt(root, stepsTo(first)) : undefined;
  if (!target) throw fault('rule', `${path} leads to what is no element of the resource.`, at);
  return { count: found.length, target, isOneList: found.every((node) => isNode(node) && areSiblings(node, first)) };
}

function areSiblings(node: ResourceNode, other: unknown): boolean {
  return isNode(other) && node.parentResNode === other.parentResNode && node.propName === other.propName;
}

function nodesOf(plain: object, path: string, at: string): readonly unknown[] {
  const { compile, r4 } = fhirPathEngine();
  try {
    return compile(path, r4, { resolveInternalTypes: false })(plain) as readonly unknown[];
  } catch (cause) {
    const why = String(cause instanceof Error ? cause.message : cause).slice(0, REFUSAL_LENGTH);
    throw fault('invalid', `This is no FHIRPath that leads to an element: ${why}`, at);
  }
}

function isNode(value: unknown): value is ResourceNode {
  return value !== null && typeof value === 'object' && 'parentResNode' in value;
}

/** From the resource down to a node. */
function stepsTo(node: ResourceNode): readonly Step[] {
  const { parentResNode: parent, propName, index } = node;
  if (parent === null) return [];
  return [...stepsTo(parent), { name: propName ?? '', index: index ?? 0 }];
}
