/** Modifiers that look at other values than a parameter's own: https://hl7.org/fhir/R4/search.html#modifiers */
import { describe, expect, test } from '@jest/globals';
import { indexValuesOf } from '../../server/fhir/index.js';
import { evaluate, parseSearch, type Filter } from '../../server/search/index.js';
import { any, chain } from './filters.js';
import { BASE, CONTEXT, params, refusal } from './search-context.js';

const filterOf = (query: string, type: string) => parseSearch(type, params(query), CONTEXT).filter;
const token = (param: string, code: string, system?: string): Filter => ({
  ...{ kind: 'token', param, code },
  ...(system !== undefined && { system }),
});
const uri = (value: string): Filter => ({ kind: 'uri', param: '_profile', value });

/** Whether a resource meets a search of its type. */
function meets(resource: { readonly resourceType: string }, query: string): boolean {
  const index = indexValuesOf(resource, { zone: 'UTC', ownBases: [BASE] });
  return evaluate(filterOf(query, resource.resourceType), { id: 'a', updatedMs: 0, index }, () => false);
}

describe(':identifier', () => {
  test.each<[string, Filter]>([
    ['patient:identifier=http://mrn|7', token('patient:identifier', '7', 'http://mrn')],
    ['patient:identifier=7', token('patient:identifier', '7')],
    ['patient:identifier=|7', token('patient:identifier', '7', '')],
    ['slot.schedule:identifier=7', chain('slot', 'Slot', token('schedule:identifier', '7'))],
  ])('%s', (query, filter) => expect(filterOf(query, 'Appointment')).toEqual(filter));

  test.each([
    ['actor:identifier=http://mrn|7', true],
    ['patient:identifier=7', true],
    ['practitioner:identifier=7', false],
    ['actor:identifier=http://other|7', false],
    ['patient:identifier=http://mrn|8', false],
  ])('looks at the identifier in the reference, by the type that this one tells: %s', (query, expected) => {
    const actor = { type: 'Patient', identifier: { system: 'http://mrn', value: '7' } };
    expect(meets({ resourceType: 'Appointment', ...{ participant: [{ actor }] } }, query)).toBe(expected);
  });
});

describe(':of-type', () => {
  const TYPE = 'http://terminology.hl7.org/CodeSystem/v2-0203';

  test.each([
    [`${TYPE}|MR|7`, true],
    [`${TYPE}|MC|7`, false],
    [`${TYPE}|MR|8`, false],
    ['http://other|MR|7', false],
  ])('%s', (value, expected) => {
    const identifier = [{ type: { coding: [{ system: TYPE, code: 'MR' }] }, system: 'http://mrn', value: '7' }];
    const patient = { resourceType: 'Patient', identifier };
    expect(meets(patient, `identifier:of-type=${value}`)).toBe(expected);
    expect(meets(patient, 'identifier=http://mrn|7')).toBe(true);
  });

  test.each([
    ['without a value', { type: { coding: [{ system: TYPE, code: 'MR' }] } }],
    ['without the system of its type', { type: { coding: [{ code: 'MR' }] }, value: '7' }],
    ['without the code of its type', { type: { coding: [{ system: TYPE }] }, value: '7' }],
  ])('an identifier %s has nothing to be found by', (_, identifier) => {
    const patient = { resourceType: 'Patient', identifier: [identifier] };
    expect(indexValuesOf(patient, { zone: 'UTC', ownBases: [BASE] })).not.toHaveProperty('identifier:of-type');
  });

  test.each(['7', 'MR|7', `${TYPE}|MR|`, `|MR|7`, `${TYPE}|MR|7|8`])('refused: %s', (value) => {
    expect(refusal(() => filterOf(`identifier:of-type=${value}`, 'Patient')).expression).toBe('identifier:of-type');
  });
});

describe(':above and :below of URLs', () => {
  test('below: whatever begins so', () => {
    expect(filterOf('_profile:below=http://ex.org/fhir/', 'Slot')).toEqual({
      ...uri('http://ex.org/fhir/'),
      below: true,
    });
  });

  test('above: each path that leads there, and itself', () => {
    const of = ['http://ex.org', 'http://ex.org/', 'http://ex.org/a', 'http://ex.org/a/', 'http://ex.org/a/b'];
    expect(filterOf('_profile:above=http://ex.org/a/b', 'Slot')).toEqual(any(...of.map(uri)));
    expect(filterOf('_profile:above=http://ex.org', 'Slot')).toEqual(uri('http://ex.org'));
  });

  test.each([
    '_profile:below=urn:oid:1.2',
    '_profile:above=urn:oid:1.2',
    '_profile:below=ex.org',
    '_profile:in=http://x',
  ])('refused: %s', (query) => expect(refusal(() => filterOf(query, 'Slot'))).toMatchObject({ kind: 'invalid' }));
});

test.each([
  'status:text=x',
  'service-type:in=http://vs',
  'service-type:below=x',
  'actor:above=x',
  'name:of-type=a|b|c',
])('not supported, and said so: %s', (query) => {
  const type = query.startsWith('name') ? 'Practitioner' : query.startsWith('actor') ? 'Schedule' : 'Slot';
  expect(refusal(() => filterOf(query, type)).message).toContain('is not supported');
});
