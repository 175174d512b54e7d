import { LosslessNumber } from 'lossless-json';
import { isObject } from './json-object.js';

/** An object of a tree that is being changed. */
export type OpenObject = Record<string, unknown>;

/** An element as JSON has it: its value and, of a primitive, what stands beside it: `start` and `_start`. */
export interface Element {
  readonly value?: unknown;
  readonly beside?: unknown;
}

/** Whether a value has members: a number that is kept by its digits is an object only here. */
export function isOpenObject(value: unknown): value is OpenObject {
  return isObject(value) && !(value instanceof LosslessNumber);
}

/** A copy of an exact JSON tree that may be changed. */
export function openCopy(exact: unknown): unknown {
  if (Array.isArray(exact)) return exact.map(openCopy);
  if (!isOpenObject(exact)) return exact;
  return Object.fromEntries(Object.entries(exact).map(([name, value]) => [name, openCopy(value)]));
}

/** The tree as plain JSON has it, for those who know nothing of numbers that only their digits tell. */
export function plainOf(exact: unknown): unknown {
  if (exact instanceof LosslessNumber) return Number(exact.value);
  if (Array.isArray(exact)) return exact.map(plainOf);
  if (!isOpenObject(exact)) return exact;
  return Object.fromEntries(Object.entries(exact).map(([name, value]) => [name, plainOf(value)]));
}

/** How many texts, numbers, objects and lists a tree has. */
export function valueCountOf(exact: unknown): number {
  if (!isOpenObject(exact) && !Array.isArray(exact)) return 1;
  return Object.values(exact).reduce<number>((sum, value) => sum + valueCountOf(value), 1);
}

/** The elements under a name, one or many. */
export function elementsAt(holder: OpenObject, member: string): Element[] {
  const values = listOf(holder[member]);
  const besides = listOf(holder[`_${member}`]);
  return Array.from({ length: Math.max(values.length, besides.length) }, (_, at) => ({
    ...(isThere(values[at]) && { value: values[at] }),
    ...(isThere(besides[at]) && { beside: besides[at] }),
  }));
}

/**
 * Writes the elements under a name, whatever stood there.
 * @param many whether the element may repeat, and is a list therefore
 */
export function putElements(holder: OpenObject, member: string, elements: readonly Element[], many: boolean): void {
  const [values, besides] = [elements.map(({ value }) => value), elements.map(({ beside }) => beside)];
  putList(holder, member, values, many);
  putList(holder, `_${member}`, besides, many);
}

function putList(holder: OpenObject, name: string, values: readonly unknown[], many: boolean): void {
  if (!values.some(isThere)) delete holder[name];
  else holder[name] = many ? values.map((value) => value ?? null) : values[0];
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isThere(value) ? [value] : [];
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}
