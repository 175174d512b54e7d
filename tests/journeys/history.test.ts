/** Histories of a resource, of a type and of all, over HTTP on each store: https://hl7.org/fhir/R4/http.html#history */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Location } from 'fhir/r4.js';
import { AT_VERSIONS_MAX } from '../../server/booking/history.js';
import { PASSED_STORED_MAX } from '../../server/booking/passed-versions.js';
import type { Store } from '../../server/store/index.js';
import { SCHEDULES, SLOTS } from './fixture.js';
import { hold } from './hold.js';
import { journeyStores, linkOf, serverOver, startServer, type Answer, type TestServer } from './server.js';

const MINUTE_MS = 60_000;

describe.each(journeyStores)('histories on $name', (store) => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T12:00:00Z');
  });
  afterEach(() => server.close());

  const later = () => (server.clock.ms += MINUTE_MS);
  const put = (id: string, name: string) => server.put({ resourceType: 'Location', id, name });

  /** 12:00 l1, 12:01 l1 again, 12:02 l2, 12:03 l1 goes. */
  async function written() {
    await put('l1', 'one');
    later();
    await put('l1', 'two');
    later();
    await put('l2', 'other');
    later();
    await server.http.delete('/Location/l1');
  }

  test('of a resource: each version with what made it, the newest first; it outlives its deletion', async () => {
    await written();
    const { status, body } = await server.get('/Location/l1/_history');
    expect([status, body.resourceType, body.total]).toEqual([200, 'Bundle', 3]);
    const fullUrl = 'http://127.0.0.1:8080/Location/l1';
    const [gone, second, first] = body.entry ?? [];
    expect(gone).toEqual({
      fullUrl,
      request: { method: 'DELETE', url: 'Location/l1' },
      response: { status: '204', etag: 'W/"3"', lastModified: '2027-03-01T12:03:00.000Z' },
    });
    expect(second).toMatchObject({
      ...{ fullUrl, resource: { id: 'l1', name: 'two', meta: { versionId: '2' } } },
      request: { method: 'PUT', url: 'Location/l1' },
      response: { status: '200', etag: 'W/"2"', lastModified: '2027-03-01T12:01:00.000Z' },
    });
    expect(first).toMatchObject({ request: { method: 'POST', url: 'Location' }, response: { status: '201' } });
  });

  test('of a type and of all: in the order of time', async () => {
    await written();
    await server.put({ resourceType: 'Patient', id: 'q1' });
    expect(versionsOf(await server.get('/Location/_history'))).toEqual(['l1/3', 'l2/1', 'l1/2', 'l1/1']);
    expect(versionsOf(await server.get('/_history'))).toEqual(['q1/1', 'l1/3', 'l2/1', 'l1/2', 'l1/1']);
  });

  test.each([
    ['/Location/l1/_history?_since=2027-03-01T12:01:00Z', ['l1/3', 'l1/2']],
    ['/Location/_history?_since=2027-03-01T13:01:30%2B01:00', ['l1/3', 'l2/1']],
    ['/_history?_since=2999-01-01T00:00:00Z', []],
    ['/Location/l1/_history?_at=2027-03-01T12:00:30Z', ['l1/1']],
    ['/Location/l1/_history?_at=2027-03-01T12:01Z', ['l1/2']],
    ['/Location/_history?_at=2027-03-01T12:02:30Z', ['l2/1', 'l1/2']],
    ['/Location/_history?_at=2027-03-01T12:02:30Z&_count=1', ['l2/1']],
    ['/Location/_history?_at=2027-02', []],
    ['/Location/_history?_at=2027-03-02', ['l1/3', 'l2/1']],
  ])('GET %s finds %j', async (path, found) => {
    await written();
    const answer = await server.get(path);
    expect([answer.status, versionsOf(answer)]).toEqual([200, found]);
  });

  test.each([
    ['/Location/l1/_history', 2],
    ['/Location/_history', 2],
    ['/_history', 1],
    ['/_history', 2],
    ['/_history?_at=2027-03-01', 2],
  ])('pages of %s, %i each, meet without repetition or gap, though somebody writes meanwhile', async (path, count) => {
    await put('a', 'same millisecond');
    await server.put({ resourceType: 'Patient', id: 'b' });
    await written();
    const whole = versionsOf(await server.get(path));
    const paged: string[] = [];
    let next: string | undefined = `${path}${path.includes('?') ? '&' : '?'}_count=${count}`;
    while (next !== undefined) {
      const page: Answer = await server.get(next);
      expect(page.body.entry?.length).toBeLessThanOrEqual(count);
      paged.push(...versionsOf(page));
      next = linkOf(page, 'next');
      if (next !== undefined) expect(page.body.total).toBeUndefined();
      await put('meanwhile', next ?? 'the end');
    }
    expect(paged).toEqual(whole);
  });

  test.each([
    ['/Location/l1/_history', 1],
    ['/Location/_history', 1],
    ['/_history', 1],
    ['/_history', 2],
  ])('from the last page of %s, %i each, the links lead back to the first', async (path, count) => {
    await put('a', 'same millisecond');
    await server.put({ resourceType: 'Patient', id: 'b' });
    await written();
    const whole = versionsOf(await server.get(path));
    let page = await server.get(`${path}?_count=${count}`);
    expect(linkOf(page, 'prev')).toBeUndefined();
    for (let next = linkOf(page, 'next'); next !== undefined; next = linkOf(page, 'next'))
      page = await server.get(next);
    const paged = versionsOf(page);
    for (let prev = linkOf(page, 'prev'); prev !== undefined; prev = linkOf(page, 'prev')) {
      page = await server.get(prev);
      expect(page.body.entry?.length).toBeLessThanOrEqual(count);
      expect(linkOf(page, 'next')).toBeDefined();
      expect(linkOf(page, 'first')).toBe(`${path}?_count=${count}`);
      paged.unshift(...versionsOf(page));
    }
    expect(paged).toEqual(whole);
  });

  test('a hold that has ended is a version before anybody wrote it, and then stays the same', async () => {
    await server.put(...SCHEDULES, ...SLOTS);
    const participant = [{ actor: { reference: 'Patient/q1' }, status: 'accepted' as const }];
    const asked = { resourceType: 'Appointment' as const, status: 'pending' as const, slot: [{ reference: 'Slot/G' }] };
    await hold(server, { ...asked, id: 'held', participant }, '2027-03-01T12:05:00Z');
    server.clock.ms += 10 * MINUTE_MS;
    const since = '_since=2027-03-01T12:04:00Z';
    expect(versionsOf(await server.get(`/_history?${since}`))).toEqual(['G/3', 'held/2']);
    const ofOne = await server.get('/Appointment/held/_history');
    expect(ofOne.body.entry?.[0]).toMatchObject({
      resource: { status: 'cancelled' },
      response: { etag: 'W/"2"', lastModified: '2027-03-01T12:05:00.000Z' },
    });
    expect(ofOne.body.entry?.[0]?.resource).toEqual((await server.get('/Appointment/held')).body);
    expect(versionsOf(await server.get('/Slot/G/_history'))).toEqual(['G/3', 'G/2', 'G/1']);
  });

  test.each<[string, string[]]>([
    ['_summary=true', ['name']],
    ['_summary=text', []],
    ['_summary=data', ['name', 'telecom']],
    ['_elements=telecom', ['telecom']],
  ])('%s shows that much of each version, on the next page too', async (how, shown) => {
    const body: Location = { resourceType: 'Location', id: 'cut', telecom: [{ system: 'phone', value: '1' }] };
    for (const name of ['one', 'two']) await server.put({ ...body, name });
    const first = await server.get(`/Location/cut/_history?_count=1&${how}`);
    const second = await server.get(linkOf(first, 'next') ?? '');
    for (const { resource } of [...(first.body.entry ?? []), ...(second.body.entry ?? [])]) {
      expect(Object.keys(resource ?? {}).sort()).toEqual(['id', 'meta', 'resourceType', ...shown].sort());
      expect(resource?.meta?.tag).toMatchObject([{ code: 'SUBSETTED' }]);
    }
    expect(linkOf(second, 'self')).toContain(how);
  });

  test('what never was has none: 404', async () => {
    expect((await server.get('/Location/none/_history')).status).toBe(404);
  });

  test.each([
    ['_since=yesterday', '_since'],
    ['_at=2027-02-30', '_at'],
    ['_count=0', '_count'],
    ['_summary=count', '_summary'],
    ['_elements=', '_elements'],
    ['_count=-1', '_count'],
    ['_since=2027&_since=2028', 'once'],
    ['_after=x', '_after'],
    ['_after=WzEsIlNsb3QiLCJhIl0', '_after'],
    ['_before=x', '_before'],
    ['_before=x&_at=2027', '_before'],
  ])('%s: 400', async (query, says) => {
    const { status, body } = await server.get(`/Location/_history?${query}`);
    expect([status, JSON.stringify(body.issue)]).toEqual([400, expect.stringContaining(says)]);
  });

  test('a parameter that it does not know is left out of the self link; strictly it is refused', async () => {
    const path = '/Location/_history?_count=5000&colour=red';
    expect(linkOf(await server.get(path), 'self')).toBe('/Location/_history?_count=1000');
    expect((await server.http.get(path).set('Prefer', 'handling=strict')).status).toBe(400);
  });
});

test('_at looks at AT_VERSIONS_MAX versions, and refuses beyond', async () => {
  const place = await journeyStores[0]!.newPlace();
  const real = await place.open();
  // Each page is full of versions that were replaced long before the time that is asked for.
  const replaced = { type: 'Location', revision: 1, deleted: false, text: '{}', current: false, updatedMs: 1 };
  const history: Store['history'] = ({ limit }) =>
    Promise.resolve(Array.from({ length: limit }, (_, at) => ({ ...replaced, id: `l${at}` })));
  const version: Store['version'] = (key) => Promise.resolve({ ...replaced, ...key, updatedMs: 2 });
  const store = new Proxy(real, {
    get: (target, name) => {
      const own = { history, version }[name as string] ?? (Reflect.get(target, name) as unknown);
      return typeof own === 'function' ? (own as () => unknown).bind(target) : own;
    },
  });
  const server = serverOver(store, '2027-03-01T12:00:00Z');
  const { status, body } = await server.get('/Location/_history?_at=2027-03-01&_count=1000');
  expect([status, JSON.stringify(body.issue)]).toEqual([422, expect.stringContaining(String(AT_VERSIONS_MAX))]);
  await server.close();
  await place.remove();
});

test('PASSED_STORED_MAX: a history brings so many up to date, and the next one goes on', async () => {
  const place = await journeyStores[0]!.newPlace();
  const real = await place.open();
  let found = 0;
  // As if there was no end of them. What is not there is up to date.
  const search: Store['search'] = ({ type, limit }) =>
    Promise.resolve(
      Array.from({ length: limit }, () => {
        const document = { type, id: `a${(found += 1)}`, revision: 1, updatedMs: 0, deleted: false, text: '{}' };
        return { document, position: { keys: [], id: document.id } };
      }),
    );
  const server = serverOver(Object.assign(real, { search }), '2027-03-01T12:00:00Z');
  const { status, body } = await server.get('/Appointment/_history');
  expect([status, JSON.stringify(body.issue)]).toEqual([503, expect.stringContaining(String(PASSED_STORED_MAX))]);
  expect(found).toBe(PASSED_STORED_MAX + 100);
  await server.close();
  await place.remove();
});

/** `id/versionId` of each entry. */
function versionsOf({ body }: Answer): string[] {
  return (body.entry ?? []).map(({ fullUrl = '', response }) => {
    return `${fullUrl.split('/').at(-1)}/${/\d+/.exec(response?.etag ?? '')?.[0]}`;
  });
}
