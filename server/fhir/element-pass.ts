import { judgeBinding } from './binding-pass.js';
import { elementTable, type ElementTable, type Property } from './element-table.js';
import type { Findings } from './findings.js';
import { INVARIANTS } from './invariants.js';
import { isObject, type JsonObject } from './json-object.js';
import { PRIMITIVE_CHECKS } from './primitives.js';
import { judgeReference, type ReferenceContext } from './reference-faults.js';

/**
 * Judges a resource by the element tables: cardinalities, bound codes, targets of references and invariants of R4
 * (https://hl7.org/fhir/R4/validation.html), which the JSON schema does not say. Takes values of the wrong JSON type
 * and unknown members for what the schema pass has told already, and leaves contained resources alone.
 */
export function judgeByElements(
  resource: JsonObject,
  type: string,
  path: string,
  findings: Findings,
  context: ReferenceContext,
): void {
  const table = elementTable(type);
  if (table) new ElementPass(findings, context).judge(resource, table, path);
}

class ElementPass {
  readonly #findings: Findings;
  readonly #context: ReferenceContext;

  constructor(findings: Findings, context: ReferenceContext) {
    this.#findings = findings;
    this.#context = context;
  }

  judge(node: JsonObject, table: ElementTable, path: string): void {
    const choices = new Map<string, string>();
    for (const name in node) {
      const property = table.properties.get(name);
      if (property === undefined) continue;
      if (property.isChoice) this.#judgeChoice(choices, name, property, path);
      const at = `${path}.${property.element}`;
      if (property.many) this.#judgeList(node, name, property, at);
      else this.#judgeOne(node[name], property, at, property.besides !== undefined && property.besides in node);
    }
    for (const { element, members } of table.required) {
      if (!members.some((member) => member in node)) {
        this.#findings.add('required', `${path}.${element}`, `${path}.${element} is needed.`);
      }
    }
    this.#judgeInvariants(node, table.type, path);
  }

  /** One value of one type: `valueCode` and `_valueCode` are the same, `valueCode` and `valueString` are two. */
  #judgeChoice(choices: Map<string, string>, name: string, property: Property, path: string): void {
    const member = property.besides ?? name;
    const chosen = choices.get(property.element) ?? member;
    choices.set(property.element, chosen);
    if (chosen !== member) {
      const message = `${chosen} and ${member} exclude each other.`;
      this.#findings.add('invalid', `${path}.${property.element}`, message);
    }
  }

  #judgeList(node: JsonObject, name: string, property: Property, at: string): void {
    const list = node[name];
    if (!Array.isArray(list)) return;
    if (list.length === 0) this.#findings.add('invalid', at, `${at} must not be an empty array.`);
    const other = node[property.besides ?? `_${name}`];
    const others = Array.isArray(other) ? (other as readonly unknown[]) : [];
    for (const [index, value] of (list as unknown[]).entries()) {
      const hasOther = others[index] !== undefined && others[index] !== null;
      if (value !== null) this.#judgeOne(value, property, `${at}[${index}]`, hasOther);
      else if (!hasOther)
        this.#findings.add('invalid', `${at}[${index}]`, 'A null stands only where an extension says why.');
    }
  }

  /** @param hasPrimitive for the `_` of a primitive: whether the primitive is there as well */
  #judgeOne(value: unknown, property: Property, at: string, hasPrimitive: boolean): void {
    const { type } = property;
    if (type === 'Resource') return;
    const message = PRIMITIVE_CHECKS[type]?.(value);
    if (message !== undefined) this.#findings.add('invalid', at, message);
    if (property.valueSet !== undefined) judgeBinding(value, property.valueSet, at, this.#findings);
    if (!isObject(value)) return;
    if (isEmpty(value, hasPrimitive)) {
      this.#findings.add('invalid', at, `${at} must not be empty.`);
      return;
    }
    const table = elementTable(type);
    if (table) this.judge(value, table, at);
    if (type === 'Reference') judgeReference(value, property.targets, at, this.#findings, this.#context);
  }

  #judgeInvariants(node: JsonObject, type: string, path: string): void {
    for (const { key, reads, element, kind, holds, message } of INVARIANTS[type] ?? []) {
      if (holds(node)) continue;
      const told = this.#findings.hasAt(path) || reads.some((name) => this.#findings.hasUnder(`${path}.${name}`));
      const at = element === undefined ? path : `${path}.${element}`;
      if (!told) this.#findings.add(kind ?? 'invalid', at, kind === 'rule' ? message : `${message} (${key})`);
    }
  }
}

/** ele-1: an element has a value or children; an id is neither, except beside a primitive with a value. */
function isEmpty(node: JsonObject, idSuffices: boolean): boolean {
  for (const name in node) if (name !== 'id' || idSuffices) return false;
  return true;
}
