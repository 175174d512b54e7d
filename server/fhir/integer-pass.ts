import { LosslessNumber } from 'lossless-json';
import { elementTable } from './element-table.js';
import type { Findings } from './findings.js';
import { isObject } from './json-object.js';

const INTEGER_TYPES: ReadonlySet<string> = new Set(['integer', 'unsignedInt', 'positiveInt']);
const INTEGER = /^(?:0|-?[1-9]\d*)$/;

/**
 * Judges how integers are written: `1.0` and `1e0` are whole numbers, but no integers of FHIR
 * (https://hl7.org/fhir/R4/datatypes.html#integer). Only the exact tree tells them from `1`.
 *
 * @param exact a resource, or an element of one, as the `exact` tree of `parseJson` has it
 */
export function judgeIntegers(exact: unknown, type: string, path: string, findings: Findings): void {
  const table = elementTable(type);
  if (!table || !isObject(exact)) return;
  for (const name in exact) {
    const property = table.properties.get(name);
    if (property === undefined) continue;
    const at = `${path}.${property.element}`;
    const value = exact[name];
    if (!Array.isArray(value)) judgeOne(value, property.type, at, findings);
    else for (const [index, item] of value.entries()) judgeOne(item, property.type, `${at}[${index}]`, findings);
  }
}

function judgeOne(value: unknown, type: string, at: string, findings: Findings): void {
  if (value instanceof LosslessNumber) {
    if (!INTEGER_TYPES.has(type) || INTEGER.test(value.value)) return;
    findings.add('invalid', at, 'An integer is written without a point and without an exponent.');
  } else if (type === 'Resource' && isObject(value)) {
    judgeIntegers(value, String(value['resourceType']), at, findings);
  } else {
    judgeIntegers(value, type, at, findings);
  }
}
