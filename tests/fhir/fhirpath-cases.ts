/**
 * The cases that HL7 publishes for FHIRPath Patch, in JSON: https://github.com/FHIR/fhir-test-cases, file
 * r4/patch/fhir-path-tests.xml. Left out is 'Consecutive operations', whose result holds a value (`WW`) that neither
 * its input nor its patch has.
 */

type Json = Readonly<Record<string, unknown>>;

/** One operation, as a parameter. @param parts by name: `{ valueCode: 'male' }`, or a number for an index */
export function operation(type: string, path: string, parts: Readonly<Record<string, Json | number>> = {}): Json {
  const others = Object.entries(parts).map(([name, value]) => ({
    name,
    ...(typeof value === 'number' ? { valueInteger: value } : value),
  }));
  return {
    name: 'operation',
    part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...others],
  };
}

/** A FHIRPath Patch. */
export function patchOf(...operations: readonly Json[]): Json {
  return { resourceType: 'Parameters', ...(operations.length > 0 && { parameter: operations }) };
}

const patient = (elements: Json = {}): Json => ({ resourceType: 'Patient', ...elements });
const named = (name: string): Json => ({ valueString: name });
const numbered = (...numbers: readonly number[]): Json =>
  patient({ identifier: numbers.map((number) => identifier(number)) });
const identifier = (number: number): Json => ({ system: 'http://example.org', value: `value ${number}` });
const move = (source: number, destination: number): Json =>
  operation('move', 'Patient.identifier', { source, destination });
const insert = (index: number): Json =>
  operation('insert', 'Patient.identifier', { index, value: { valueIdentifier: identifier(3) } });

const BORN = patient({ birthDate: '1920-01-01' });
const CONTACT = { name: { text: 'a name' }, gender: 'male' };
const BEFORE_DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><b>Chalmers</b></div>';
const AFTER_DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><b>Chalmers1</b></div>';
const FULL = {
  id: 'example',
  active: true,
  birthDate: '1974-12-25',
  _birthDate: {
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: '1974-12-25' }],
  },
  deceasedBoolean: false,
  contact: [{ name: { family: 'du Marché', _family: { extension: [{ url: 'http://ex.org', valueString: 'VV' }] } } }],
};

/** Name, resource, operations, and what becomes of it; undefined where the patch is refused. */
export const CASES: readonly (readonly [string, Json, readonly Json[], Json | undefined])[] = [
  ['No Difference', BORN, [], BORN],
  [
    'Replace Primitive',
    BORN,
    [operation('replace', 'Patient.birthDate', { value: { valueDate: '1930-01-01' } })],
    patient({ birthDate: '1930-01-01' }),
  ],
  ['Delete Primitive', BORN, [operation('delete', 'Patient.birthDate')], patient()],
  [
    'Add Primitive',
    patient(),
    [operation('add', 'Patient', { name: named('birthDate'), value: { valueDate: '1930-01-01' } })],
    patient({ birthDate: '1930-01-01' }),
  ],
  [
    'Replace Nested Primitive #1',
    patient({ contact: [CONTACT] }),
    [operation('replace', 'Patient.contact[0].gender', { value: { valueCode: 'female' } })],
    patient({ contact: [{ ...CONTACT, gender: 'female' }] }),
  ],
  [
    'Replace Nested Primitive #2',
    patient({ contact: [CONTACT] }),
    [operation('replace', 'Patient.contact[0].name.text', { value: { valueString: 'the name' } })],
    patient({ contact: [{ ...CONTACT, name: { text: 'the name' } }] }),
  ],
  [
    'Delete Nested Primitive #1',
    patient({ contact: [CONTACT] }),
    [operation('delete', 'Patient.contact[0].gender')],
    patient({ contact: [{ name: CONTACT.name }] }),
  ],
  [
    'Delete Nested Primitive #2',
    patient({ contact: [CONTACT] }),
    [operation('delete', 'Patient.contact[0].name.text')],
    patient({ contact: [{ gender: 'male' }] }),
  ],
  [
    'Add Nested Primitive',
    patient({ contact: [{ name: CONTACT.name }] }),
    [operation('add', 'Patient.contact[0]', { name: named('gender'), value: { valueCode: 'male' } })],
    patient({ contact: [CONTACT] }),
  ],
  [
    'Add Complex',
    patient(),
    [
      operation('add', 'Patient', {
        name: named('maritalStatus'),
        value: { valueCodeableConcept: { text: 'married' } },
      }),
    ],
    patient({ maritalStatus: { text: 'married' } }),
  ],
  [
    'Replace Complex',
    patient({ maritalStatus: { id: '1', text: 'married' } }),
    [
      operation('replace', 'Patient.maritalStatus', {
        value: { valueCodeableConcept: { id: '2', text: 'not married' } },
      }),
    ],
    patient({ maritalStatus: { id: '2', text: 'not married' } }),
  ],
  [
    'Delete Complex',
    patient({ maritalStatus: { text: 'married' } }),
    [operation('delete', 'Patient.maritalStatus')],
    patient(),
  ],
  [
    'Add Anonymous Type',
    patient(),
    [
      operation('add', 'Patient', {
        name: named('contact'),
        value: { part: [{ name: 'name', valueHumanName: CONTACT.name }] },
      }),
    ],
    patient({ contact: [{ name: CONTACT.name }] }),
  ],
  [
    'Delete Anonymous Type',
    patient({ contact: [{ name: CONTACT.name }] }),
    [operation('delete', 'Patient.contact[0]')],
    patient(),
  ],
  ['List unchanged', numbered(1, 2), [], numbered(1, 2)],
  [
    'List unchanged, contents changed',
    numbered(1, 2),
    [
      operation('replace', 'Patient.identifier[0].value', { value: { valueString: 'value 2' } }),
      operation('replace', 'Patient.identifier[1].value', { value: { valueString: 'value 1' } }),
    ],
    numbered(2, 1),
  ],
  ['Add to list', numbered(1, 2), [insert(2)], numbered(1, 2, 3)],
  ['Insert in list #1', numbered(1, 2), [insert(1)], numbered(1, 3, 2)],
  ['Insert in list #2', numbered(1, 2), [insert(0)], numbered(3, 1, 2)],
  ['Delete from List #1', numbered(1, 2, 3), [operation('delete', 'Patient.identifier[0]')], numbered(2, 3)],
  ['Delete from List #2', numbered(1, 2, 3), [operation('delete', 'Patient.identifier[1]')], numbered(1, 3)],
  ['Delete from List #3', numbered(1, 2, 3), [operation('delete', 'Patient.identifier[2]')], numbered(1, 2)],
  ['Reorder List #1', numbered(1, 2, 3, 4), [move(3, 1)], numbered(1, 4, 2, 3)],
  ['Reorder List #2', numbered(1, 2, 3, 4), [move(3, 0)], numbered(4, 1, 2, 3)],
  ['Reorder List #3', numbered(1, 2, 3, 4), [move(3, 2)], numbered(1, 2, 4, 3)],
  ['Reorder List #4', numbered(1, 2, 3, 4), [move(0, 3)], numbered(2, 3, 4, 1)],
  ['Reorder List #5', numbered(1, 2, 3, 4), [move(1, 0), move(2, 1)], numbered(2, 3, 1, 4)],
  ['Reorder List #6', numbered(1, 2, 3, 4), [move(3, 0), move(3, 1), move(3, 2)], numbered(4, 3, 2, 1)],
  [
    'Operation on missing element',
    patient({ identifier: [{ use: 'official', value: '123' }] }),
    [
      operation('add', "Patient.identifier.where(use = 'official').period", {
        name: named('end'),
        value: { valueDate: '2021-12-01' },
      }),
    ],
    undefined,
  ],
  [
    'Operation on missing element #2',
    patient(),
    [operation('add', 'Patient', { name: named('identifier'), value: { valueIdentifier: identifier(3) } })],
    numbered(3),
  ],
  [
    'Full Resource',
    patient({ ...FULL, text: { status: 'generated', div: BEFORE_DIV }, name: [{ family: 'Chalmers' }] }),
    [
      operation('replace', 'Patient.text.div', { value: { valueString: AFTER_DIV } }),
      operation('replace', 'Patient.name[0].family', { value: { valueString: 'Chalmers1' } }),
    ],
    patient({ ...FULL, text: { status: 'generated', div: AFTER_DIV }, name: [{ family: 'Chalmers1' }] }),
  ],
];
