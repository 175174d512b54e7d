/** `_has`, the chain against the direction of references: https://hl7.org/fhir/R4/search.html#has */
import { describe, expect, test } from '@jest/globals';
import { parseSearch, type Filter } from '../../server/search/index.js';
import { all, any, chain, referredBy, token } from './filters.js';
import { CONTEXT, params, refusal } from './search-context.js';

const parse = (query: string, type = 'Patient') => parseSearch(type, params(query), CONTEXT);
const ref = (param: string, target: string): Filter => ({ kind: 'reference', param, target });

describe('_has', () => {
  test.each<[string, string, string, Filter]>([
    [
      'one type that refers to another',
      'Practitioner',
      '_has:PractitionerRole:practitioner:specialty=a,b',
      referredBy(
        'PractitionerRole',
        'practitioner',
        'Practitioner',
        any(token('specialty', 'a'), token('specialty', 'b')),
      ),
    ],
    [
      'with a modifier of its parameter',
      'Practitioner',
      '_has:PractitionerRole:practitioner:specialty:not=a',
      referredBy('PractitionerRole', 'practitioner', 'Practitioner', { kind: 'not', of: token('specialty', 'a') }),
    ],
    [
      'one in another',
      'Location',
      '_has:PractitionerRole:location:_has:Schedule:actor:active=true',
      referredBy(
        'PractitionerRole',
        'location',
        'Location',
        referredBy('Schedule', 'actor', 'PractitionerRole', token('active', 'true')),
      ),
    ],
    [
      'followed by a chain',
      'Schedule',
      '_has:Slot:schedule:schedule.actor=Practitioner/p1',
      referredBy('Slot', 'schedule', 'Schedule', chain('schedule', 'Schedule', ref('actor', 'Practitioner/p1'))),
    ],
    [
      'at the end of a chain',
      'Slot',
      'schedule.actor:Practitioner._has:PractitionerRole:practitioner:active=true',
      chain(
        'schedule',
        'Schedule',
        chain(
          'actor',
          'Practitioner',
          referredBy('PractitionerRole', 'practitioner', 'Practitioner', token('active', 'true')),
        ),
      ),
    ],
    [
      'several: each has to be met',
      'Practitioner',
      '_has:Schedule:actor:_id=s1&_has:Schedule:actor:_id=s2',
      all(
        referredBy('Schedule', 'actor', 'Practitioner', token('_id', 's1')),
        referredBy('Schedule', 'actor', 'Practitioner', token('_id', 's2')),
      ),
    ],
  ])('%s: GET /%s?%s', (_what, type, query, filter) => {
    const parsed = parse(query, type);
    expect(parsed.filter).toEqual(filter);
    expect(parsed.applied).toHaveLength(query.split('&').length);
  });

  test.each([
    '_has',
    '_has:Appointment',
    '_has:Appointment:patient',
    '_has:Nothing:patient:status',
    '_has:Appointment:nothing:status',
    '_has:Appointment:patient:nothing',
    // No reference, and one that never leads to a Patient.
    '_has:Appointment:status:status',
    '_has:Slot:schedule:status',
  ])('is ignored and told where nothing refers so: %s', (name) => {
    expect(parse(`${name}=x`)).toMatchObject({ ignored: [name], remarks: [expect.stringContaining('_has')] });
  });

  test('a value that cannot be read is refused by the whole name', () => {
    const name = '_has:Appointment:patient:date';
    expect(refusal(() => parse(`${name}=x`))).toMatchObject({ kind: 'invalid', expression: name });
  });
});
