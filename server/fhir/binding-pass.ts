import { CODE_RULES } from './code-rules.js';
import type { Findings } from './findings.js';
import { isObject } from './json-object.js';
import { valueSetOf, type KnownValueSet } from './terminology.js';

/** How many codes a message names. */
const CODES_SHOWN = 10;

/** The codes of each value set, whatever their system: an element of type `code` names none. */
const plainCodes = new Map<string, ReadonlySet<string>>();

/**
 * Judges an element by its required binding (https://hl7.org/fhir/R4/terminologies.html#required): a code by itself,
 * a Coding by system and code; of a CodeableConcept, one coding must be in the value set. A value set that is neither
 * shipped nor known by rule is not looked at.
 *
 * @param valueSet canonical URL
 */
export function judgeBinding(value: unknown, valueSet: string, at: string, findings: Findings): void {
  const rule = CODE_RULES.get(valueSet);
  if (rule) {
    const isWrong = typeof value === 'string' && !rule.pattern.test(value);
    if (isWrong) findings.add('code-invalid', at, `${at} must be ${rule.form}.`);
    return;
  }
  const known = valueSetOf(valueSet);
  if (!known || isIn(value, known)) return;
  findings.add('code-invalid', at, `${at} needs a code of ${valueSet}: ${someCodes(known)}.`);
}

function isIn(value: unknown, known: KnownValueSet): boolean {
  if (typeof value === 'string') return codesOf(known).has(value);
  if (!isObject(value)) return true;
  const { coding, extension } = value;
  if ('code' in value || 'system' in value) return isCodingIn(value, known);
  // An extension may say why there is no code.
  if (coding === undefined) return extension !== undefined;
  return Array.isArray(coding) && coding.some((one) => isCodingIn(one, known));
}

function isCodingIn(value: unknown, { bySystem }: KnownValueSet): boolean {
  if (!isObject(value)) return false;
  const { system, code } = value;
  return typeof system === 'string' && typeof code === 'string' && bySystem.get(system)?.has(code) === true;
}

function codesOf({ definition, concepts }: KnownValueSet): ReadonlySet<string> {
  const codes = plainCodes.get(definition.url) ?? new Set(concepts.map(({ code }) => code));
  plainCodes.set(definition.url, codes);
  return codes;
}

function someCodes({ concepts }: KnownValueSet): string {
  const shown = concepts.slice(0, CODES_SHOWN).map(({ code }) => code);
  return `${shown.join(', ')}${concepts.length > CODES_SHOWN ? ' …' : ''}`;
}
