/** Which references of a tree lose the own base, and that nothing else of it changes. */
import { describe, expect, test } from '@jest/globals';
import { parseJson, printJson } from '../../server/fhir/index.js';
import { withRelativeBody, withRelativeReferences } from '../../server/fhir/relative-references.js';

const BASE = 'http://here.example/fhir';
const relative = (reference: unknown) => withRelativeReferences({ reference }, BASE).reference;

describe('a member `reference`', () => {
  test.each([
    [`${BASE}/Slot/a`, 'Slot/a'],
    [`${BASE}/Slot/a/_history/3`, 'Slot/a/_history/3'],
    [`${BASE}/Slot/a/b`, `${BASE}/Slot/a/b`],
    [`${BASE}/Slot`, `${BASE}/Slot`],
    [BASE, BASE],
    [`${BASE}2/Slot/a`, `${BASE}2/Slot/a`],
    ['https://here.example/fhir/Slot/a', 'https://here.example/fhir/Slot/a'],
    ['http://other.example/fhir/Slot/a', 'http://other.example/fhir/Slot/a'],
    ['Slot/a', 'Slot/a'],
    ['#a', '#a'],
    ['urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7', 'urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7'],
    ['', ''],
  ])('%s is %s', (written, stored) => expect(relative(written)).toBe(stored));

  test.each([[null], [1], [true]])('that is %s stays', (value) => expect(relative(value)).toBe(value));
});

test('it is found wherever it stands; other members with such a text stay', () => {
  const own = `${BASE}/Patient/q`;
  const tree = {
    implicitRules: own,
    contained: [{ actor: [{ reference: own }, { display: own }] }],
    extension: [{ url: own, valueReference: { reference: own, identifier: { assigner: { reference: own } } } }],
  };
  expect(withRelativeReferences(tree, BASE)).toEqual({
    implicitRules: own,
    contained: [{ actor: [{ reference: 'Patient/q' }, { display: own }] }],
    extension: [
      { url: own, valueReference: { reference: 'Patient/q', identifier: { assigner: { reference: 'Patient/q' } } } },
    ],
  });
  expect(tree.contained[0]?.actor[0]?.reference).toBe(own);
});

test('a tree without any is the very same object, and so is each part without one', () => {
  const other = { reference: 'Slot/a' };
  expect(withRelativeReferences(other, BASE)).toBe(other);
  expect(withRelativeReferences([other, { reference: `${BASE}/Slot/b` }], BASE)[0]).toBe(other);
});

test('a body keeps its digits and the order of its members, and its two readings stay one where they were', () => {
  const text = `{"a":1.50,"reference":"${BASE}/Slot/b","b":12345678901234567890}`;
  const { plain, exact } = withRelativeBody(parseJson(text), BASE);
  expect(printJson(exact)).toBe('{"a":1.50,"reference":"Slot/b","b":12345678901234567890}');
  expect(plain).toEqual({ a: 1.5, reference: 'Slot/b', b: 12345678901234567890 });
  const same = withRelativeBody(parseJson(`{"reference":"${BASE}/Slot/b"}`), BASE);
  expect(same.plain).toBe(same.exact);
});
