import { conformanceResources, type Definition } from './conformance.js';

/** A code of a system, with the word that people read for it. */
export interface Concept {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

/** A value set whose codes are all known. */
export interface KnownValueSet {
  readonly definition: Definition;
  readonly concepts: readonly Concept[];
  /** The codes of each system, with their concepts. */
  readonly bySystem: ReadonlyMap<string, ReadonlyMap<string, Concept>>;
}

/** A code system all of whose codes are known. */
interface KnownCodeSystem {
  readonly definition: Definition;
  readonly concepts: ReadonlyMap<string, Concept>;
  /** Its own codes, under its own URL. */
  readonly bySystem: KnownValueSet['bySystem'];
}

interface ConceptNode {
  readonly code: string;
  readonly display?: string;
  readonly concept?: readonly ConceptNode[];
}

interface Include {
  readonly system: string;
  readonly concept?: readonly ConceptNode[];
}

/** The definitions of each type, by URL and by id. */
const byName = new Map<string, ReadonlyMap<string, Definition>>();
const valueSets = new Map<string, KnownValueSet>();
const codeSystems = new Map<string, KnownCodeSystem>();

/** A value set that this server ships, by its canonical URL (a version may follow after `|`) or its id. */
export function valueSetOf(urlOrId: string): KnownValueSet | undefined {
  const definition = definitionOf('ValueSet', urlOrId);
  return definition && remembered(valueSets, definition.url, () => knownValueSet(definition));
}

/** A code system that this server ships, by its canonical URL or its id. */
export function codeSystemOf(urlOrId: string): KnownCodeSystem | undefined {
  const definition = definitionOf('CodeSystem', urlOrId);
  return definition && remembered(codeSystems, definition.url, () => knownCodeSystem(definition));
}

function definitionOf(type: string, urlOrId: string): Definition | undefined {
  const [name = '', version] = urlOrId.split('|', 2);
  const found = remembered(byName, type, () => namesOf(conformanceResources(type))).get(name);
  return version === undefined || found?.version === version ? found : undefined;
}

function namesOf(definitions: readonly Definition[]): ReadonlyMap<string, Definition> {
  return new Map(definitions.flatMap((one) => [one.url, one.id].map((name) => [name, one] as const)));
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

function knownValueSet(definition: Definition): KnownValueSet {
  const { compose } = definition as unknown as { readonly compose: { readonly include: readonly Include[] } };
  const concepts = compose.include.flatMap(({ system, concept }) => {
    const whole = codeSystemOf(system)?.concepts ?? new Map<string, Concept>();
    if (!concept) return [...whole.values()];
    return concept.map((node) => whole.get(node.code) ?? conceptOf(system, node));
  });
  const bySystem = new Map<string, Map<string, Concept>>();
  for (const concept of concepts) {
    const known = bySystem.get(concept.system) ?? new Map<string, Concept>();
    bySystem.set(concept.system, known.set(concept.code, concept));
  }
  return { definition, concepts, bySystem };
}

function knownCodeSystem(definition: Definition): KnownCodeSystem {
  const { url, concept = [] } = definition as Definition & Partial<ConceptNode>;
  const concepts = new Map(flat(url, concept).map((one) => [one.code, one]));
  return { definition, concepts, bySystem: new Map([[url, concepts]]) };
}

function flat(system: string, nodes: readonly ConceptNode[]): Concept[] {
  return nodes.flatMap((node) => [conceptOf(system, node), ...flat(system, node.concept ?? [])]);
}

function conceptOf(system: string, { code, display }: ConceptNode): Concept {
  return { system, code, ...(display !== undefined && { display }) };
}
