import { fault } from '../base/fault.js';
import { elementTable, type Property } from './element-table.js';
import { elementsAt, openCopy, putElements, type Element, type OpenObject } from './fhirpath-elements.js';
import type { PatchValue } from './fhirpath-operations.js';

/** An element of a type: its name in JSON, and what it is. */
export interface Named {
  readonly member: string;
  readonly property: Property;
}

/**
 * The element of a name that takes a value: of a choice, the one of its type.
 * @throws {Fault} `invalid` where the type has none
 */
export function memberFor(type: string, name: string, value: PatchValue): Named {
  const members = [...(elementTable(type)?.properties ?? [])].flatMap(([member, property]) =>
    property.besides === undefined && (property.element === name || member === name) ? [{ member, property }] : [],
  );
  const [first, ...others] = members;
  if (!first) throw fault('invalid', `${type} has no element '${name.slice(0, 64)}'.`, value.place);
  if (others.length === 0) return first;
  const given = value.kind === 'typed' ? value.type : undefined;
  const chosen = members.find(({ property }) => capitalized(property.type) === given);
  if (chosen) return chosen;
  const wanted = members.map(({ property }) => `value${capitalized(property.type)}`).join(', ');
  throw fault('invalid', `${type}.${name} takes one of ${wanted}.`, value.place);
}

/**
 * A value as the element that it is to be.
 * @throws {Fault} `invalid` for a value of another type
 */
export function elementFor({ property: { type, element } }: Named, value: PatchValue): Element {
  if (value.kind === 'resource' && type === 'Resource') return { value: openCopy(value.resource) };
  if (value.kind === 'parts' && elementTable(type)) return { value: built(type, value.parts) };
  if (value.kind === 'typed' && mayBe(type, value.type)) {
    return {
      ...(value.value !== undefined && { value: openCopy(value.value) }),
      ...(value.beside !== undefined && { beside: openCopy(value.beside) }),
    };
  }
  const advice = type.includes('.')
    ? 'its elements, each as a part'
    : type === 'Resource'
      ? 'a resource'
      : `a value${capitalized(type)}`;
  throw fault('invalid', `${element} takes ${advice}.`, value.place);
}

/** Whether an object has an element already, of a choice any one. */
export function isTaken(holder: OpenObject, type: string, { property }: Named): boolean {
  return [...(elementTable(type)?.properties ?? [])].some(
    ([member, { element }]) => element === property.element && elementsAt(holder, member).length > 0,
  );
}

/** Primitives stand for each other, as validation lets them: a `valueDate` may be an end. */
function mayBe(type: string, given: string): boolean {
  return elementTable(type) || elementTable(given) ? given === type : true;
}

/** An object of a type whose name no Parameters have, from the parts that are its elements. */
function built(type: string, parts: readonly { readonly name: string; readonly value: PatchValue }[]): OpenObject {
  const object: OpenObject = {};
  for (const { name, value } of parts) {
    const named = memberFor(type, name, value);
    const { member, property } = named;
    const before = elementsAt(object, member);
    if (before.length > 0 && !property.many) throw fault('invalid', `Give ${name} once.`, value.place);
    putElements(object, member, [...before, elementFor(named, value)], property.many);
  }
  return object;
}

function capitalized(type: string): string {
  const name = type.replace(/^System\./, '');
  return name.charAt(0).toUpperCase() + name.slice(1);
}
