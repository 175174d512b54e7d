/** Modifiers that look at other values than a parameter's own, and `near`, over HTTP on each store. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { idsOf, journeyStores, startServer, type TestServer } from './server.js';

const MRN = 'http://ex.org/mrn';
const TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';
const identifier = (value: string, code: string) => [
  { type: { coding: [{ system: TYPES, code }] }, system: MRN, value },
];
const proposed = (id: string, value: string): FhirResource => ({
  ...{ resourceType: 'Appointment', id, status: 'proposed' },
  participant: [
    { actor: { type: 'Patient', identifier: { system: MRN, value }, display: 'By name' }, status: 'accepted' },
  ],
});
const at = (id: string, latitude: number, longitude: number): FhirResource => ({
  ...{ resourceType: 'Location', id, position: { latitude, longitude } },
});
const profiled = (id: string, profile: string): FhirResource => ({
  resourceType: 'Location',
  id,
  meta: { profile: [profile] },
});

describe.each(journeyStores)('modifiers on $name', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(
      { resourceType: 'Patient', id: 'q1', identifier: identifier('7', 'MR') },
      { resourceType: 'Patient', id: 'q2', identifier: identifier('7', 'SS') },
      ...[proposed('a1', '7'), proposed('a2', '8')],
      ...[profiled('l1', 'http://ex.org/p/room'), profiled('l2', 'http://ex.org/p'), profiled('l3', 'http://other/p')],
      ...[at('fiji', -17.7, 178.1), at('samoa', -13.8, -171.8), at('lake', 42.28, -83.74)],
    );
  });
  afterAll(() => server.close());

  test.each<[string, string[]]>([
    [`/Appointment?patient:identifier=${MRN}|7`, ['a1']],
    ['/Appointment?actor:identifier=7,8', ['a1', 'a2']],
    ['/Appointment?practitioner:identifier=7', []],
    [`/Patient?identifier:of-type=${TYPES}|MR|7`, ['q1']],
    [`/Patient?identifier:of-type=${TYPES}|MR|7,${TYPES}|SS|7`, ['q1', 'q2']],
    [`/Patient?identifier:of-type=${TYPES}|MR|8`, []],
    ['/Location?_profile:below=http://ex.org/p', ['l1', 'l2']],
    ['/Location?_profile:above=http://ex.org/p/room/small', ['l1', 'l2']],
    ['/Location?_profile:above=http://ex.org/p', ['l2']],
    ['/Location?_profile=http://ex.org/p', ['l2']],
    ['/Location?near=42.3|-83.7', ['lake']],
    ['/Location?near=-15|-179|1200|km', ['fiji', 'samoa']],
    ['/Location?near=-15|179|1200|km,42.3|-83.7', ['fiji', 'lake', 'samoa']],
    ['/Location?near:missing=false', ['fiji', 'lake', 'samoa']],
  ])('GET %s', async (path, expected) => expect(idsOf(await server.get(path))).toEqual(expected));

  test.each(['/Slot?status:text=free', '/Slot?service-type:in=http://vs', '/Location?partof:below=l1'])(
    'GET %s is refused, since it would not do what it says',
    async (path) => expect((await server.get(path)).status).toBe(400),
  );
});
