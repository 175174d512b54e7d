/** Searches over several types, over HTTP on each store: https://hl7.org/fhir/R4/http.html#search */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CapabilityStatement } from 'fhir/r4.js';
import { hours, minutes, rule } from '../booking/rule-builder.js';
import { APPOINTMENTS, SCHEDULES, SLOTS } from './fixture.js';
import { includedOf, journeyStores, linkOf, matchesOf, startServer, type Answer, type TestServer } from './server.js';

const namesOf = (answer: Pick<Answer, 'body'>) =>
  matchesOf(answer).map(({ resourceType, id }) => `${resourceType}/${String(id)}`);

describe.each(journeyStores)('a search over several types on $name', (store) => {
  let server: TestServer;
  const names = async (path: string) => namesOf(await server.get(path));

  beforeAll(async () => {
    server = await startServer(store, '2027-03-15T00:00:00Z');
    await server.put(...SCHEDULES, ...SLOTS, ...APPOINTMENTS);
  });
  afterAll(() => server.close());

  test.each<[string, string[]]>([
    ['_type=Patient,Location', ['Patient/q1', 'Patient/q2', 'Location/l1']],
    ['_type=Location,Patient&_id=q1,l1', ['Location/l1', 'Patient/q1']],
    ['_type=Patient', ['Patient/q1', 'Patient/q2']],
    ['_type=Patient,Patient&_sort=-_id', ['Patient/q2', 'Patient/q1']],
    ['_id=q1,s1,A', ['Schedule/s1', 'Slot/A', 'Patient/q1']],
    ['_type=Schedule,Appointment&actor=Practitioner/p1', ['Schedule/s1', 'Appointment/a1']],
    ['_type=Slot,Appointment&status=proposed,busy', ['Slot/C', 'Appointment/a2']],
    ['_type=Patient,Location&_has:Appointment:actor:status=booked', ['Patient/q1']],
    ['_type=Location&_lastUpdated=lt2020', []],
  ])('GET /?%s', async (query, expected) => expect(await names(`/?${query}`)).toEqual(expected));

  test('pages follow each other over the borders of types, and each tells the total that was asked for', async () => {
    const seen: string[][] = [];
    let path: string | undefined = '/?_type=Patient,Location,Schedule,Practitioner&_count=2&_total=accurate';
    while (path !== undefined) {
      const answer = await server.get(path);
      expect(answer.body.total).toBe(7);
      expect(linkOf(answer, 'self')).toContain('/?_type=Patient,Location,Schedule,Practitioner&_count=2');
      seen.push(namesOf(answer));
      path = linkOf(answer, 'next');
    }
    expect(seen).toEqual([
      ['Patient/q1', 'Patient/q2'],
      ['Location/l1', 'Schedule/s1'],
      ['Schedule/s2', 'Practitioner/p1'],
      ['Practitioner/p2'],
    ]);
  });

  test('a page that ends with the last match of all is the last', async () => {
    const answer = await server.get('/?_type=Patient,RelatedPerson,Device&_count=2');
    expect([namesOf(answer).length, answer.body.total, linkOf(answer, 'next')]).toEqual([2, 2, undefined]);
  });

  test.each<[string, string[]]>([
    ['_type=Location,Patient,Practitioner&_sort=_id', ['Location/l1', 'Practitioner/p1', 'Practitioner/p2']],
    ['_type=Location,Patient,Practitioner&_sort=-_id', ['Patient/q2', 'Patient/q1', 'Practitioner/p2']],
    ['_type=Location,Patient,Practitioner&_sort=_lastUpdated', ['Location/l1', 'Patient/q1', 'Patient/q2']],
    ['_type=Schedule,Slot&_sort=-_lastUpdated,-_id', ['Schedule/s2', 'Schedule/s1', 'Slot/H']],
    ['_type=Practitioner,Location&_sort=name', ['Practitioner/p1', 'Location/l1', 'Practitioner/p2']],
    ['_type=Slot,Appointment&_sort=-status', ['Appointment/a2', 'Slot/A', 'Slot/B']],
  ])('GET /?%s: one order over all types, and the same in pages of any size', async (query, first) => {
    const whole = await names(`/?${query}`);
    expect(whole.slice(0, 3)).toEqual(first);
    for (const count of [1, 2, 3]) {
      const seen: string[] = [];
      let path: string | undefined = `/?${query}&_count=${count}`;
      while (path !== undefined && seen.length <= whole.length) {
        const answer = await server.get(path);
        seen.push(...namesOf(answer));
        path = linkOf(answer, 'next');
      }
      expect(seen).toEqual(whole);
    }
  });

  test('what one type does not know is left out for all, and told; strict: refused', async () => {
    const answer = await server.get('/?_type=Patient,Location&gender=male&_id=q1');
    expect(namesOf(answer)).toEqual(['Patient/q1']);
    expect(linkOf(answer, 'self')).not.toContain('gender');
    const strict = server.http.get('/?_type=Patient,Location&gender=male').set('Prefer', 'handling=strict');
    expect((await strict).status).toBe(400);
  });

  test('_summary=count and _count=0 are the total alone', async () => {
    for (const how of ['_summary=count', '_count=0']) {
      const { body } = await server.get(`/?_type=Patient,Schedule&${how}`);
      expect([body.total, body.entry]).toEqual([4, undefined]);
    }
  });

  test('includes of every type come along; * means the references of each', async () => {
    const answer = await server.get('/?_type=Slot,Appointment&_id=A,a2&_include=*');
    expect(namesOf(answer)).toEqual(['Slot/A', 'Appointment/a2']);
    expect(includedOf(answer).sort()).toEqual(['Patient/q2', 'Schedule/s1']);
  });

  test('computed slots are among the Slots', async () => {
    const own = await startServer(store, '2027-03-15T00:00:00Z');
    await own.put(...SCHEDULES, {
      ...SCHEDULES[6]!,
      extension: [rule(hours('09:00', '10:00'), minutes('duration', 30))],
    } as never);
    const answer = await own.get('/?_type=Location,Slot&_count=100');
    expect(namesOf(answer)[0]).toBe('Location/l1');
    expect(namesOf(answer)).toHaveLength(1 + 7 * 2);
    const [first, ...rest] = [await own.get('/?_type=Location,Slot&_count=4')];
    const second = await own.get(linkOf(first, 'next') ?? '');
    expect([...namesOf(first), ...namesOf(second), ...rest]).toEqual(namesOf(answer).slice(0, 8));
    await own.close();
  });

  test('Slots alone: as GET /Slot, with its window, its total and its links', async () => {
    const own = await startServer(store, '2027-03-15T00:00:00Z');
    const extension = [rule(hours('09:00', '10:00'), minutes('duration', 30))];
    await own.put(...SCHEDULES, { ...SCHEDULES[6]!, extension } as never);
    for (const query of ['schedule=Schedule/s2&_count=4', 'status=free&_count=4', 'schedule=Schedule/s2&duration=30']) {
      const [alone, among] = [await own.get(`/Slot?${query}`), await own.get(`/?_type=Slot&${query}`)];
      const asked = linkOf(alone, 'self')?.replace('/Slot?', '/?_type=Slot&');
      expect([namesOf(among), among.body.total, linkOf(among, 'self')]).toEqual([
        namesOf(alone),
        alone.body.total,
        asked,
      ]);
    }
    // Behind Locations, too, the window stays that of the first page.
    const first = await own.get('/?_type=Location,Slot&_count=2');
    own.clock.ms += 86_400_000;
    const [second, third] = [await own.get(linkOf(first, 'next') ?? ''), await own.get('/?_type=Slot&_count=2')];
    expect(namesOf(second)[0]).not.toBe(namesOf(third)[0]);
    expect(linkOf(second, 'self')).toContain('_window=2027-03-15');
    await own.close();
  });

  test('a form asks the same', async () => {
    const answer = await server.http.post('/_search').type('form').send({ _type: 'Patient', _id: 'q2' });
    expect(namesOf(answer)).toEqual(['Patient/q2']);
  });

  test('GET /Patient/{id}/*: all that belongs to a patient', async () => {
    await server.put({ resourceType: 'RelatedPerson', id: 'r1', patient: { reference: 'Patient/q1' } });
    const answer = await server.get('/Patient/q1/*');
    expect(namesOf(answer)).toEqual(['Appointment/a1', 'Patient/q1', 'RelatedPerson/r1']);
    expect(linkOf(answer, 'self')).toMatch(/\/Patient\/q1\/\*$/);
    expect(await names('/Patient/q1/*?_type=RelatedPerson')).toEqual(['RelatedPerson/r1']);
    const first = await server.get('/Patient/q1/*?_count=1');
    expect(await names(linkOf(first, 'next') ?? '')).toEqual(['Patient/q1']);
    expect((await server.get('/Patient/q1/*?_type=Slot')).status).toBe(400);
  });

  test.each([
    ['_type=Nothing', '_type'],
    ['_type=Patient,', '_type'],
    ['_type=', '_type'],
    ['_type=Patient&_type=Slot', '_type'],
    ['_type=Patient,Location&_sort=birthdate', '_sort'],
    ['_type=Patient&_after=x', '_after'],
    ['_type=Patient&_after=Slot.', '_after'],
    ['_type=Patient&_after=Patient.x', '_after'],
    ['_type=Patient,Location&_sort=_id&_after=Slot.x', '_after'],
    ['_type=Patient,Location&_sort=_id&_after=Location.x', '_after'],
    ['_type=Patient&_id=ü', '_id'],
  ])('GET /?%s is refused by the name of %s', async (query, name) => {
    const { status, body } = await server.get(`/?${encodeURI(query)}`);
    expect([status, body.issue?.[0]?.expression]).toEqual([400, [name]]);
  });

  test('GET /metadata tells it; nothing else is done at these places', async () => {
    const { rest } = (await server.get('/metadata')).body as CapabilityStatement;
    expect(rest?.[0]?.interaction).toContainEqual({ code: 'search-system' });
    expect((await server.get('/_search')).status).toBe(405);
    expect((await server.http.put('/')).status).toBe(405);
  });
});
