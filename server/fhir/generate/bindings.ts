import type { CodeSystem, CodeSystemConcept, ElementDefinition, FhirResource, ValueSet } from 'fhir/r4.js';
import { CODE_RULES } from '../code-rules.js';
import type { Schema } from './prune-schema.js';
import { byUrl, codesOf, requiredValueSet } from './required-codes.js';

const MAX_VALUE_SET = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';

/** Names of formats stand there besides media types: https://hl7.org/fhir/R4/capabilitystatement.html */
const NAMES_TOO = 'CapabilityStatement.format';

/** What the bindings of R4 and its terminology say about elements and value sets. */
export class Bindings {
  readonly #valueSets: ReadonlyMap<string | undefined, ValueSet>;
  readonly #codeSystems: ReadonlyMap<string | undefined, CodeSystem>;
  readonly #schema: Readonly<Record<string, Schema>>;

  /** @param schema pruned: elements with their codes as `enum` */
  constructor(terminology: readonly FhirResource[], schema: Readonly<Record<string, Schema>>) {
    this.#valueSets = byUrl(terminology.filter((it) => it.resourceType === 'ValueSet'));
    this.#codeSystems = byUrl(terminology.filter((it) => it.resourceType === 'CodeSystem'));
    this.#schema = schema;
  }

  /** The value set that the schema leaves to `binding-pass.ts`; undefined where nobody could check it. */
  leftOver(element: ElementDefinition): string | undefined {
    const url = requiredValueSet(element) ?? greatestValueSet(element);
    if (url === undefined || element.path === NAMES_TOO) return undefined;
    if (CODE_RULES.has(url)) return url;
    return this.#isInSchema(element.path) ? undefined : this.shipped(element);
  }

  /** The value set that an element is bound to as required, where the package holds all its codes. */
  shipped(element: ElementDefinition): string | undefined {
    const url = requiredValueSet(element);
    return codesOf(this.#valueSets.get(url), this.#codeSystems) ? url : undefined;
  }

  /** Value sets and the code systems that they draw from, by `Type/id`, without prose. */
  terminology(urls: ReadonlySet<string>): Record<string, FhirResource> {
    const valueSets = [...urls].sort().map((url) => this.#valueSets.get(url) as ValueSet);
    const systems = new Set(valueSets.flatMap((it) => it.compose?.include.map(({ system }) => system) ?? []));
    const codeSystems = [...systems].sort().flatMap((url) => this.#codeSystems.get(url) ?? []);
    const all = [...valueSets.map(bareValueSet), ...codeSystems.map(bareCodeSystem)];
    return Object.fromEntries(all.map((it) => [`${it.resourceType}/${it.id}`, it]));
  }

  /** The schema names a nested type by its own name and that of the resource alone. */
  #isInSchema(path: string): boolean {
    const steps = path.split('.');
    const name = steps.pop() ?? '';
    const [type = '', ...nested] = steps.map((step) => step.charAt(0).toUpperCase() + step.slice(1));
    const owner = [type, ...nested.slice(-1)].join('_');
    const property = this.#schema[owner]?.properties?.[name];
    return (property?.enum ?? property?.items?.enum) !== undefined;
  }
}

/** Of texts alone: a concept may say what it means in words. */
function greatestValueSet({ binding, type }: ElementDefinition): string | undefined {
  if (type?.length !== 1 || type[0]?.code !== 'code') return undefined;
  return binding?.extension?.find(({ url }) => url === MAX_VALUE_SET)?.valueCanonical;
}

function bareValueSet({ resourceType, id, url, version, name, title, status, compose }: ValueSet): ValueSet {
  const include = (compose?.include ?? []).map(({ system, concept }) => ({
    ...(system !== undefined && { system }),
    ...(concept && { concept: concept.map(({ code, display }) => ({ code, ...(display && { display }) })) }),
  }));
  return { ...defined({ resourceType, id, url, version, name, title }), status, compose: { include } } as ValueSet;
}

function bareCodeSystem(whole: CodeSystem): CodeSystem {
  const { resourceType, id, url, version, name, title, status, caseSensitive, valueSet, content, concept } = whole;
  const head = defined({ resourceType, id, url, version, name, title, status, caseSensitive, valueSet, content });
  return { ...head, concept: bareConcepts(concept) } as CodeSystem;
}

function bareConcepts(concepts: readonly CodeSystemConcept[] = []): CodeSystemConcept[] {
  return concepts.map(({ code, display, concept }) => ({
    code,
    ...(display !== undefined && { display }),
    ...(concept && { concept: bareConcepts(concept) }),
  }));
}

/** The members that are there. */
function defined(members: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
