/** Query parameters become a filter: https://hl7.org/fhir/R4/search.html, and group C1 of docs/scheduling-cases.md. */
import { describe, expect, test } from '@jest/globals';
import { SERVED_TYPES } from '../../server/fhir/index.js';
import { CHANGED_BY_ITSELF, EVERYTHING, parseSearch, type Filter } from '../../server/search/index.js';
import { BASE, CONTEXT, params, refusal } from './search-context.js';

const parse = (query: string, type = 'Slot') => parseSearch(type, params(query), CONTEXT);
const filterOf = (query: string, type?: string) => parse(query, type).filter;
const all = (...of: Filter[]): Filter => ({ kind: 'all', of });
const any = (...of: Filter[]): Filter => ({ kind: 'any', of });
const token = (param: string, code?: string, system?: string): Filter => ({
  kind: 'token',
  param,
  ...(system !== undefined && { system }),
  ...(code !== undefined && { code }),
});
const ref = (param: string, target: string): Filter => ({ kind: 'reference', param, target });
const date = (param: string, prefix: string, start: string, end: string) => ({
  kind: 'date',
  param,
  prefix,
  range: { startMs: Date.parse(start), endMs: Date.parse(end) },
});
const chain = (param: string, targetType: string, filter: Filter): Filter => ({
  kind: 'chain',
  param,
  targetType,
  filter,
});

const S1 = ref('schedule', 'Schedule/s1');
/** Conditions on a status are judged at the moment of the search. */
const AT_NOW = { atMs: CONTEXT.nowMs };
const status = (code: string): Filter => ({ ...token('status', code), ...AT_NOW });
const FREE = status('free');

describe('the searches of group C1', () => {
  test.each<[string, string, string, Filter]>([
    ['S01', 'Slot', 'schedule=Schedule/s1&status=free', all(S1, FREE)],
    ['S02', 'Slot', 'status=free,busy', any(FREE, status('busy'))],
    ['S03', 'Slot', 'status=free&status=busy', all(FREE, status('busy'))],
    ['S12 id', 'Slot', 'schedule=s1&status=free', all(S1, FREE)],
    ['S12 url', 'Slot', `schedule=${BASE}/Schedule/s1&status=free`, all(S1, FREE)],
    ['S13', 'Slot', 'schedule=Schedule/none', ref('schedule', 'Schedule/none')],
    ['S14', 'Slot', 'schedule.actor=Practitioner/p1', chain('schedule', 'Schedule', ref('actor', 'Practitioner/p1'))],
    [
      'S15',
      'Slot',
      'schedule:Schedule.actor:Practitioner.identifier=http://npi|111',
      chain('schedule', 'Schedule', chain('actor', 'Practitioner', token('identifier', '111', 'http://npi'))),
    ],
    [
      'S16',
      'Slot',
      'schedule.actor:Practitioner.name=Núñez',
      chain(
        'schedule',
        'Schedule',
        chain('actor', 'Practitioner', { kind: 'string', param: 'name', text: 'nunez', match: 'starts' }),
      ),
    ],
    ['S17 system|code', 'Schedule', 'service-type=http://ex.org/v|fu', token('service-type', 'fu', 'http://ex.org/v')],
    ['S17 |code', 'Schedule', 'service-type=|fu', token('service-type', 'fu', '')],
    ['S17 code', 'Schedule', 'service-type=fu', token('service-type', 'fu')],
    ['S17 system|', 'Schedule', 'service-type=http://ex.org/v|', token('service-type', undefined, 'http://ex.org/v')],
    ['S18', 'Slot', 'status:not=free', { kind: 'not', of: FREE }],
    [
      'S34',
      'Schedule',
      'actor=Practitioner/p1&active=true&_revinclude=Slot:schedule',
      all(ref('actor', 'Practitioner/p1'), token('active', 'true')),
    ],
    [
      'S36',
      'Appointment',
      'patient.identifier=urn:oid:9.9|x',
      chain('patient', 'Patient', token('identifier', 'x', 'urn:oid:9.9')),
    ],
  ])('%s: GET /%s?%s', (_row, type, query, filter) => expect(filterOf(query, type)).toEqual(filter));

  test.each<[string, string, object]>([
    ['S04', 'start=ge2027-03-15T13:30:00Z', date('start', 'ge', '2027-03-15T13:30:00Z', '2027-03-15T13:30:01Z')],
    ['S05', 'start=eq2027-03-15', date('start', 'eq', '2027-03-15', '2027-03-16')],
    ['S05 bare', 'start=2027-03-15', date('start', 'eq', '2027-03-15', '2027-03-16')],
    ['S06', 'start=gt2027-03-15', date('start', 'gt', '2027-03-15', '2027-03-16')],
    ['S07', 'start=le2027-03-15', date('start', 'le', '2027-03-15', '2027-03-16')],
    ['S08', 'start=ge2027-03-15T09:30:00-04:00', date('start', 'ge', '2027-03-15T13:30:00Z', '2027-03-15T13:30:01Z')],
    [
      'S09 escaped',
      'start=ge2027-03-15T14:30:00%2B01:00',
      date('start', 'ge', '2027-03-15T13:30:00Z', '2027-03-15T13:30:01Z'),
    ],
    [
      'S09 raw +',
      'start=ge2027-03-15T14:30:00+01:00',
      date('start', 'ge', '2027-03-15T13:30:00Z', '2027-03-15T13:30:01Z'),
    ],
    ['S11', 'start=eq2027-03', date('start', 'eq', '2027-03-01', '2027-04-01')],
    ['S26', 'end=le2027-03-15T14:00:00Z', date('end', 'le', '2027-03-15T14:00:00Z', '2027-03-15T14:00:01Z')],
    ['S33', 'date=ge2027-06-01', date('date', 'ge', '2027-06-01', '2027-06-02')],
  ])('%s: %s', (row, query, leaf) => expect(filterOf(query, row === 'S33' ? 'Schedule' : 'Slot')).toEqual(leaf));

  test('S05: a bare day of a Slot is a day of the Schedule; other days are of the server', () => {
    const parsed = parseSearch('Slot', params('start=eq2027-03-15&_lastUpdated=2027-03-15'), {
      ...CONTEXT,
      slotZone: 'America/New_York',
    });
    const changed = { param: CHANGED_BY_ITSELF, ...AT_NOW };
    const updated = date('_lastUpdated', 'eq', '2027-03-15', '2027-03-16') as Filter;
    expect(parseSearch('Schedule', params('_lastUpdated=2027-03-15'), CONTEXT).filter).toEqual(updated);
    expect(parsed.filter).toEqual(
      all(
        date('start', 'eq', '2027-03-15T04:00:00Z', '2027-03-16T04:00:00Z') as Filter,
        // What changed by itself counts, unless nothing did.
        any(all({ kind: 'missing', missing: true, ...changed }, updated), { ...updated, ...changed }),
      ),
    );
    expect(parsed.hasLocalSlotTimes).toBe(true);
    expect(parse('start=ge2027-03-15T14:30:00Z&end=le2027-03-15T14:30:00+01:00').hasLocalSlotTimes).toBe(false);
    expect(parse('start=ge2027-03-15T14:30:00').hasLocalSlotTimes).toBe(true);
    expect(parse('status=free&_lastUpdated=2027').hasLocalSlotTimes).toBe(false);
  });

  test('S10: a date that there is not, and what is no date, are refused by name', () => {
    for (const value of ['ge2027-13-45', 'gexyz', '2027-02-29', 'ge2027-03-15T25:00:00Z', 'zz2027', 'ge']) {
      expect(refusal(() => parse(`start=${value}`))).toMatchObject({ kind: 'invalid', expression: 'start' });
    }
  });

  test('S19, S20, S21: includes, and the old name of :iterate', () => {
    const parsed = parse('_include=Slot:schedule&_include:iterate=Schedule:actor:Practitioner&_include:recurse=Slot:*');
    expect(parsed.includes).toEqual([
      { sourceType: 'Slot', param: 'schedule', iterate: false, reverse: false },
      { sourceType: 'Schedule', param: 'actor', targetType: 'Practitioner', iterate: true, reverse: false },
      { sourceType: 'Slot', param: '*', iterate: true, reverse: false },
    ]);
    expect(parse('_include=*').includes).toEqual([{ sourceType: 'Slot', param: '*', iterate: false, reverse: false }]);
    expect(parse('_revinclude=*').revIncludes[0]).toMatchObject({ sourceType: '*', param: '*' });
    expect(parse('_revinclude:iterate=Slot:schedule', 'Schedule').revIncludes).toEqual([
      { sourceType: 'Slot', param: 'schedule', iterate: true, reverse: true },
    ]);
  });

  test('S22: several sorts, each way', () => {
    expect(parse('_sort=-start,status,_lastUpdated').sort).toEqual([
      { param: 'start', descending: true },
      { param: 'status', descending: false, ...AT_NOW },
      { param: '_lastUpdated', descending: false, ...AT_NOW },
    ]);
    expect(parse('_sort=_lastUpdated', 'Schedule').sort).toEqual([{ param: '_lastUpdated', descending: false }]);
  });

  test('S24, S32: how much to answer', () => {
    expect(parse('_count=0')).toMatchObject({ count: 0 });
    expect(parse('')).toMatchObject({ count: 50, filter: { kind: 'all', of: [] }, total: undefined, after: undefined });
    expect(parse('_summary=count&_total=accurate')).toMatchObject({ summary: 'count', total: 'accurate' });
    expect(parse('_elements=start,end').elements).toEqual(['start', 'end']);
  });

  test('S25: what is not known is ignored and told; with handling=strict refused', () => {
    const parsed = parse('foo=bar&status=free&near=1%7C2&_include=Slot:nothing');
    expect(parsed.applied).toEqual([['status', 'free']]);
    expect(parsed.ignored).toEqual(['foo', 'near', '_include']);
    expect(parsed.remarks).toHaveLength(3);
    expect(parsed.filter).toEqual(FREE);
    const strict = () => parseSearch('Slot', params('status=free&foo=bar'), { ...CONTEXT, strict: true });
    expect(refusal(strict)).toMatchObject({ kind: 'invalid', expression: 'foo' });
  });

  test('S27: what GP Connect sends', () => {
    const parsed = parse('status=free&start=ge2027-03-15&end=le2027-03-15&_include=Slot:schedule&searchFilter=x|y');
    expect(parsed.ignored).toEqual(['searchFilter']);
    expect(parsed.applied.map(([name]) => name)).toEqual(['status', 'start', 'end', '_include']);
  });

  test('S37: a page holds 1,000 at most, and the self link says so', () => {
    const parsed = parse('_count=100000');
    expect(parsed).toMatchObject({ count: 1_000, applied: [['_count', '1000']] });
    expect(parsed.remarks).toHaveLength(1);
    expect(parse('_count=1000').remarks).toEqual([]);
  });
});

describe('references', () => {
  test.each([
    ['a version', 'schedule=Schedule/s1/_history/3', 'Slot', S1],
    ['a version of an absolute one', `schedule=${BASE}/Schedule/s1/_history/3`, 'Slot', S1],
    ['the type as modifier', 'schedule:Schedule=s1', 'Slot', S1],
    ['the type twice', 'schedule:Schedule=Schedule/s1', 'Slot', S1],
    [
      'another server',
      'schedule=https://other.example/Schedule/s1',
      'Slot',
      ref('schedule', 'https://other.example/Schedule/s1'),
    ],
    ['a URN', 'based-on=urn:uuid:1', 'Appointment', ref('based-on', 'urn:uuid:1')],
    ['several', 'schedule=s1,Schedule/s2', 'Slot', any(S1, ref('schedule', 'Schedule/s2'))],
    ['the same twice', 'schedule=s1,s1', 'Slot', S1],
  ])('%s: %s', (_what, query, type, filter) => expect(filterOf(query, type)).toEqual(filter));

  test('a bare id is looked for under every type that the reference may lead to', () => {
    expect(filterOf('slot=a', 'Appointment')).toEqual(ref('slot', 'Slot/a'));
    expect(filterOf('actor:Practitioner=p1', 'Schedule')).toEqual(ref('actor', 'Practitioner/p1'));
    const { of } = filterOf('actor=p1', 'Schedule') as unknown as { of: { target: string }[] };
    expect(of.map(({ target }) => target).sort()).toEqual(
      ['Device', 'HealthcareService', 'Location', 'Patient', 'Practitioner', 'PractitionerRole', 'RelatedPerson'].map(
        (type) => `${type}/p1`,
      ),
    );
    expect(filterOf('supporting-info=x', 'Appointment')).toHaveProperty('of.length', SERVED_TYPES.length);
  });

  test.each([
    'schedule=x/y/z',
    'schedule=Patient/q1',
    'schedule:Patient=q1',
    'schedule:Schedule=Patient/q1',
    'schedule=',
    'schedule=s1,',
    'schedule=%23inside',
    'schedule=not a ref!!',
    `schedule=${BASE}/nonsense`,
    `schedule=${'a'.repeat(65)}`,
  ])('refused: %s', (query) => {
    expect(refusal(() => parse(query))).toMatchObject({ kind: 'invalid', expression: query.split('=')[0] });
  });
});

describe('tokens', () => {
  test.each([
    ['a\\,b', token('service-type', 'a,b')],
    ['s\\|x|a', token('service-type', 'a', 's|x')],
    ['a\\|b', token('service-type', 'a|b')],
    ['a\\$b', token('service-type', 'a$b')],
    ['a\\\\', token('service-type', 'a\\')],
    ['a\\\\,b', any(token('service-type', 'a\\'), token('service-type', 'b'))],
    ['a\\x', token('service-type', 'a\\x')],
    ['a\\', token('service-type', 'a\\')],
  ])('escapes: %s', (value, filter) => {
    expect(parseSearch('Slot', [['service-type', value]], CONTEXT).filter).toEqual(filter);
  });

  test('the system of a code that its binding tells may be named; another finds nothing', () => {
    expect(filterOf('status=http://hl7.org/fhir/slotstatus|free')).toEqual(FREE);
    expect(filterOf('status=http://hl7.org/fhir/slotstatus|')).toEqual({
      kind: 'missing',
      param: 'status',
      missing: false,
      ...AT_NOW,
    });
    expect(filterOf('status=http://other|free')).toEqual({ ...token('status', 'free', 'http://other'), ...AT_NOW });
  });

  test(':not turns the whole list around, :missing asks for a value', () => {
    expect(filterOf('status:not=free,busy')).toEqual({ kind: 'not', of: any(FREE, status('busy')) });
    expect(filterOf('service-type:missing=true')).toEqual({ kind: 'missing', param: 'service-type', missing: true });
    expect(filterOf('status:missing=true')).toEqual({ kind: 'missing', param: 'status', missing: true, ...AT_NOW });
    expect(filterOf('slot.status=free', 'Appointment')).toEqual(chain('slot', 'Slot', FREE));
    expect(filterOf('schedule.date:missing=false')).toEqual(
      chain('schedule', 'Schedule', { kind: 'missing', param: 'date', missing: false }),
    );
  });

  test('_id is a token of its own', () => {
    expect(filterOf('_id=a,b')).toEqual(any(token('_id', 'a'), token('_id', 'b')));
    expect(filterOf('_id:not=a')).toEqual({ kind: 'not', of: token('_id', 'a') });
  });

  test.each(['_id', '_lastUpdated'])('%s is never missing', (code) => {
    expect(filterOf(`${code}:missing=false`)).toEqual(EVERYTHING);
    expect(filterOf(`${code}:missing=true`)).toEqual(any());
    expect(filterOf(`schedule.${code}:missing=false`)).toEqual(chain('schedule', 'Schedule', EVERYTHING));
  });

  test.each([
    'status:text=x',
    'status:missing=maybe',
    'status=|',
    'status=a|b|c',
    'status=',
    'status=,free',
    '_id=a|b',
    '_id=ü',
    '_id:missing=x',
    '_lastUpdated:missing=',
    'start:not=2027',
    'status:=x',
    'status:not:not=free',
  ])('refused: %s', (query) => {
    expect(refusal(() => parse(query))).toMatchObject({ kind: 'invalid', expression: query.split('=')[0] });
  });
});

describe('strings, numbers, URIs', () => {
  test.each([
    ['name=%20De  LA', { text: 'de la', match: 'starts' }],
    ['name:contains=ÑEZ', { text: 'nez', match: 'contains' }],
    ['name:exact=Núñez', { text: 'Núñez', match: 'exact' }],
    ['name=a\\,b', { text: 'a,b', match: 'starts' }],
  ])('%s', (query, leaf) => {
    expect(filterOf(query, 'Practitioner')).toEqual({ kind: 'string', param: 'name', ...leaf });
  });

  test('a text that every name begins with is no condition, so it is refused', () => {
    for (const query of ['name=', 'name=%20', 'name:contains=%CC%81', 'name:missing=1', 'name:below=x']) {
      expect(refusal(() => parse(query, 'Practitioner'))).toMatchObject({ kind: 'invalid' });
    }
  });

  test('numbers and URIs', () => {
    const slot = (value: string) => filterOf(`slot.duration=${value}`, 'Appointment');
    const number = (prefix: string, value: number) =>
      chain('slot', 'Slot', { kind: 'number', param: 'duration', prefix, value } as Filter);
    expect(slot('20')).toEqual(number('eq', 20));
    expect(slot('gt20.5')).toEqual(number('gt', 20.5));
    expect(slot('le-1e2')).toEqual(number('le', -100));
    for (const value of ['abc', 'gt', '1e999', '0x10', '1'.repeat(40), ' 1']) {
      expect(refusal(() => slot(value))).toMatchObject({ kind: 'invalid', expression: 'slot.duration' });
    }
    expect(filterOf('_profile=http://ex.org/p')).toEqual({ kind: 'uri', param: '_profile', value: 'http://ex.org/p' });
  });
});

describe('chains', () => {
  test('without a type: any type that the reference may lead to and that has the parameter', () => {
    const chained = filterOf('schedule.actor.name=smith') as unknown as { filter: { of: { targetType: string }[] } };
    expect(chained.filter.of.map(({ targetType }) => targetType).sort()).toEqual(
      ['HealthcareService', 'Location', 'Patient', 'Practitioner', 'RelatedPerson'].sort(),
    );
    expect(filterOf('actor.birthdate=1990', 'Schedule')).toMatchObject({ kind: 'any' });
    expect(filterOf('actor.role=x', 'Schedule')).toEqual(chain('actor', 'PractitionerRole', token('role', 'x')));
  });

  test('values between commas are alternatives at the end of the chain', () => {
    expect(filterOf('schedule.actor=Practitioner/p1,Location/l1')).toEqual(
      chain('schedule', 'Schedule', any(ref('actor', 'Practitioner/p1'), ref('actor', 'Location/l1'))),
    );
    expect(filterOf('schedule._id=s1')).toEqual(chain('schedule', 'Schedule', token('_id', 's1')));
  });

  test('an unknown parameter at the end: ignored; no reference, another type, too far: refused', () => {
    expect(parse('schedule.nothing=x&based-on.status=x')).toMatchObject({
      ignored: ['schedule.nothing', 'based-on.status'],
    });
    for (const name of [
      'status.code',
      'schedule:Patient.name',
      'schedule.actor.organization.partof.partof.name',
      'schedule:missing.actor',
    ]) {
      expect(refusal(() => parse(`${name}=x`))).toMatchObject({ kind: 'invalid', expression: name });
    }
  });
});

describe('result parameters', () => {
  test.each(['_count', '_sort', '_total', '_summary', '_elements', '_after'])('%s may stand once', (name) => {
    const value = { _count: '5', _sort: 'start', _total: 'none', _summary: 'true', _elements: 'start', _after: 'x' }[
      name
    ];
    const query = name === '_after' ? '_after=x&_after=y' : `${name}=${value}&${name}=${value}`;
    expect(refusal(() => parse(query))).toMatchObject({ kind: 'invalid', expression: name });
  });

  test.each([
    '_count=-1',
    '_count=ten',
    '_count=1.5',
    '_count=',
    '_count:x=1',
    '_sort=nothing',
    '_sort=',
    '_sort=start,',
    '_sort:desc=start',
    '_total=exact',
    '_summary=all',
    '_elements=start,$x',
    '_elements=',
    '_include=schedule',
    '_include=Slot:',
    '_include=Slot:schedule:Schedule:x',
    '_include:all=Slot:schedule',
  ])('refused: %s', (query) => {
    expect(refusal(() => parse(query))).toMatchObject({ kind: 'invalid', expression: query.split('=')[0] });
  });

  test('the self link names what was honoured, in order; the format is accepted', () => {
    const query = '_format=json&status=free&x=1&_sort=start&_pretty=true&start=ge2027&_count=2000';
    expect(parse(query).applied).toEqual([
      ['_format', 'json'],
      ['status', 'free'],
      ['_sort', 'start'],
      ['_pretty', 'true'],
      ['start', 'ge2027'],
      ['_count', '1000'],
    ]);
  });
});
