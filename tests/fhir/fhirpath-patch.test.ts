/** FHIRPath Patch: https://hl7.org/fhir/R4/fhirpatch.html */
import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../server/base/fault.js';
import { applyPatch, parseJson, printJson } from '../../server/fhir/index.js';
import { FHIRPATH_BRACKETS_MAX, FHIRPATH_CHARACTERS_MAX, FHIRPATH_WORK_MAX } from '../../server/fhir/fhirpath-guard.js';
import { PATCH_OPERATIONS_MAX } from '../../server/fhir/json-patch.js';
import { CASES, operation, patchOf } from './fhirpath-cases.js';

/** The text of a resource after a patch, both as text. */
const patched = (resource: string, patch: string) =>
  printJson(applyPatch(parseJson(resource).exact, { kind: 'fhirpath', body: parseJson(patch) }));

/** A resource after operations. */
function after(resource: object, ...operations: readonly object[]): unknown {
  const patch = JSON.stringify({ resourceType: 'Parameters', parameter: operations });
  return JSON.parse(patched(JSON.stringify({ resourceType: 'Patient', ...resource }), patch)) as unknown;
}

/** Kind, place and message of the refusal of a path that is to be deleted, or of other operations. */
function refusalOf(asked: string | readonly object[], resource: object = {}): string {
  try {
    after(resource, ...(typeof asked === 'string' ? [operation('delete', asked)] : asked));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const [{ kind, expression, message } = { kind: 'none' }] = error.reasons;
    return `${kind} at ${expression}: ${message}`;
  }
  return 'none';
}

const add = (path: string, name: string, what: object) =>
  operation('add', path, { name: { valueString: name }, value: what as Record<string, unknown> });
const replace = (path: string, what: object) => operation('replace', path, { value: what as Record<string, unknown> });

test.each(CASES)('of HL7: %s', (_, resource, operations, result) => {
  const before = JSON.stringify(resource);
  const run = () => JSON.parse(patched(before, JSON.stringify(patchOf(...operations)))) as unknown;
  if (result) expect(run()).toEqual(result);
  else expect(run).toThrow('nothing is there');
});

describe('elements', () => {
  test('digits stay as they were written, and those that a value brings', () => {
    const location = '{"resourceType":"Location","position":{"longitude":1.50,"latitude":2.00}}';
    const part = '{"name":"value","valueDecimal":3.10}';
    const path = '{"name":"path","valueString":"Location.position.latitude"}';
    const parts = `[{"name":"type","valueCode":"replace"},${path},${part}]`;
    const patch = `{"resourceType":"Parameters","parameter":[{"name":"operation","part":${parts}}]}`;
    expect(patched(location, patch)).toBe('{"resourceType":"Location","position":{"longitude":1.50,"latitude":3.10}}');
  });

  test('a choice takes the name of the type that comes, and is added once', () => {
    const dead = after(
      { deceasedBoolean: true, _deceasedBoolean: { id: 'd' } },
      replace('Patient.deceased', { valueDateTime: '2027' }),
    );
    expect(dead).toEqual({ resourceType: 'Patient', deceasedDateTime: '2027' });
    expect(after({}, add('Patient', 'deceased', { valueBoolean: false }))).toMatchObject({ deceasedBoolean: false });
    expect(refusalOf([add('Patient', 'deceased', { valueDateTime: '2027' })], { deceasedBoolean: true })).toMatch(
      /^rule at Parameters.parameter\[0\]: .*replace it/,
    );
    expect(refusalOf([add('Patient', 'deceased', { valueString: 'x' })])).toContain('valueBoolean, valueDateTime');
    expect(after({ deceasedBoolean: true }, operation('delete', 'Patient.deceased.ofType(boolean)'))).toEqual({
      resourceType: 'Patient',
    });
  });

  test('what stands beside a primitive moves, goes and comes with it', () => {
    const name = [{ given: ['a', null, 'c'], _given: [null, { id: 'b' }, { id: 'c' }] }];
    const given = (...operations: readonly object[]) => (after({ name }, ...operations) as { name: object[] }).name[0];
    const path = 'Patient.name.given';
    expect(given(operation('move', path, { source: 2, destination: 0 }))).toEqual({
      ...{ given: ['c', 'a', null], _given: [{ id: 'c' }, null, { id: 'b' }] },
    });
    expect(given(operation('delete', `${path}[2]`))).toEqual({ given: ['a', null], _given: [null, { id: 'b' }] });
    expect(given(replace(`${path}[2]`, { valueString: 'd', _valueString: { id: 'd' } }))).toMatchObject({
      ...{ given: ['a', null, 'd'], _given: [null, { id: 'b' }, { id: 'd' }] },
    });
    expect(given(operation('insert', path, { index: 1, value: { valueString: 'x' } }))).toMatchObject({
      ...{ given: ['a', 'x', null, 'c'], _given: [null, null, { id: 'b' }, { id: 'c' }] },
    });
  });

  test('extensions of primitives, by parts: they come, change, and leave nothing empty behind', () => {
    const parts = [
      { name: 'url', valueUri: 'http://ex.org/x' },
      { name: 'value', valueString: 'x' },
    ];
    const born = { birthDate: '2000-01-01' };
    const extended = { ...born, _birthDate: { extension: [{ url: 'http://ex.org/x', valueString: 'x' }] } };
    expect(after(born, add('Patient.birthDate', 'extension', { part: parts }))).toMatchObject(extended);
    const path = "Patient.birthDate.extension('http://ex.org/x')";
    expect(after(extended, replace(`${path}.value`, { valueCode: 'c' }))).toMatchObject({
      _birthDate: { extension: [{ url: 'http://ex.org/x', valueCode: 'c' }] },
    });
    expect(after(extended, operation('delete', path))).toEqual({ resourceType: 'Patient', ...born });
  });

  test('within contained resources, and whole ones', () => {
    const contained = [{ resourceType: 'Organization', id: 'o', name: 'x' }];
    expect(after({ contained }, replace('Patient.contained[0].name', { valueString: 'y' }))).toMatchObject({
      contained: [{ name: 'y' }],
    });
    const resource = { resourceType: 'Organization', id: 'n', name: 'z' };
    expect(after({ contained }, add('Patient', 'contained', { resource }))).toMatchObject({
      contained: [{ id: 'o' }, resource],
    });
  });

  test('parts repeat for elements that do, and nest', () => {
    const telecom = (phone: string) => ({ name: 'telecom', valueContactPoint: { value: phone } });
    const name = {
      name: 'name',
      part: [
        { name: 'given', valueString: 'a' },
        { name: 'given', valueString: 'b' },
      ],
    };
    expect(after({}, add('Patient', 'contact', { part: [telecom('1'), telecom('2'), name] }))).toMatchObject({
      contact: [{ telecom: [{ value: '1' }, { value: '2' }], name: { given: ['a', 'b'] } }],
    });
  });
});

describe('refused, saying what to do', () => {
  const two = { name: [{ given: ['a'] }, { given: ['b', 'c'] }] };

  test.each<[string, readonly object[], RegExp]>([
    ['several to delete', [operation('delete', 'Patient.name')], /^rule .*2 elements.*index/],
    ['several to replace', [replace('Patient.name.given', { valueString: 'x' })], /^rule .*3 elements/],
    ['several to add to', [add('Patient.name', 'text', { valueString: 'x' })], /^rule .*2 elements/],
    ['nothing to replace', [replace('Patient.gender', { valueCode: 'male' })], /^rule .*nothing is there/],
    ['the resource itself', [operation('delete', 'Patient')], /^rule .*the resource itself/],
    ['a list that is none', [operation('insert', 'Patient', { index: 0, value: {} })], /^invalid|^rule/],
    ['several lists', [operation('move', 'Patient.name.given', { source: 0, destination: 1 })], /^rule .*several/],
    ['a part of a list', [operation('move', 'Patient.name.first()', { source: 0, destination: 1 })], /^rule .*part/],
    ['no list yet', [operation('insert', 'Patient.photo', { index: 0, value: { valueString: 'x' } })], /^rule .*add/],
    [
      'too far',
      [operation('insert', 'Patient.name', { index: 3, value: { valueHumanName: {} } })],
      /^rule .*2 at most/,
    ],
    ['from nowhere', [operation('move', 'Patient.name', { source: 2, destination: 0 })], /^rule .*0 to 1/],
    ['to nowhere', [operation('move', 'Patient.name', { source: 0, destination: 2 })], /^rule .*0 to 1/],
    ['an unknown element', [add('Patient', 'colour', { valueString: 'red' })], /^invalid .*no element 'colour'/],
    ['another complex type', [add('Patient', 'name', { valueAddress: {} })], /^invalid .*takes a valueHumanName/],
    ['a value for parts', [add('Patient', 'contact', { valueHumanName: {} })], /^invalid .*each as a part/],
    ['parts for a primitive', [add('Patient', 'gender', { part: [] })], /^invalid .*takes a valueCode/],
    [
      'one part twice',
      [add('Patient', 'contact', { part: Array(2).fill({ name: 'gender', valueCode: 'male' }) })],
      /^invalid .*once/,
    ],
    ['what is no element', [operation('delete', "'x'")], /^rule .*no element/],
    ['what is not read', [operation('delete', 'Patient.name[')], /^invalid .*bracket/],
    ['what fails', [operation('delete', 'Patient.name.single()')], /^invalid .*no FHIRPath/],
    ['no operation', [{ name: 'op' }], /^invalid at Parameters.parameter\[0\].name/],
    ['no type', [{ name: 'operation', part: [{ name: 'path', valueString: 'Patient' }] }], /^required .*type/],
    ['another type', [operation('test', 'Patient')], /^invalid .*add, insert, delete, replace or move/],
    ['another part', [operation('delete', 'Patient.name', { from: { valueString: 'x' } })], /^invalid .*source/],
    ['two values', [replace('Patient.gender', { valueCode: 'male', valueString: 'x' })], /^invalid .*one value/],
    [
      'no number',
      [operation('move', 'Patient.name', { source: { valueString: '0' }, destination: 1 })],
      /valueInteger/,
    ],
  ])('%s', (_, operations, said) => {
    expect(refusalOf(operations, two)).toMatch(said);
  });

  test('what a patch does not find to delete was gone already', () => {
    expect(refusalOf('Patient.name[7].given')).toBe('none');
  });
});

describe('paths', () => {
  test.each([
    "Patient.name.where(use = 'official' and given.exists()).period",
    "Patient.name.where($this is HumanName and (given.first() = 'a' or family.startsWith('b')) != true)",
    'Patient.name[0].given.last()',
    "Patient.name.where(period.start >= @2020-01-01 and given.where($this = 'x').empty())",
    "Patient.`name`.skip(1).take(1).extension('http://x')",
    'Patient.multipleBirth.ofType(integer).where($this > -1)',
  ])('%s is one', (path) => {
    expect(refusalOf(path)).toBe('none');
  });

  test.each([
    ...['Patient.descendants()', 'Patient.repeat(link)', '%resource.name', 'Patient.link.other.resolve()'],
    ...["Patient.name.where(family.matches('(a+)+$'))", 'Patient.name | Patient.link', 'Patient.name ~ Patient.name'],
    ...["Patient.name.where(given = 5 'mg')", '3 days', 'Patient { active: true }', 'Patient.name.where()'],
    ...['Patient.name.first(1)', 'iif(true, Patient.name)', 'Patient.name.where(now() > @2020)', 'Patient; Patient'],
    ...[
      'Patient.name.select($total)',
      '/* */ Patient',
      "Patient.name.trace('x')",
      'Patient.name)(',
      'Patient.where(a(',
    ],
  ])('%s is none', (path) => {
    expect(refusalOf(path)).toMatch(/^invalid at Parameters.parameter\[0\]: /);
  });

  test('FHIRPATH_CHARACTERS_MAX', () => {
    const path = (length: number) => `Patient.${'x'.repeat(length - 'Patient.'.length)}`;
    expect(refusalOf(path(FHIRPATH_CHARACTERS_MAX))).toBe('none');
    expect(refusalOf(path(FHIRPATH_CHARACTERS_MAX + 1))).toContain(`${FHIRPATH_CHARACTERS_MAX} characters`);
  });

  test('FHIRPATH_BRACKETS_MAX', () => {
    const path = (depth: number) => `${'('.repeat(depth)}Patient.name${')'.repeat(depth)}`;
    expect(refusalOf(path(FHIRPATH_BRACKETS_MAX))).toBe('none');
    expect(refusalOf(path(FHIRPATH_BRACKETS_MAX + 1))).toContain(`${FHIRPATH_BRACKETS_MAX} times`);
  });
});

describe('work', () => {
  const gone = (count: number) => Array.from({ length: count }, () => operation('delete', 'Patient.photo'));

  test('PATCH_OPERATIONS_MAX', () => {
    expect(refusalOf(gone(PATCH_OPERATIONS_MAX))).toBe('none');
    expect(refusalOf(gone(PATCH_OPERATIONS_MAX + 1))).toContain(`${PATCH_OPERATIONS_MAX + 1}`);
  });

  test('FHIRPATH_WORK_MAX: the larger the resource, the fewer paths', () => {
    const name = Array.from({ length: 8_000 }, (_, at) => ({ family: `f${at}` }));
    // Three words and what a copy costs, by all values; and what reading the path costs.
    const cost = 6 * (2 * name.length + 3) + 'Patient.photo'.length * 25;
    const count = Math.floor(FHIRPATH_WORK_MAX / cost);
    expect(refusalOf(gone(count), { name })).toBe('none');
    const place = `Parameters.parameter[${count}]`;
    expect(refusalOf(gone(count + 1), { name })).toBe(
      `too-costly at ${place}: Its paths would cost more than ${FHIRPATH_WORK_MAX}. ` +
        'Send fewer operations, shorter paths, or a JSON Patch.',
    );
  });
});
