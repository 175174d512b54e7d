import { fault } from '../base/fault.js';
import { elementsAt, openCopy, putElements, type Element, type OpenObject } from './fhirpath-elements.js';
import type { FhirPathGuard } from './fhirpath-guard.js';
import { pathOperationsOf, type PatchValue, type PathOperation } from './fhirpath-operations.js';
import {
  contentOf,
  putContent,
  removeElement,
  replaceElement,
  typeOf,
  type Place,
  type Target,
} from './fhirpath-place.js';
import { selectionOf, type Selection } from './fhirpath-select.js';
import { elementFor, isTaken, memberFor } from './fhirpath-value.js';

/**
 * Applies a FHIRPath Patch to an exact JSON tree, whose digits it keeps: https://hl7.org/fhir/R4/fhirpatch.html
 *
 * @param exact a resource
 * @param patch a Parameters resource
 * @param guard of the request
 * @returns the patched tree; the one handed in stays as it is
 * @throws {Fault} `invalid`, `required` for what is no patch, `too-costly`; `rule` for an operation that does not apply
 */
export function applyFhirPathPatch(exact: unknown, patch: unknown, guard: FhirPathGuard): unknown {
  const operations = pathOperationsOf(patch);
  const root = openCopy(exact) as OpenObject;
  for (const operation of operations) {
    const selection = selectionOf(root, operation.path, guard, operation.place);
    const refusal = appliedTo(selection, operation);
    if (refusal === undefined) continue;
    throw fault('rule', `${operation.path} (${operation.type}): ${refusal}`, operation.place);
  }
  return root;
}

/** Changes the tree by one operation. @returns why it does not apply */
function appliedTo(selection: Selection, operation: PathOperation): string | undefined {
  const { type } = operation;
  const { target, count } = selection;
  if (type === 'insert' || type === 'move') {
    const list = listOf(selection);
    if (typeof list === 'string') return list;
    return type === 'insert' ? insertInto(list, operation) : moveIn(list, operation);
  }
  if (!target) return type === 'delete' ? undefined : 'nothing is there.';
  if (count > 1) return `it leads to ${count} elements, where one is meant: add an index or where(…).`;
  if (type === 'add') return addTo(target, operation.name, operation.value);
  if (!target.place) return 'it leads to the resource itself: name an element of it.';
  if (type === 'delete') removeElement(target.place);
  else replaceAt(target.place, operation.value);
  return undefined;
}

function addTo(target: Target, name: string, value: PatchValue): string | undefined {
  const [content, type] = [contentOf(target), typeOf(target)];
  const named = memberFor(type, name, value);
  const { member, property } = named;
  if (!property.many && isTaken(content, type, named)) return `${name} is there already: replace it.`;
  putElements(content, member, [...elementsAt(content, member), elementFor(named, value)], property.many);
  putContent(target, content);
  return undefined;
}

function replaceAt(place: Place, value: PatchValue): void {
  const { holder, holderType, property, member } = place;
  const named = property.isChoice ? memberFor(holderType, property.element, value) : { member, property };
  const element = elementFor(named, value);
  if (named.member === member) {
    replaceElement(place, element);
    return;
  }
  putElements(holder, member, [], false);
  putElements(holder, named.member, [element], false);
}

/** The whole list that a path leads to. @returns why it is none */
function listOf({ target, count, isOneList }: Selection): Place | string {
  if (!target) return 'nothing is there: add puts a first element into a list.';
  const { place } = target;
  if (!place?.property.many) return 'this is no list.';
  const length = elementsAt(place.holder, place.member).length;
  if (isOneList && count === length) return place;
  return 'it leads to several lists, or a part of one: name one whole list, as Patient.name[0].given.';
}

function insertInto({ holder, member, property }: Place, { index, value }: PathOperation & { type: 'insert' }) {
  const elements = elementsAt(holder, member);
  if (index > elements.length) return `it has ${elements.length} elements, so the index is ${elements.length} at most.`;
  putElements(holder, member, elements.toSpliced(index, 0, elementFor({ member, property }, value)), true);
  return undefined;
}

function moveIn({ holder, member }: Place, { source, destination }: PathOperation & { type: 'move' }) {
  const elements: Element[] = elementsAt(holder, member);
  const moved = elements[source];
  if (!moved || destination >= elements.length) return `its elements are numbered 0 to ${elements.length - 1}.`;
  putElements(holder, member, elements.toSpliced(source, 1).toSpliced(destination, 0, moved), true);
  return undefined;
}
