import type { ValueSet } from 'fhir/r4.js';
import { instantText } from '../base/clock.js';
import type { Concept, KnownValueSet } from './terminology.js';

/** Which codes of a value set are wanted: https://hl7.org/fhir/R4/valueset-operation-expand.html */
export interface ExpansionQuestion {
  /** Part of a code, or of the word for it, in either case. */
  readonly filter?: string;
  /** How many codes are passed over. */
  readonly offset?: number;
  /** How many codes are told at most; 0 asks for the total alone. */
  readonly count?: number;
}

/** A value set with a page of its codes in place of their description. A page beyond the last code is empty. */
export function expandedValueSet(
  { definition, concepts }: KnownValueSet,
  question: ExpansionQuestion,
  nowMs: number,
): ValueSet {
  const { compose, ...head } = definition as unknown as ValueSet;
  void compose;
  const found = concepts.filter((concept) => hasPart(concept, question.filter));
  const offset = Math.min(question.offset ?? 0, found.length);
  const count = Math.min(question.count ?? found.length, found.length);
  const contains = found.slice(offset, offset + count);
  const { filter } = question;
  const parameter = [
    ...(filter === undefined ? [] : [{ name: 'filter', valueString: filter }]),
    ...(question.offset === undefined ? [] : [{ name: 'offset', valueInteger: offset }]),
    ...(question.count === undefined ? [] : [{ name: 'count', valueInteger: count }]),
  ];
  return {
    ...head,
    expansion: {
      timestamp: instantText(nowMs),
      total: found.length,
      offset,
      ...(parameter.length > 0 && { parameter }),
      ...(contains.length > 0 && { contains }),
    },
  };
}

function hasPart({ code, display = '' }: Concept, filter = ''): boolean {
  const wanted = filter.toLowerCase();
  return code.toLowerCase().includes(wanted) || display.toLowerCase().includes(wanted);
}
