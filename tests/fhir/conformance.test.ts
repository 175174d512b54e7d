import { expect, test } from '@jest/globals';
import {
  capabilityStatement,
  conformanceResources,
  SERVED_TYPES,
  searchParametersOf,
  validateResource,
} from '../../server/fhir/index.js';
import { judgeByElements } from '../../server/fhir/element-pass.js';
import { Findings } from '../../server/fhir/findings.js';
import { judgeBySchema } from '../../server/fhir/schema-pass.js';

/** Validation of the types that only we write, and nobody can store. */
function faultsOf(resource: { readonly resourceType: string }): unknown[] {
  const findings = new Findings();
  const type = resource.resourceType;
  const sent = JSON.parse(JSON.stringify(resource)) as Record<string, unknown>;
  judgeBySchema(sent, type, type, findings);
  judgeByElements(sent, type, type, findings, { ownBases: [], rootType: type, contained: new Map() });
  return [...findings.reasons()];
}

const statement = capabilityStatement({
  base: 'https://slots.example',
  version: '1.2.3',
  dateMs: Date.UTC(2027, 2, 15),
  mounted: new Map([
    ['Slot', ['read', 'vread', 'create', 'search-type']],
    ['Schedule', ['read', 'update', 'search-type']],
    ['Patient', ['read']],
    ['StructureDefinition', ['read', 'search-type']],
  ] as const),
  system: ['history-system'],
  operations: [
    { type: 'Slot', code: 'lock', levels: ['instance'] },
    { type: 'Slot', code: 'unlock', levels: ['instance'] },
    { type: 'Patient', code: 'meta', levels: ['system', 'instance'], definition: 'http://hl7.org/meta' },
  ],
  formats: ['application/fhir+json', 'json'],
  patchFormats: ['application/json-patch+json'],
  definitionParameters: [{ name: 'url', type: 'uri' }],
  modifiersOf: ({ type }) => (type === 'token' ? ['missing', 'not'] : ['missing']),
});
const resources = statement.rest?.[0]?.resource ?? [];
const resourceOf = (type: string) => resources.find((it) => it.type === type);

test('the CapabilityStatement is valid R4', () => {
  expect(faultsOf(statement)).toEqual([]);
});

test('it says what clients look for', () => {
  expect(statement).toMatchObject({
    fhirVersion: '4.0.1',
    date: '2027-03-15T00:00:00.000Z',
    kind: 'instance',
    software: { version: '1.2.3' },
    implementation: { url: 'https://slots.example' },
    format: ['application/fhir+json', 'json'],
    patchFormat: ['application/json-patch+json'],
  });
});

test('it lists what is mounted and nothing else', () => {
  expect(resources.map(({ type }) => type)).toEqual(['Slot', 'Schedule', 'Patient', 'StructureDefinition']);
  expect(resourceOf('Slot')?.interaction?.map(({ code }) => code)).toEqual(['read', 'vread', 'create', 'search-type']);
  expect(resourceOf('Slot')).toMatchObject({ versioning: 'versioned', conditionalCreate: true });
  expect(resourceOf('Slot')).not.toHaveProperty('updateCreate');
  expect(resourceOf('Patient')).not.toHaveProperty('searchParam');
});

test('it names our profiles on a type', () => {
  expect(resourceOf('Slot')?.supportedProfile).toEqual([
    'https://fhir-slots.dev/fhir/StructureDefinition/fhir-slots-slot',
  ]);
  expect(resourceOf('Patient')).not.toHaveProperty('supportedProfile');
});

test('it lists operations at their type, with their definitions', () => {
  const definition = 'https://fhir-slots.dev/fhir/OperationDefinition/Slot-';
  expect(resourceOf('Slot')?.operation).toEqual([
    { name: 'lock', definition: `${definition}lock` },
    { name: 'unlock', definition: `${definition}unlock` },
  ]);
  expect(resourceOf('Schedule')).not.toHaveProperty('operation');
  const meta = [{ name: 'meta', definition: 'http://hl7.org/meta' }];
  expect([resourceOf('Patient')?.operation, statement.rest?.[0]?.operation]).toEqual([meta, meta]);
});

test('its search parameters are those that searches understand', () => {
  const names = resourceOf('Slot')?.searchParam?.map(({ name }) => name);
  expect(names).toEqual([...searchParametersOf('Slot').keys()]);
  expect(names).toEqual(expect.arrayContaining(['start', 'end', 'duration', 'schedule', 'status', '_id']));
  expect(resourceOf('Slot')?.searchInclude).toEqual(['*', 'Slot:schedule']);
  expect(resourceOf('Schedule')?.searchRevInclude).toEqual(['*', 'Slot:schedule']);
  expect(resourceOf('StructureDefinition')?.searchParam).toEqual([{ name: 'url', type: 'uri' }]);
});

test('each search parameter tells its modifiers', () => {
  const documentationOf = (name: string) =>
    resourceOf('Slot')?.searchParam?.find((parameter) => parameter.name === name)?.documentation;
  expect(documentationOf('status')).toMatch(/ Modifiers: :missing, :not\.$/);
  expect(documentationOf('schedule')).toMatch(/ Modifiers: :\[type\], :missing\.$/);
});

test('a search over several types takes what all of them have', () => {
  const names = statement.rest?.[0]?.searchParam?.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['_type', '_id', '_lastUpdated', '_tag']));
  expect(names).not.toContain('identifier');
});

test('only a type that reads versions has any, and only one that is updated asks for them', () => {
  expect([resourceOf('Slot')?.versioning, resourceOf('Schedule')?.versioning]).toEqual(['versioned', undefined]);
});

const TYPES = ['StructureDefinition', 'SearchParameter', 'OperationDefinition', 'CodeSystem', 'ValueSet'];
const definitions = TYPES.flatMap((type) => conformanceResources(type));
const isOurs = ({ url }: { readonly url: string }) => url.startsWith('https://fhir-slots.dev/');
const ours = definitions.filter(isOurs);

test.each(ours.map((it) => [it.url, it] as const))('%s is a valid definition', (_url, definition) => {
  expect(faultsOf(definition)).toEqual([]);
  expect(definition.url).toBe(`https://fhir-slots.dev/fhir/${definition.resourceType}/${definition.id}`);
});

test('the terminology of R4 is valid, and no two definitions of a type share an id', () => {
  expect(definitions.filter((one) => !isOurs(one)).flatMap(faultsOf)).toEqual([]);
  expect(new Set(definitions.map(({ resourceType, id }) => `${resourceType}/${id}`)).size).toBe(definitions.length);
});

test('our definitions are found by type', () => {
  const ours = ['Slot-duration', 'Slot-end', 'Slot-location'];
  expect(conformanceResources('StructureDefinition').map(({ id }) => id)).toContain('availability');
  expect(conformanceResources('SearchParameter').map(({ id }) => id)).toEqual(ours);
  expect(conformanceResources('Slot')).toEqual([]);
});

test('every served type can be validated', () => {
  for (const type of SERVED_TYPES) expect(() => validateResource({ resourceType: type }, type)).not.toThrow();
});
