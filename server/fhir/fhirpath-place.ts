import { elementTable, type Property } from './element-table.js';
import { elementsAt, isOpenObject, putElements, type Element, type OpenObject } from './fhirpath-elements.js';

/** Where an element is in a tree. */
export interface Place {
  /** The object that has it, and of which type that is. */
  readonly holder: OpenObject;
  readonly holderType: string;
  /** Its name in JSON: `deceasedBoolean`. */
  readonly member: string;
  readonly property: Property;
  /** In the list of its name; 0 where it is none. */
  readonly index: number;
  /** Of what has it; absent where that is the resource. */
  readonly above?: Place;
}

/** One step of a path: the FHIRPath name, or the one that JSON has, and the place in the list. */
export interface Step {
  readonly name: string;
  readonly index: number;
}

/** What a path leads to: the resource itself, or an element of it. */
export interface Target {
  readonly root: OpenObject;
  readonly place?: Place;
}

/** Follows steps from a resource. @returns undefined where they lead nowhere that the element tables know */
export function placeAt(root: OpenObject, steps: readonly Step[]): Target | undefined {
  let target: Target = { root };
  for (const { name, index } of steps) {
    const [holder, holderType] = [contentOf(target), typeOf(target)];
    const found = [...(elementTable(holderType)?.properties ?? [])].find(
      ([member, { element, besides }]) =>
        besides === undefined && (member === name || element === name) && elementsAt(holder, member).length > index,
    );
    if (!found) return undefined;
    const [member, property] = found;
    const above = target.place && { above: target.place };
    target = { root, place: { holder, holderType, member, property, index, ...above } };
  }
  return target;
}

/** The element itself. */
function elementOf({ holder, member, index }: Place): Element {
  return elementsAt(holder, member)[index] ?? {};
}

/** The object in which the children of a target are; of a primitive, what stands beside it, or a new one. */
export function contentOf({ root, place }: Target): OpenObject {
  if (!place) return root;
  const { value, beside } = elementOf(place);
  if (isOpenObject(value)) return value;
  return isOpenObject(beside) ? beside : {};
}

/** The type of a target, as the element tables name it; of a primitive, `Element`. */
export function typeOf({ root, place }: Target): string {
  if (!place) return String(root['resourceType']);
  const { type } = place.property;
  if (type === 'Resource') return String(contentOf({ root, place })['resourceType']);
  return elementTable(type) ? type : 'Element';
}

/** Puts the content of a target that was new where it belongs. */
export function putContent({ place }: Target, content: OpenObject): void {
  if (!place || isOpenObject(elementOf(place).value)) return;
  replaceElement(place, { ...elementOf(place), beside: content });
}

/** Puts an element where another one is. */
export function replaceElement({ holder, member, index, property }: Place, element: Element): void {
  const elements = elementsAt(holder, member);
  putElements(holder, member, elements.with(index, element), property.many);
}

/** Takes an element away, and what has nothing in it any more: FHIR knows no empty elements. */
export function removeElement({ holder, member, index, property, above }: Place): void {
  const elements = elementsAt(holder, member);
  putElements(holder, member, elements.toSpliced(index, 1), property.many);
  if (!above || Object.keys(holder).length > 0) return;
  const { value } = elementOf(above);
  if (value === undefined || isOpenObject(value)) removeElement(above);
  else replaceElement(above, { value });
}
