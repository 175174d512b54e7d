import type { Coding } from 'fhir/r4.js';
import { fault } from '../../base/fault.js';
import { conceptOf, textOf } from '../../fhir/index.js';
import { named, type OperationInput } from './operation-input.js';

/**
 * The canonical URL or id that an operation on terminology is about: of the path, or of the parameter.
 * @throws {Fault} `required` where there is neither
 */
export function subjectOf(input: OperationInput, parameter: string): string {
  const { type, id } = input.exchange.path;
  if (id !== '') return id;
  const [url] = named(input, parameter);
  if (!url) throw fault('required', `Name one: ${type}/[id]/$…, or the parameter ${parameter}.`, parameter);
  return textOf(url);
}

/** What is there. @throws {Fault} `not-found` */
export function shipped<T>(found: T | undefined, type: string, url: string): T {
  if (found) return found;
  const message = `No ${type} ${url.slice(0, 200)} is known here; GET /${type} lists those that are.`;
  throw fault('not-found', message);
}

/**
 * The codes that are asked about: `code` with `system` and `display`, or `coding`, or `codeableConcept`.
 * @throws {Fault} `required`, `invalid` where not exactly one of these is there
 */
export function codingsOf(input: OperationInput): readonly Coding[] {
  const asked = named(input, 'code', 'coding', 'codeableConcept');
  const [first] = asked;
  if (!first || asked.length > 1) {
    throw fault(first ? 'invalid' : 'required', 'Give one of code, coding and codeableConcept.', 'code');
  }
  if (first.name !== 'code') return conceptOf(first).coding ?? [];
  const [system] = named(input, 'system').map(textOf);
  const [display] = named(input, 'display').map(textOf);
  const code = textOf(first);
  return [{ code, ...(system !== undefined && { system }), ...(display !== undefined && { display }) }];
}

/** A Parameters resource as text. */
export function parametersText(parameter: readonly object[]): string {
  return JSON.stringify({ resourceType: 'Parameters', parameter });
}
