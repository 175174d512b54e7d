import { fault } from '../base/fault.js';
import { FORBIDDEN_NAMES, JSON_DEPTH_MAX } from './exact-json.js';

/** What a patch may copy, in characters of JSON, and what its tests may look through, in names of members. */
export const PATCH_WORK_MAX = 1_048_576;

/** Stands before the digits of a number that only its digits tell. No FHIR string may contain this character. */
export const DIGITS_MARK = '\u0000';

const ARRAY_INDEX = /^(?:0|[1-9]\d*)$/;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Of an operation, what decides whether it may be handed on. */
export interface GuardedOperation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/**
 * Stands before each operation of a patch: its pointers lead to the tree's own members, never to what objects
 * inherit, a `test` compares numbers by value, and all copies together stay small, since each may double the tree.
 */
export class PatchGuard {
  #workLeft = PATCH_WORK_MAX;

  /**
   * @param tree as the operations before have left it
   * @returns why the operation does not apply; undefined where it does
   * @throws {Fault} `too-large` where the patch copies or compares too much
   */
  refusalOf(tree: unknown, { op, path, from, value }: GuardedOperation): string | undefined {
    const isWrite = op === 'add' || op === 'copy' || op === 'move';
    if (isWrite ? !hasRoomAt(tree, path) : valueAt(tree, path) === undefined) return 'nothing is at its path.';
    if (op === 'test' && !this.#areEqual(valueAt(tree, path), value)) return 'the value there is another one.';
    if (op !== 'copy' && op !== 'move') return undefined;
    const source = valueAt(tree, from ?? '');
    if (source === undefined) return 'nothing is at its from.';
    if (op === 'copy') this.#spend(this.#charactersOf(source, JSON_DEPTH_MAX));
    return undefined;
  }

  #spend(work: number): void {
    this.#workLeft -= work;
    if (this.#workLeft >= 0) return;
    throw fault('too-large', `A patch copies and compares ${PATCH_WORK_MAX} characters at most.`);
  }

  /** Roughly, as JSON; it stops looking once that is too much. */
  #charactersOf(value: unknown, levelsLeft: number): number {
    if (typeof value === 'string') return value.length + 3;
    if (value === null || typeof value !== 'object') return 8;
    if (levelsLeft === 0) throw tooDeep();
    let sum = 2;
    for (const [name, inner] of Object.entries(value)) {
      sum += (Array.isArray(value) ? 0 : name.length + 3) + this.#charactersOf(inner, levelsLeft - 1);
      if (sum > this.#workLeft) break;
    }
    return sum;
  }

  /** https://www.rfc-editor.org/rfc/rfc6902#section-4.6; no deeper than `wanted`, which is a part of the patch. */
  #areEqual(actual: unknown, wanted: unknown): boolean {
    if (actual === wanted) return true;
    const [digits, wantedDigits] = [digitsOf(actual), digitsOf(wanted)];
    if (digits !== undefined && wantedDigits !== undefined) return decimalOf(digits) === decimalOf(wantedDigits);
    if (!isTree(actual) || !isTree(wanted) || Array.isArray(actual) !== Array.isArray(wanted)) return false;
    if (Array.isArray(actual) && actual.length !== (wanted as unknown as unknown[]).length) return false;
    const names = Object.keys(wanted);
    if (!names.every((name) => Object.hasOwn(actual, name))) return false;
    const count = Object.keys(actual).length;
    this.#spend(count);
    return count === names.length && names.every((name) => this.#areEqual(actual[name], wanted[name]));
  }
}

/** The refusal of a patch that nests more than JSON may. */
export function tooDeep(): Error {
  return fault('rule', `The patched resource would be nested deeper than ${JSON_DEPTH_MAX} levels.`);
}

type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === 'object';
}

/** What a JSON Pointer (RFC 6901) leads to; undefined where that is nothing. */
function valueAt(tree: unknown, pointer: string): unknown {
  return memberAt(tree, tokensOf(pointer));
}

function memberAt(tree: unknown, tokens: readonly string[]): unknown {
  let value = tree;
  for (const token of tokens) {
    const isThere = isTree(value) && Object.hasOwn(value, token) && (!Array.isArray(value) || ARRAY_INDEX.test(token));
    if (!isThere || FORBIDDEN_NAMES.has(token)) return undefined;
    value = (value as Tree)[token];
  }
  return value;
}

/** Whether a value can be put there: in an object under any name, in an array before an element or at its end. */
function hasRoomAt(tree: unknown, pointer: string): boolean {
  const tokens = tokensOf(pointer);
  const last = tokens.pop();
  const parent = memberAt(tree, tokens);
  if (last === undefined || FORBIDDEN_NAMES.has(last) || !isTree(parent)) return false;
  return !Array.isArray(parent) || last === '-' || (ARRAY_INDEX.test(last) && Number(last) <= parent.length);
}

function tokensOf(pointer: string): string[] {
  const tokens = pointer.split('/').slice(1);
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The digits of a number, however it is kept. */
function digitsOf(leaf: unknown): string | undefined {
  if (typeof leaf === 'number') return String(leaf);
  return typeof leaf === 'string' && leaf.startsWith(DIGITS_MARK) ? leaf.slice(DIGITS_MARK.length) : undefined;
}

/** The same text for the same number: `1.50`, `1.5` and `15e-1` are `15e-1`. */
function decimalOf(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  const digits = whole + fraction;
  let [start, end] = [0, digits.length];
  while (start < end && digits[start] === '0') start += 1;
  while (end > start && digits[end - 1] === '0') end -= 1;
  if (start === end) return '0';
  return `${sign}${digits.slice(start, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}
