import { describe, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, Resource } from 'fhir/r4.js';
import request from 'supertest';
import { SERVED_TYPES } from '../../server/fhir/index.js';
import { fakeServer, LAST_MODIFIED } from './fake-services.js';

const BASE = 'https://slots.example.org';
const server = () => fakeServer({ baseUrl: BASE, version: '1.2.3' });

async function capabilities(query = ''): Promise<CapabilityStatement> {
  const { text } = await request(server()).get(`/metadata${query}`);
  return JSON.parse(text) as CapabilityStatement;
}

async function definitions(path: string): Promise<readonly (Resource | undefined)[]> {
  const { text } = await request(server()).get(path);
  return ((JSON.parse(text) as Bundle).entry ?? []).map(({ resource }) => resource);
}

describe('GET /metadata', () => {
  test.each(['', '?_summary=true', '?_format=json'])('%s tells what clients ask for first', async (query) => {
    const { fhirVersion, implementation, software } = await capabilities(query);
    expect([fhirVersion, implementation?.url, software?.version]).toEqual(['4.0.1', BASE, '1.2.3']);
  });

  test('names each base by which it is reached', async () => {
    const open = fakeServer();
    for (let n = 0; n < 40; n++) {
      const { text } = await request(open).get('/metadata').set('Host', `host-${n}.example`);
      expect((JSON.parse(text) as CapabilityStatement).implementation?.url).toBe(`http://host-${n}.example`);
    }
  });

  test('gives Slot its parameters, ours too', async () => {
    const slot = (await capabilities()).rest?.[0]?.resource?.find(({ type }) => type === 'Slot');
    const names = slot?.searchParam?.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['schedule', 'start', 'end', 'duration', 'status', '_id']));
  });

  test.each([
    [false, true],
    [true, undefined],
  ])('GPCONNECT_STRICT %s: PUT makes Appointments and finds them by a search: %s', async (gpconnectStrict, claimed) => {
    const { text } = await request(fakeServer({ baseUrl: BASE, gpconnectStrict })).get('/metadata');
    const { rest } = JSON.parse(text) as CapabilityStatement;
    const of = (type: string) => rest?.[0]?.resource?.find((one) => one.type === type);
    expect([of('Appointment')?.updateCreate, of('Appointment')?.conditionalUpdate]).toEqual([claimed, claimed]);
    expect(of('Slot')?.conditionalUpdate).toBe(true);
  });

  /** One request for each interaction, and what it must not answer where it is claimed. */
  const TRIES: Readonly<Record<string, readonly [method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string]>> =
    {
      read: ['get', '/1'],
      vread: ['get', '/1/_history/1'],
      create: ['post', ''],
      update: ['put', '/1'],
      patch: ['patch', '/1'],
      delete: ['delete', '/1'],
      'search-type': ['get', ''],
      'history-instance': ['get', '/1/_history'],
      'history-type': ['get', '/_history'],
    };

  test('claims what is mounted for the whole system, and nothing else', async () => {
    const [rest] = (await capabilities()).rest ?? [];
    expect(rest?.interaction?.map(({ code }) => code)).toEqual([
      'transaction',
      'batch',
      'search-system',
      'history-system',
    ]);
    expect((await request(server()).get('/?_type=Slot')).status).toBe(200);
    expect((await request(server()).get('/_history')).status).toBe(200);
    for (const type of ['transaction', 'batch']) {
      expect((await request(server()).post('/').send({ resourceType: 'Bundle', type })).status).toBe(200);
    }
    const refused = await request(server()).post('/_history');
    expect([refused.status, refused.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  test('claims what is mounted, and nothing else', async () => {
    const claimed = (await capabilities()).rest?.[0]?.resource ?? [];
    const open = server();
    for (const { type, interaction } of claimed) {
      for (const [code, [method, path]] of Object.entries(TRIES)) {
        const { status, text } = await request(open)[method](`/${type}${path}`);
        const mounted = status !== 405 && !text.includes('There is nothing at');
        const isClaimed = interaction?.some((one) => one.code === code) ?? false;
        expect([type, code, mounted]).toEqual([type, code, isClaimed]);
      }
    }
    expect(claimed.map(({ type }) => type)).toEqual([
      ...SERVED_TYPES,
      'StructureDefinition',
      'SearchParameter',
      'OperationDefinition',
      'CodeSystem',
      'ValueSet',
    ]);
  });
});

describe('our definitions', () => {
  test('are read by id', async () => {
    const { status, text, headers } = await request(server()).get('/StructureDefinition/availability');
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      { resourceType: 'StructureDefinition', id: 'availability' },
    ]);
    expect([headers['etag'], headers['last-modified']]).toEqual(['W/"1"', LAST_MODIFIED]);
  });

  test('are found by their canonical URL, also by POST', async () => {
    const [end] = await definitions('/SearchParameter?_id=Slot-end');
    const url = (end as unknown as { url: string }).url;
    expect(await definitions(`/SearchParameter?url=${url}`)).toEqual([end]);
    const { text } = await request(server()).post('/SearchParameter/_search').type('form').send({ url });
    expect(JSON.parse(text)).toMatchObject({ total: 1, entry: [{ fullUrl: `${BASE}/SearchParameter/Slot-end` }] });
    expect(await definitions('/SearchParameter?url=http://nowhere.example')).toEqual([]);
  });

  test('are all found without a condition', async () => {
    expect((await definitions('/SearchParameter?_id=Slot-end,Slot-duration')).length).toBe(2);
    expect((await definitions('/StructureDefinition')).length).toBeGreaterThan(1);
    expect((await definitions('/OperationDefinition')).length).toBeGreaterThan(1);
    const system = 'http://hl7.org/fhir/slotstatus';
    expect((await definitions(`/CodeSystem?url=${system}`)).map((one) => one?.id)).toEqual(['slotstatus']);
    expect((await definitions('/ValueSet?name=SlotStatus')).map((one) => one?.id)).toEqual(['slotstatus']);
  });

  test('come in pages of _count, each once; each page links to the next and to the first', async () => {
    const open = server();
    const page = async (path: string) =>
      JSON.parse((await request(open).get(path).set('Prefer', 'handling=strict')).text) as Bundle;
    const linkOf = ({ link }: Bundle, name: string) => link?.find(({ relation }) => relation === name)?.url;
    const all = await page('/ValueSet');
    const found: Bundle['entry'] = [];
    let next: string | undefined = `${BASE}/ValueSet?_count=20`;
    for (const first = next; next !== undefined;) {
      const one: Bundle = await page(next.slice(BASE.length));
      expect([one.total, linkOf(one, 'self')]).toEqual([all.total, next]);
      expect(linkOf(one, 'first')).toBe(next === first ? undefined : first);
      found.push(...(one.entry ?? []));
      next = linkOf(one, 'next');
      expect(one.entry).toHaveLength(next === undefined ? (all.total ?? 0) % 20 : 20);
    }
    expect(found).toEqual(all.entry);
  });

  test('_count=0 asks for the total alone; what is no number, or stands twice, is refused', async () => {
    const { text } = await request(server()).get('/ValueSet?_count=0');
    expect(JSON.parse(text)).toEqual({
      ...{ resourceType: 'Bundle', type: 'searchset', total: expect.any(Number) },
      link: [{ relation: 'self', url: `${BASE}/ValueSet?_count=0` }],
    });
    for (const query of ['_count=x', '_count=-1', '_count=1&_count=2']) {
      expect([query, (await request(server()).get(`/ValueSet?${query}`)).status]).toEqual([query, 400]);
    }
  });

  test('unknown parameters are ignored and left out of the self link; strictly they are refused', async () => {
    const { text } = await request(server()).get('/SearchParameter?_id=Slot-end&colour=red');
    expect((JSON.parse(text) as Bundle).link).toEqual([
      { relation: 'self', url: `${BASE}/SearchParameter?_id=Slot-end` },
    ]);
    const strict = await request(server()).get('/SearchParameter?colour=red').set('Prefer', 'handling=strict');
    expect(strict.status).toBe(400);
  });
});
