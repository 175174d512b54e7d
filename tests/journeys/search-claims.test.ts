/**
 * What R4 says of tokens, references, `:not`, `:missing` and the parameters of every resource, over HTTP on each store:
 * https://hl7.org/fhir/R4/search.html
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { hours, minutes, rule, scheduleWith } from '../booking/rule-builder.js';
import { idsOf, journeyStores, linkOf, startServer, startsOf, type TestServer } from './server.js';

const NOW = '2027-03-01T00:00:00Z';
const OTHER = 'http://other.example/fhir/Practitioner/p9';
const refersTo = (...references: string[]) => references.map((reference) => ({ reference }));

const PATIENTS: FhirResource[] = [
  {
    ...{ resourceType: 'Patient', id: 'q1', gender: 'male', birthDate: '1980-02-29', name: [{ family: 'Ångström' }] },
    identifier: [{ system: 'http://mrn', value: '1' }],
    generalPractitioner: refersTo('PractitionerRole/r1', OTHER),
  },
  {
    ...{ resourceType: 'Patient', id: 'q2', gender: 'female', deceasedBoolean: true },
    identifier: [{ value: '1' }, { system: 'http://mrn', value: '2' }],
    generalPractitioner: refersTo('Practitioner/r1'),
  },
  { resourceType: 'Patient', id: 'q3' },
];

const LABELLED: FhirResource = {
  ...{ resourceType: 'Location', id: 'l1', name: 'a,b', position: { latitude: 42.28, longitude: -83.74 } },
  identifier: [{ system: 'http://s|x', value: 'a,b|c$d\\e' }],
  meta: {
    tag: [{ system: 'http://t', code: 'x' }],
    profile: ['http://ex.org/p'],
    security: [{ system: 'http://sec', code: 'R' }],
    source: 'http://feed.example/in#7',
  },
};

/** q1 goes to r1, who works for o1, a part of o2, and whose Schedule has opening hours near the lake. */
const CLINIC: FhirResource[] = [
  { resourceType: 'Organization', id: 'o2', name: 'Lake County' },
  { resourceType: 'Organization', id: 'o1', name: 'Lakeside', partOf: { reference: 'Organization/o2' } },
  { ...LABELLED },
  { resourceType: 'Location', id: 'l2', position: { latitude: 0, longitude: 0 } },
  { resourceType: 'Practitioner', id: 'r1' },
  {
    ...{ resourceType: 'PractitionerRole', id: 'r1', practitioner: { reference: 'Practitioner/r1' } },
    organization: { reference: 'Organization/o1' },
  },
  ...[
    ['near', 'Location/l1', 'PractitionerRole/r1'],
    ['far', 'Location/l2', 'Device/d1'],
  ].map(([id = '', ...actors]) =>
    scheduleWith([rule(hours('09:00', '10:00'), minutes('duration', 30))], { id, actor: refersTo(...actors) }),
  ),
];

describe.each(journeyStores)('a search on $name', (store) => {
  let server: TestServer;
  const ids = async (path: string) => idsOf(await server.get(path));

  beforeAll(async () => {
    server = await startServer(store, NOW);
    await server.put({ resourceType: 'Device', id: 'd1' }, ...CLINIC, ...PATIENTS);
  });
  afterAll(() => server.close());

  test.each<[string, string[]]>([
    ['/Patient?identifier=1', ['q1', 'q2']],
    ['/Patient?identifier=http://mrn|1', ['q1']],
    ['/Patient?identifier=|1', ['q2']],
    ['/Patient?identifier=http://mrn|', ['q1', 'q2']],
    ['/Patient?identifier=http://mrn|1,http://mrn|2', ['q1', 'q2']],
    ['/Patient?identifier=1&identifier=2', ['q2']],
    ['/Patient?deceased=true', ['q2']],
    ['/Patient?gender=http://hl7.org/fhir/administrative-gender|male', ['q1']],
    ['/Location?identifier=a\\,b\\|c\\$d\\\\e', ['l1']],
    ['/Location?identifier=http://s\\|x|a\\,b\\|c\\$d\\\\e', ['l1']],
    ['/Location?identifier=http://s\\|x|', ['l1']],
    ['/Location?name=a,b', ['l1']],
    ['/Location?name=b', []],
    ['/Location?name:exact=a\\,b', ['l1']],
  ])('tokens and escapes: GET %s', async (path, found) => expect(await ids(path)).toEqual(found));

  test.each<[string, string[]]>([
    ['/Patient?gender:not=female', ['q1', 'q3']],
    ['/Patient?gender:not=female,male', ['q3']],
    ['/Patient?identifier:not=http://mrn|2', ['q1', 'q3']],
    ['/Patient?birthdate=ne1980', []],
    ['/Patient?identifier:missing=true', ['q3']],
    ['/Patient?identifier:missing=false', ['q1', 'q2']],
    ['/Patient?general-practitioner:missing=true', ['q3']],
    ['/Patient?birthdate:missing=false', ['q1']],
    ['/Patient?name:missing=true', ['q2', 'q3']],
    ['/Location?_source:missing=true', ['l2']],
  ])('what has no value: GET %s', async (path, found) => expect(await ids(path)).toEqual(found));

  test.each<[string, string[]]>([
    ['r1', ['q1', 'q2']],
    ['PractitionerRole/r1', ['q1']],
    ['PractitionerRole/r1/_history/1', ['q1']],
    ['http://127.0.0.1:8080/PractitionerRole/r1', ['q1']],
    ['http://127.0.0.1:8080/PractitionerRole/r1/_history/1', ['q1']],
    [OTHER, ['q1']],
    ['Practitioner/p9', []],
    ['PractitionerRole/r1,Practitioner/r1', ['q1', 'q2']],
  ])('the reference %s', async (reference, found) => {
    expect(await ids(`/Patient?general-practitioner=${reference}`)).toEqual(found);
  });

  test('a reference whose type the name tells', async () => {
    expect(await ids('/Patient?general-practitioner:Practitioner=r1')).toEqual(['q2']);
    const answer = await server.get('/Patient?general-practitioner:Practitioner=PractitionerRole/r1');
    expect(answer.status).toBe(400);
  });

  test.each<[string, string[]]>([
    ['_id=l2,l1', ['l1', 'l2']],
    ['_id:not=l1', ['l2']],
    ['_tag=http://t|x', ['l1']],
    ['_tag:not=x', ['l2']],
    ['_security=R', ['l1']],
    ['_profile=http://ex.org/p', ['l1']],
    ['_source=http://feed.example/in%237', ['l1']],
    ['_source=http://feed.example/in', []],
    ['_source:below=http://feed.example/', ['l1']],
    [`_lastUpdated=${NOW}`, ['l1', 'l2']],
    [`_lastUpdated=gt${NOW}`, []],
  ])('what every resource has: GET /Location?%s', async (query, found) => {
    expect(await ids(`/Location?${query}`)).toEqual(found);
  });

  describe('computed slots', () => {
    const DAY = 'start=2027-03-15&end=2027-03-15';
    const NEAR = ['2027-03-15T09:00:00+00:00', '2027-03-15T09:30:00+00:00'];

    test.each<[string, readonly string[]]>([
      ['schedule.actor:Location.near=42.3|-83.7', NEAR],
      ['schedule.actor:Location.near=42.3|-83.7|100|km&status=free', NEAR],
      ['schedule.actor:Location.near=42.3|-83.7|1|km', []],
      ['schedule.actor:PractitionerRole.organization.partof.name=lake%20county', NEAR],
      ['schedule.actor:PractitionerRole.organization.partof.name=nowhere', []],
      ['schedule.actor:PractitionerRole._has:Patient:general-practitioner:_id=q1', NEAR],
      ['schedule.actor:PractitionerRole._has:Patient:general-practitioner:_id=q2', []],
    ])('GET /Slot?%s', async (query, starts) => {
      expect(startsOf(await server.get(`/Slot?${query}&${DAY}`))).toEqual(starts);
    });
  });

  test.each(['_text', '_content', '_filter', '_query', '_list'])(
    '%s is not offered: it is left out and remarked, strictly it is refused',
    async (name) => {
      const path = `/Patient?${name}=x&_id=q1`;
      const answer = await server.get(path);
      expect([idsOf(answer), linkOf(answer, 'self')]).toEqual([['q1'], '/Patient?_id=q1']);
      const [, remark] = answer.body.entry ?? [];
      expect([remark?.search?.mode, JSON.stringify(remark?.resource)]).toEqual([
        'outcome',
        expect.stringContaining(name),
      ]);
      const strict = await server.http.get(path).set('Prefer', 'handling=strict');
      expect(strict.status).toBe(400);
    },
  );
});
