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
  patchFormats: ['application/json-patch+json', 'application/fhir+json'],
  system: ['history-system'],
  operations: [
    { type: 'Slot', code: 'lock', levels: ['instance'] },
    { type: 'Slot', code: 'unlock', levels: ['instance'] },
    { type: 'Patient', code: 'meta', levels: ['system', 'instance'], definition: 'http://hl7.org/meta' },
  ],
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
    patchFormat: ['application/json-patch+json', 'application/fhir+json'],
  });
  expect(statement.format).toEqual(expect.arrayContaining(['application/fhir+json', 'json']));
});

test('it lists what is mounted and nothing else', () => {
  expect(resources.map(({ type }) => type)).toEqual(['Slot', 'Schedule', 'Patient', 'StructureDefinition']);
  expect(resourceOf('Slot')?.interaction?.map(({ code }) => code)).toEqual(['read', 'vread', 'create', 'search-type']);
  expect(resourceOf('Slot')).toMatchObject({ versioning: 'versioned', conditionalCreate: true });
  expect(resourceOf('Slot')).not.toHaveProperty('updateCreate');
  expect(resourceOf('Patient')).not.toHaveProperty('searchParam');
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
  expect(resourceOf('Slot')?.searchInclude).toEqual(['Slot:schedule']);
  expect(resourceOf('Schedule')?.searchRevInclude).toEqual(['Slot:schedule']);
});

const definitions = ['StructureDefinition', 'SearchParameter', 'OperationDefinition', 'CodeSystem'].flatMap((type) =>
  conformanceResources(type),
);

test.each(definitions.map((it) => [it.url, it] as const))('%s is a valid definition', (_url, definition) => {
  expect(faultsOf(definition)).toEqual([]);
  expect(definition.url).toBe(`https://fhir-slots.dev/fhir/${definition.resourceType}/${definition.id}`);
});

test('our definitions are found by type', () => {
  expect(conformanceResources('StructureDefinition').map(({ id }) => id)).toContain('availability');
  expect(conformanceResources('SearchParameter').map(({ id }) => id)).toEqual(['Slot-duration', 'Slot-end']);
  expect(conformanceResources('Slot')).toEqual([]);
});

test('every served type can be validated', () => {
  for (const type of SERVED_TYPES) expect(() => validateResource({ resourceType: type }, type)).not.toThrow();
});
