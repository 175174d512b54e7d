/** `$meta`, `$meta-add`, `$meta-delete`, over HTTP on each store: https://hl7.org/fhir/R4/resource-operations.html */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Meta, Parameters } from 'fhir/r4.js';
import { META_RESOURCES_MAX, metaInUse } from '../../server/booking/meta-in-use.js';
import type { Store } from '../../server/store/index.js';
import { hours, minutes, rule } from '../booking/rule-builder.js';
import { booking, scheduleOf, slotOf, wordsFor } from './booking-words.js';
import { hold } from './hold.js';
import { idsOf, journeyStores, startServer, type TestServer } from './server.js';

const TAG = { system: 'http://ex.org/tags', code: 'vip' };
const LABEL = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
const PROFILE = 'http://ex.org/StructureDefinition/p';

describe.each(journeyStores)('operations on meta on $name', (store) => {
  let server: TestServer;
  let tries = 0;
  const { book, statusOf, expectSound } = wordsFor(() => server);

  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T12:00:00Z');
    await server.put({ resourceType: 'Patient', id: 'q1' }, { resourceType: 'Practitioner', id: 'p1' });
    const office = { extension: [rule(hours('13:00', '15:00'), minutes('duration', 30))] };
    await server.put(scheduleOf('ruled', 'Practitioner/p1', office), scheduleOf('s1', 'Device/none'));
  }, 60_000);
  afterAll(async () => {
    await expectSound();
    await server.close();
  });

  let id: string;
  beforeEach(async () => {
    id = `l${(tries += 1)}`;
    await server.put({ resourceType: 'Location', id, name: 'x', meta: { tag: [{ ...TAG, display: 'VIP' }] } });
  });

  const metaIn = (body: unknown): Meta | undefined => (body as Parameters).parameter?.[0]?.valueMeta;
  const read = async (path: string) => metaIn((await server.get(path)).body);
  async function change(path: string, act: 'add' | 'delete', meta: Meta, headers: Record<string, string> = {}) {
    const body = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: meta }] };
    const answer = await server.http.post(`/${path}/$meta-${act}`).set(headers).send(body);
    return { status: answer.status, etag: answer.headers['etag'], meta: metaIn(answer.body) };
  }

  test('$meta of a resource and of each version, also by POST; of what is not there, none', async () => {
    await server.put({ resourceType: 'Location', id, meta: { profile: [PROFILE] } });
    const lastUpdated = '2027-03-01T12:00:00.000Z';
    expect(await read(`/Location/${id}/$meta`)).toEqual({ versionId: '2', lastUpdated, profile: [PROFILE] });
    expect(await read(`/Location/${id}/_history/1/$meta`)).toMatchObject({ versionId: '1', tag: [TAG] });
    expect(metaIn((await server.http.post(`/Location/${id}/$meta`)).body)).toMatchObject({ versionId: '2' });
    expect((await server.get('/Location/none/$meta')).status).toBe(404);
    expect((await server.get(`/Location/${id}/_history/9/$meta`)).status).toBe(404);
  });

  test('$meta-add makes a version with what is new; what is there stays as it is', async () => {
    const { status, etag, meta } = await change(`Location/${id}`, 'add', {
      ...{
        versionId: '99',
        profile: [PROFILE],
        security: [LABEL],
        tag: [{ ...TAG, display: 'other' }, { code: 'new' }],
      },
    });
    expect([status, etag]).toEqual([200, 'W/"2"']);
    const tag = [{ ...TAG, display: 'VIP' }, { code: 'new' }];
    expect(meta).toMatchObject({ versionId: '2', profile: [PROFILE], security: [LABEL], tag });
    const { body } = await server.get(`/Location/${id}`);
    expect(body).toMatchObject({ name: 'x', meta: meta! });
  });

  test('$meta-delete takes away by system and code, whatever the display; what is not there is no matter', async () => {
    await change(`Location/${id}`, 'add', { profile: [PROFILE], security: [LABEL] });
    const gone = { profile: [PROFILE], tag: [{ ...TAG, display: 'another' }, { code: 'never' }] };
    const { meta } = await change(`Location/${id}`, 'delete', gone);
    expect(meta).toEqual({ versionId: '3', lastUpdated: '2027-03-01T12:00:00.000Z', security: [LABEL] });
  });

  test('what changes nothing makes no version', async () => {
    expect(await change(`Location/${id}`, 'add', { tag: [TAG] })).toMatchObject({ status: 200, etag: 'W/"1"' });
    expect(await change(`Location/${id}`, 'delete', { security: [LABEL] })).toMatchObject({
      status: 200,
      etag: 'W/"1"',
    });
    expect((await server.get(`/Location/${id}`)).body.meta?.versionId).toBe('1');
  });

  test('a search finds a tag at once, and does not once it is gone', async () => {
    const tag = [{ system: 'http://ex.org/tags', code: `t-${id}` }];
    const find = async () => idsOf(await server.get(`/Location?_tag=http://ex.org/tags|t-${id}`));
    await change(`Location/${id}`, 'add', { tag });
    expect(await find()).toEqual([id]);
    await change(`Location/${id}`, 'delete', { tag });
    expect(await find()).toEqual([]);
  });

  test('If-Match', async () => {
    expect((await change(`Location/${id}`, 'add', { profile: [PROFILE] }, { 'If-Match': 'W/"2"' })).status).toBe(412);
    expect((await change(`Location/${id}`, 'add', { profile: [PROFILE] }, { 'If-Match': '1' })).status).toBe(200);
  });

  test('20 different tags at once: all are there', async () => {
    const tags = Array.from({ length: 20 }, (_, n) => ({ code: `n${n}` }));
    await Promise.all(tags.map((tag) => change(`Location/${id}`, 'add', { tag: [tag] })));
    const meta = await read(`/Location/${id}/$meta`);
    expect(meta?.tag?.map(({ code }) => code).sort()).toEqual([...tags.map(({ code }) => code), 'vip'].sort());
  });

  test('tags of a Slot and of its Appointment change nothing about its time', async () => {
    await server.put(
      slotOf('mine', 's1', '13:00', '13:30'),
      slotOf('shut', 's1', '14:00', '14:30', { status: 'busy' }),
    );
    const { id: visit } = await book(booking(['mine'], '13:00', '13:30'));
    for (const path of ['Slot/mine', 'Slot/shut', `Appointment/${visit}`]) {
      for (const act of ['add', 'add', 'delete'] as const) {
        expect(await change(path, act, { tag: [TAG] })).toMatchObject({ status: 200 });
      }
    }
    expect([await statusOf('Slot/mine'), await statusOf('Slot/shut')]).toEqual(['busy', 'busy']);
    expect((await server.http.delete(`/Appointment/${visit}`)).status).toBe(204);
    expect([await statusOf('Slot/mine'), await statusOf('Slot/shut')]).toEqual(['free', 'busy']);
  });

  test('a lock and a hold end when they would have', async () => {
    await server.put(slotOf('locked', 's1', '15:00', '15:30'), slotOf('held', 's1', '16:00', '16:30'));
    const status = { op: 'replace', path: '/status', value: 'busy-tentative' };
    const lock = server.http.patch('/Slot/locked').set('Content-Type', 'application/json-patch+json');
    await lock.send(JSON.stringify([status]));
    await hold(server, { ...booking(['held'], '16:00', '16:30'), id: 'h', status: 'pending' }, '2027-03-01T12:05:00Z');
    server.clock.ms += 4 * 60_000;
    // A tag that is there already: not even that prolongs a lock.
    for (const path of ['Slot/locked', 'Slot/locked', 'Slot/held', 'Appointment/h']) {
      expect(await change(path, 'add', { tag: [TAG] })).toMatchObject({ status: 200 });
    }
    expect([await statusOf('Slot/locked'), await statusOf('Slot/held')]).toEqual(['busy-tentative', 'busy-tentative']);
    server.clock.ms += 2 * 60_000;
    expect([await statusOf('Slot/locked'), await statusOf('Slot/held')]).toEqual(['free', 'free']);
    expect(await statusOf('Appointment/h')).toBe('cancelled');
    server.clock.ms -= 6 * 60_000;
  });

  test('a computed Slot tells its meta, and keeps none: 405', async () => {
    const [slot = ''] = idsOf(await server.get('/Slot?schedule=ruled&start=2027-03-15&end=2027-03-15'));
    expect((await server.get(`/Slot/${slot}/$meta`)).status).toBe(200);
    expect((await change(`Slot/${slot}`, 'add', { tag: [TAG] })).status).toBe(405);
    expect(await statusOf(`Slot/${slot}`)).toBe('free');
  });

  test.each<[string, object]>([
    ['no meta', { parameter: [] }],
    ['two', { parameter: Array(2).fill({ name: 'meta', valueMeta: { tag: [TAG] } }) }],
    ['a text', { parameter: [{ name: 'meta', valueString: 'x' }] }],
    ['an empty one', { parameter: [{ name: 'meta', valueMeta: { versionId: '3' } }] }],
    ['tags that are texts', { parameter: [{ name: 'meta', valueMeta: { tag: ['vip'] } }] }],
    ['a tag that FHIR refuses', { parameter: [{ name: 'meta', valueMeta: { tag: [{ colour: 'red' }] } }] }],
  ])('%s: 400, and no version', async (_, body) => {
    const sent = server.http.post(`/Location/${id}/$meta-add`).send({ resourceType: 'Parameters', ...body });
    expect((await sent).status).toBe(400);
    expect((await server.get(`/Location/${id}`)).body.meta?.versionId).toBe('1');
  });

  test('$meta of a type and of all: each profile, label and tag in use, once', async () => {
    expect((await server.get('/Organization/$meta')).body).toEqual({ resourceType: 'Parameters' });
    const organization = { resourceType: 'Organization' as const, name: 'x' };
    await server.put({ ...organization, id: 'o1', meta: { tag: [{ code: 'a' }], profile: [PROFILE] } });
    await server.put({ ...organization, id: 'o2', meta: { tag: [{ code: 'a', display: 'A' }, { code: 'b' }] } });
    await server.put({ ...organization, id: 'o3', meta: { security: [LABEL] } });
    await server.http.delete('/Organization/o3');
    expect(await read('/Organization/$meta')).toEqual({ profile: [PROFILE], tag: [{ code: 'a' }, { code: 'b' }] });
    expect((await read('/$meta'))?.tag).toEqual(expect.arrayContaining([{ code: 'a' }, expect.objectContaining(TAG)]));
  });
});

test('META_RESOURCES_MAX', async () => {
  const text = JSON.stringify({ resourceType: 'Location', meta: { tag: [TAG] } });
  const located = (count: number): Pick<Store, 'search'> => {
    let left = count;
    const one = { type: 'Location', id: 'l', revision: 1, updatedMs: 1, deleted: false, text };
    const found = { document: one, position: { keys: [], id: 'l' } };
    return {
      search: ({ limit }) => {
        const length = Math.min(limit, left);
        left -= length;
        return Promise.resolve(Array.from({ length }, () => found));
      },
    };
  };
  expect(await metaInUse(located(META_RESOURCES_MAX), 'Location')).toEqual({ tag: [TAG] });
  await expect(metaInUse(located(META_RESOURCES_MAX + 1), 'Location')).rejects.toThrow(String(META_RESOURCES_MAX));
});
