/** What a differential asks of a resource beyond R4: one fault an element, with its place. */
import { expect, test } from '@jest/globals';
import { Findings } from '../../server/fhir/findings.js';
import { judgeByProfiles } from '../../server/fhir/index.js';
import { judgeByProfile } from '../../server/fhir/profile-pass.js';
import { profileRules, type DifferentialElement } from '../../server/fhir/profile-rules.js';
import { appointment, slot } from './valid-resources.js';

const URL = 'https://fhir-slots.dev/fhir/StructureDefinition';

/** The faults by a profile on Patient that has one rule, or several. */
function faults(resource: object, ...elements: readonly (DifferentialElement & Record<string, unknown>)[]): string[] {
  const findings = new Findings();
  judgeByProfile(resource, { url: 'p', type: 'Patient', rules: profileRules(elements) }, findings);
  return findings.reasons().map(({ kind, expression }) => `${kind} ${expression}`);
}

const pictured = { id: 'Patient.extension:a', type: [{ profile: ['http://x.example/a'] }] };
const withExtensions = (...urls: string[]) => ({ extension: urls.map((url) => ({ url, valueCode: 'x' })) });

test.each<[string, object, DifferentialElement & Record<string, unknown>, string[]]>([
  ['too few', {}, { id: 'Patient.name', min: 1 }, ['required Patient.name']],
  ['enough', { name: [{}] }, { id: 'Patient.name', min: 1 }, []],
  ['an extension stands in', { _birthDate: { extension: [] } }, { id: 'Patient.birthDate', min: 1 }, []],
  ['too many', { name: [{}, {}] }, { id: 'Patient.name', max: '1' }, ['invalid Patient.name']],
  ['forbidden', { active: false }, { id: 'Patient.active', max: '0' }, ['invalid Patient.active']],
  ['a hint', {}, { id: 'Patient.name', mustSupport: true }, []],
  [
    'an element of an element, in each that is there',
    { contact: [{ name: {} }, {}] },
    { id: 'Patient.contact.name', min: 1 },
    ['required Patient.contact[1].name'],
  ],
  ['of one that is not there', {}, { id: 'Patient.contact.name', min: 1 }, []],
  ['a fixed value', { active: false }, { id: 'Patient.active', fixedBoolean: true }, ['invalid Patient.active']],
  ['as it is fixed', { active: true }, { id: 'Patient.active', fixedBoolean: true }, []],
  [
    'another pattern',
    { maritalStatus: { coding: [{ system: 's', code: 'M' }] } },
    { id: 'Patient.maritalStatus', patternCodeableConcept: { coding: [{ code: 'S' }] } },
    ['invalid Patient.maritalStatus'],
  ],
  [
    'more than the pattern',
    { maritalStatus: { coding: [{ code: 'X' }, { system: 's', code: 'S' }], text: 't' } },
    { id: 'Patient.maritalStatus', patternCodeableConcept: { coding: [{ code: 'S' }] } },
    [],
  ],
  ['a choice', { deceasedBoolean: false }, { id: 'Patient.deceased[x]', max: '0' }, ['invalid Patient.deceased']],
  [
    'a code of no narrower value set',
    { status: 'proposed' },
    {
      id: 'Patient.status',
      binding: {
        strength: 'required',
        valueSet: 'https://fhir-slots.dev/fhir/ValueSet/appointment-status-taking-time',
      },
    },
    ['code-invalid Patient.status'],
  ],
  [
    'a slice that is missing',
    withExtensions('http://x.example/b'),
    { ...pictured, min: 1 },
    ['required Patient.extension'],
  ],
  ['a slice that is there', withExtensions('http://x.example/b', 'http://x.example/a'), { ...pictured, min: 1 }, []],
  [
    'a slice too often',
    withExtensions('http://x.example/a', 'http://x.example/b', 'http://x.example/a'),
    { ...pictured, max: '1' },
    ['invalid Patient.extension'],
  ],
])('%s', (_name, resource, element, expected) => {
  expect(faults(resource, element)).toEqual(expected);
});

test('what lies in a slice is asked of that slice alone', () => {
  const extension = [
    { url: 'http://x.example/b', valueCode: 'x' },
    { url: 'http://x.example/a', valueCode: 'x' },
  ];
  const inside = { id: 'Patient.extension:a.value[x]', fixedCode: 'y' };
  expect(faults({ extension }, pictured, inside)).toEqual(['invalid Patient.extension[1].value']);
});

test.each([
  ['fhir-slots-slot', slot],
  ['fhir-slots-appointment', appointment],
])('%s: what books passes', (profile, resource) => {
  const { resourceType } = resource;
  expect(judgeByProfiles(resource, resourceType, [`${URL}/${profile}`])).toEqual({ reasons: [], unknown: [] });
});

test('a version that is not here, and a profile of nobody, are told as unknown, once each', () => {
  const unknown = [`${URL}/fhir-slots-slot|0.9`, 'http://x.example/p'];
  expect(judgeByProfiles(slot, 'Slot', [...unknown, ...unknown])).toEqual({ reasons: [], unknown });
});

test.each([[null], ['Slot'], [[]], [{ extension: 'x', schedule: null, status: {} }]])(
  '%j harms nothing',
  (resource) => {
    expect(() => judgeByProfiles(resource, 'Slot', [`${URL}/fhir-slots-slot`])).not.toThrow();
  },
);
