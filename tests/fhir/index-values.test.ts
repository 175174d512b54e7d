/**
 * What a search can see of a resource, by the definitions of R4. The values are compared with what fhirpath itself
 * finds, so that the quick way through dotted paths is no other way.
 */
import { describe, expect, test } from '@jest/globals';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { indexValuesOf, searchParametersOf, SERVED_TYPES } from '../../server/fhir/index.js';
import { selectorOf } from '../../server/fhir/index-values-select.js';
import { RESOURCES } from './index-values-resources.js';

const CONTEXT = { zone: 'America/New_York', ownBases: ['http://own.example/fhir'] };
const ms = (text: string) => Date.parse(text);
const of = (type: string, rest: object) => indexValuesOf({ resourceType: type, ...rest }, CONTEXT);

describe('selection', () => {
  const branches = SERVED_TYPES.flatMap((type) =>
    [...searchParametersOf(type).values()].flatMap((definition) =>
      definition.branches.map(({ expression }) => ({ type, expression })),
    ),
  );

  test.each(branches)('$type: $expression finds what fhirpath finds', ({ type, expression }) => {
    const ours = selectorOf(expression);
    for (const resource of RESOURCES.filter(({ resourceType }) => resourceType === type)) {
      const theirs = fhirpath.evaluate(structuredClone(resource), expression, undefined, r4) as unknown[];
      expect(ours(resource)).toEqual(theirs);
    }
  });

  test('every parameter finds something in the example resources, so that none is tested on nothing', () => {
    const empty = SERVED_TYPES.flatMap((type) => {
      const found = RESOURCES.filter(({ resourceType }) => resourceType === type).flatMap((resource) =>
        Object.keys(indexValuesOf({ meta: RESOURCES[0]?.['meta'], ...resource }, CONTEXT)),
      );
      return (
        [...searchParametersOf(type).keys()]
          // The parts of a position are its values.
          .filter((code) => !found.some((one) => one === code || one.startsWith(`${code}:l`)))
          .map((code) => `${type}.${code}`)
      );
    });
    expect(empty.filter((code) => !/\._(id|lastUpdated)$/.test(code))).toEqual([
      // Another name for a chain, which has no values of its own.
      'Slot.-location',
      'AppointmentResponse.location',
      'AppointmentResponse.patient',
    ]);
  });

  test('a resource is left as it was, frozen or not, hidden properties included', () => {
    for (const resource of RESOURCES) {
      const frozen = deepFreeze(structuredClone(resource));
      expect(() => indexValuesOf(frozen, CONTEXT)).not.toThrow();
      const copy = structuredClone(resource);
      indexValuesOf(copy, CONTEXT);
      expect(hiddenNames(copy)).toEqual([]);
    }
  });

  test('what is no resource of ours has no values', () => {
    for (const thing of [null, 'x', {}, { resourceType: 'Observation', id: 'x' }, { resourceType: '__proto__' }]) {
      expect(indexValuesOf(thing, CONTEXT)).toEqual({});
    }
  });
});

describe('values', () => {
  test('_id and _lastUpdated are columns of the stores; _tag, _security and _profile are values', () => {
    const values = indexValuesOf(RESOURCES[0], CONTEXT);
    expect(Object.keys(values)).not.toContain('_id');
    expect(Object.keys(values)).not.toContain('_lastUpdated');
    expect(values['_tag']).toEqual([
      { kind: 'token', system: 'http://ex.org/tag', code: 'a' },
      { kind: 'token', code: 'b' },
    ]);
    expect(values['_security']).toEqual([{ kind: 'token', system: 'http://ex.org/sec', code: 'R' }]);
    expect(values['_profile']).toEqual([{ kind: 'uri', value: 'http://ex.org/profile' }]);
  });

  test('token: one value a coding, codes and booleans bare, Identifier and ContactPoint by system and value', () => {
    const slot = indexValuesOf(RESOURCES[0], CONTEXT);
    expect(slot['status']).toEqual([{ kind: 'token', code: 'free' }]);
    expect(slot['identifier']).toEqual([
      { kind: 'token', system: 'http://npi', code: '111' },
      { kind: 'token', code: 'bare' },
    ]);
    expect(slot['service-type']).toEqual([
      { kind: 'token', system: 'http://ex.org/v', code: 'fu' },
      { kind: 'token', code: 'fu-local' },
      // Words alone: there is a value, but no code.
      { kind: 'token' },
    ]);
    expect(of('Schedule', { active: false })['active']).toEqual([{ kind: 'token', code: 'false' }]);
    const patient = of('Patient', { telecom: [{ system: 'phone', use: 'work', value: '1' }, { value: '2' }] });
    expect(patient['telecom']).toEqual([
      { kind: 'token', system: 'phone', code: '1' },
      { kind: 'token', code: '2' },
    ]);
    expect(patient['phone']).toEqual([{ kind: 'token', system: 'phone', code: '1' }]);
    expect(patient['email']).toBeUndefined();
    expect(patient['deceased']).toEqual([{ kind: 'token', code: 'false' }]);
    expect(of('Patient', { deceasedBoolean: true })['deceased']).toEqual([{ kind: 'token', code: 'true' }]);
  });

  test('reference: own base and version away, others as they stand, contained and logical ones not at all', () => {
    expect(indexValuesOf(RESOURCES[2], CONTEXT)['actor']).toEqual([
      { kind: 'reference', target: 'Practitioner/p1' },
      { kind: 'reference', target: 'Location/l1' },
      { kind: 'reference', target: 'http://elsewhere.example/fhir/Device/d1' },
      { kind: 'reference', target: 'urn:uuid:0b3e7b3c-7a64-4a3c-8d0a-6d5c9b1c0a01' },
    ]);
    expect(indexValuesOf(RESOURCES[1], CONTEXT)['schedule']).toBeUndefined();
  });

  test('reference: where(resolve() is X) keeps the participants of that type', () => {
    const values = indexValuesOf(RESOURCES[4], CONTEXT);
    expect(values['patient']).toEqual([
      { kind: 'reference', target: 'Patient/q1' },
      { kind: 'reference', target: 'Patient/q2' },
    ]);
    expect(values['practitioner']).toEqual([{ kind: 'reference', target: 'Practitioner/p1' }]);
    expect(values['location']).toEqual([{ kind: 'reference', target: 'Location/l1' }]);
    const byType = of('Appointment', { participant: [{ actor: { reference: 'urn:uuid:1', type: 'Patient' } }] });
    expect(byType['patient']).toEqual([{ kind: 'reference', target: 'urn:uuid:1' }]);
    expect(byType['location']).toBeUndefined();
  });

  test('what several participants share is one value', () => {
    expect(indexValuesOf(RESOURCES[4], CONTEXT)['part-status']).toEqual(
      ['accepted', 'needs-action', 'tentative', 'declined'].map((code) => ({ kind: 'token', code })),
    );
  });

  test.each([
    ['2027-03-15T09:00:00-04:00', '2027-03-15T13:00:00Z', '2027-03-15T13:00:01Z'],
    ['2027-03-15T13:00:00.250Z', '2027-03-15T13:00:00.250Z', '2027-03-15T13:00:00.251Z'],
  ])('date: the instant %s', (text, start, end) => {
    expect(of('Slot', { start: text })['start']).toEqual([{ kind: 'date', startMs: ms(start), endMs: ms(end) }]);
  });

  test('date: days and Periods lie in the zone, a missing side is open', () => {
    const horizon = (planningHorizon: object) => of('Schedule', { planningHorizon })['date'];
    expect(horizon({ start: '2027-01-01', end: '2027-12-31' })).toEqual([
      { kind: 'date', startMs: ms('2027-01-01T05:00:00Z'), endMs: ms('2028-01-01T05:00:00Z') },
    ]);
    expect(horizon({ start: '2027' })).toEqual([
      { kind: 'date', startMs: ms('2027-01-01T05:00:00Z'), endMs: Infinity },
    ]);
    expect(horizon({ end: '2027-03' })).toEqual([
      { kind: 'date', startMs: -Infinity, endMs: ms('2027-04-01T04:00:00Z') },
    ]);
    expect(of('Patient', { birthDate: '1990-05' })['birthdate']).toEqual([
      { kind: 'date', startMs: ms('1990-05-01T04:00:00Z'), endMs: ms('1990-06-01T04:00:00Z') },
    ]);
  });

  test('string: every part of a name and of an address', () => {
    const texts = (values: readonly { kind: string }[] | undefined) =>
      values?.map((value) => (value as { text?: string }).text);
    const patient = indexValuesOf(RESOURCES[11], CONTEXT);
    expect(texts(patient['name'])).toEqual(['Dr Ána María Núñez', 'Núñez', 'Ána', 'María', 'Dr', 'Old', 'Jr']);
    expect(texts(patient['family'])).toEqual(['Núñez', 'Old']);
    expect(texts(patient['address'])).toEqual([
      ...['1 Main St, Springfield', '1 Main St', 'Flat 2', 'Springfield', 'Lane', 'OR', '97477', 'US'],
    ]);
    expect(texts(indexValuesOf(RESOURCES[8], CONTEXT)['name'])).toEqual(['Lakeside', 'The Lake', 'Lakeside Clinic']);
    expect(texts(indexValuesOf(RESOURCES[13], CONTEXT)['device-name'])).toEqual(['Scanner', 'A device', 'device text']);
  });

  test('our own: the end of a Slot, and its length in minutes', () => {
    const values = of('Slot', { start: '2027-03-14T01:30:00-05:00', end: '2027-03-14T03:00:00-04:00' });
    expect(values['end']).toEqual([
      { kind: 'date', startMs: ms('2027-03-14T07:00:00Z'), endMs: ms('2027-03-14T07:00:01Z') },
    ]);
    expect(values['duration']).toEqual([{ kind: 'number', value: 30 }]);
    expect(of('Slot', { start: '2027-03-14T01:30:00Z' })['duration']).toBeUndefined();
  });
});

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner as object);
  return Object.freeze(value);
}

function hiddenNames(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const hidden = Array.isArray(value)
    ? []
    : Object.getOwnPropertyNames(value).filter((name) => !Object.keys(value).includes(name));
  return [...hidden, ...Object.values(value).flatMap(hiddenNames)];
}
