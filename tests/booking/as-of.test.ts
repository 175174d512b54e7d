/** What changes by itself: each document is shown as it is at the moment, and searches find it so (design §4). */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Appointment, CodeSystem, Extension, FhirResource, Slot } from 'fhir/r4.js';
import { instantText } from '../../server/base/clock.js';
import { asOf, passedVersions } from '../../server/booking/as-of.js';
import { resourceIndex } from '../../server/booking/resource-index.js';
import { conformanceResources, parseJson, printJson, validateResource, withMeta } from '../../server/fhir/index.js';
import { evaluate, lastUpdatedAt, naturalOrderOf, positionOf, type Filter } from '../../server/search/index.js';
import type { Put, Store, StoredDocument } from '../../server/store/index.js';
import { journeyStores, serverOver, type TestServer } from '../journeys/server.js';
import type { Place } from '../store/stores.js';

const NOON = Date.parse('2027-03-15T12:00:00Z');
const SECOND_MS = 1_000;
const BASE = 'http://127.0.0.1:8080';

const holdUntil = (ms: number): Extension => ({
  url: 'https://fhir-slots.dev/fhir/StructureDefinition/hold-until',
  valueInstant: instantText(ms),
});
const statusThen = (ms: number, status: Slot['status']): Extension => ({
  url: 'https://fhir-slots.dev/fhir/StructureDefinition/status-then',
  extension: [
    { url: 'from', valueInstant: instantText(ms) },
    { url: 'status', valueCode: status },
  ],
});
const note: Extension = { url: 'http://ex.org/note', valueString: 'kept' };

const held: Appointment = {
  resourceType: 'Appointment',
  id: 'a1',
  status: 'pending',
  extension: [note, holdUntil(NOON)],
  start: '2027-03-16T09:00:00Z',
  slot: [{ reference: 'Slot/x' }],
  participant: [{ actor: { reference: 'Practitioner/p1' }, status: 'tentative' }],
};
const heldSlot: Slot = {
  resourceType: 'Slot',
  id: 'x',
  schedule: { reference: 'Schedule/s1' },
  status: 'busy-tentative',
  start: '2027-03-16T09:00:00Z',
  end: '2027-03-16T09:30:00Z',
  extension: [statusThen(NOON, 'free')],
};

/** A document as it was written, an hour before noon unless told otherwise, in its third version. */
function documentOf(resource: FhirResource, updatedMs = NOON - 3_600_000, revision = 3): StoredDocument {
  const { resourceType: type, id = 'r' } = resource;
  const exact = parseJson(JSON.stringify(resource)).exact;
  const meta = { id, versionId: String(revision), lastUpdated: instantText(updatedMs) };
  return { type, id, revision, updatedMs, deleted: false, text: printJson(withMeta(exact, meta)) };
}

type Shown = Partial<Pick<Appointment, 'cancelationReason'>> & Pick<Slot, 'extension'> & { readonly status: string };
const resourceIn = (document: StoredDocument) => JSON.parse(document.text) as Shown;

describe('a document as of a moment', () => {
  test('a hold ends at its very millisecond: the next version, of that time, cancelled, and saying why', () => {
    const document = documentOf(held);
    expect(asOf(document, NOON - 1)).toBe(document);
    const lapsed = asOf(document, NOON);
    expect(lapsed).toMatchObject({ type: 'Appointment', id: 'a1', revision: 4, updatedMs: NOON, deleted: false });
    const { cancelationReason, ...rest } = resourceIn(lapsed);
    expect(cancelationReason?.coding?.[0]).toMatchObject({ code: 'hold-ended' });
    expect(cancelationReason?.text).toMatch(/hold ended/);
    const meta = { versionId: '4', lastUpdated: '2027-03-15T12:00:00.000Z' };
    expect(rest).toEqual({ ...held, status: 'cancelled', extension: [note], meta });
    expect(() => validateResource(resourceIn(lapsed), 'Appointment')).not.toThrow();
    expect(asOf(document, NOON + 9 * SECOND_MS)).toEqual(lapsed);
  });

  test('the reason that it gives is one of those that we publish', () => {
    const [coding] = resourceIn(asOf(documentOf(held), NOON)).cancelationReason?.coding ?? [];
    const systems = conformanceResources('CodeSystem') as readonly unknown[] as readonly CodeSystem[];
    const published = systems.find(({ url }) => url === coding?.system)?.concept ?? [];
    expect(published.map(({ code, display }) => ({ code, display }))).toContainEqual({
      ...{ code: coding?.code, display: coding?.display },
    });
  });

  test('all other characters stay, digits and order too', () => {
    const text =
      '{"resourceType":"Slot","id":"x","meta":{"versionId":"1","lastUpdated":"2027-03-15T11:00:00.000Z","tag":[]},' +
      '"extension":[{"url":"http://ex.org/n","valueDecimal":1.50e2},@],"status":"busy-tentative",' +
      '"comment":"é \\" \\n"}';
    const announced = text.replace('@', JSON.stringify(statusThen(NOON, 'free')));
    const document = { ...documentOf(heldSlot), revision: 1, text: announced };
    expect(asOf(document, NOON).text).toBe(
      text
        .replace(',@', '')
        .replace('"versionId":"1"', '"versionId":"2"')
        .replace('T11:00', 'T12:00')
        .replace('busy-tentative', 'free'),
    );
  });

  test('each change that has come is a version; those to come are announced still', () => {
    const statuses = ['busy', 'busy-tentative', 'free'] as const;
    const extension = statuses.map((status, at) => statusThen(NOON + at * SECOND_MS, status));
    const document = documentOf({ ...heldSlot, status: 'busy-unavailable', extension });
    const versions = passedVersions(document, NOON + SECOND_MS);
    expect(versions.map(({ revision, updatedMs }) => [revision, updatedMs])).toEqual([
      [4, NOON],
      [5, NOON + SECOND_MS],
    ]);
    expect(versions.map((version) => resourceIn(version).status)).toEqual(['busy', 'busy-tentative']);
    expect(versions.map((version) => resourceIn(version).extension)).toEqual([extension.slice(1), extension.slice(2)]);
    expect(resourceIn(asOf(document, NOON + 2 * SECOND_MS))).not.toHaveProperty('extension');
  });

  test('what announces nothing is the very same', () => {
    const unheld = { ...held, extension: [note] };
    const booked = { ...held, status: 'booked' as const };
    const odd = {
      ...heldSlot,
      extension: [{ url: statusThen(0, 'free').url }, { ...statusThen(0, 'free'), extension: [] }],
    };
    const documents = [unheld, booked, { ...heldSlot, extension: [holdUntil(0)] }, odd].map((one) => documentOf(one));
    for (const document of documents) expect(asOf(document, NOON)).toBe(document);
    const deleted = { ...documentOf(held), deleted: true, text: '' };
    expect(asOf(deleted, NOON)).toBe(deleted);
  });
});

describe('whatever is announced, whenever it is looked at', () => {
  const statuses = fc.constantFrom<Slot['status'][]>('free', 'busy', 'busy-tentative', 'busy-unavailable');
  const ms = fc.integer({ min: 0, max: 6 }).map((seconds) => NOON + seconds * SECOND_MS);
  const changing = fc.oneof(
    fc.tuple(statuses, fc.array(fc.tuple(ms, statuses), { maxLength: 4 })).map(([status, then]): FhirResource => {
      return { ...heldSlot, status, extension: [note, ...then.map(([at, next]) => statusThen(at, next))] };
    }),
    fc.tuple(fc.constantFrom('pending', 'booked'), ms).map(([status, at]): FhirResource => {
      return { ...held, status: status as Appointment['status'], extension: [holdUntil(at), note] };
    }),
  );
  const moment = fc.integer({ min: -2, max: 13 }).map((halves) => NOON + halves * 500);

  test('a later look at an earlier one is a later look', () => {
    fc.assert(
      fc.property(changing, moment, moment, (resource, one, other) => {
        const document = documentOf(resource);
        const [early, late] = [Math.min(one, other), Math.max(one, other)];
        expect(asOf(asOf(document, early), late)).toEqual(asOf(document, late));
        const versions = passedVersions(document, early);
        expect(passedVersions(document, late).slice(0, versions.length)).toEqual(versions);
        expect(passedVersions(asOf(document, late), late)).toEqual([]);
      }),
    );
  });

  test('searches see the status and the last change that are shown, and no other', () => {
    fc.assert(
      fc.property(changing, moment, (resource, atMs) => {
        const document = documentOf(resource);
        const { id, type, updatedMs } = document;
        const subject = { id, updatedMs, index: resourceIndex(resource, id, 'UTC', BASE) };
        const meets = (filter: Filter) => evaluate(filter, subject, () => false);
        const shown = asOf(document, atMs);
        const codes = ['pending', 'booked', 'cancelled', 'free', 'busy', 'busy-tentative', 'busy-unavailable'];
        const found = codes.filter((code) => meets({ kind: 'token', param: 'status', code, atMs }));
        expect(found).toEqual([resourceIn(shown).status]);
        const range = { startMs: shown.updatedMs, endMs: shown.updatedMs + 1 };
        const updated = { kind: 'date', param: '_lastUpdated', range } as const;
        expect(meets(lastUpdatedAt({ ...updated, prefix: 'eq' }, type, atMs))).toBe(true);
        expect(meets(lastUpdatedAt({ ...updated, prefix: 'ne' }, type, atMs))).toBe(false);
        const sort = [{ param: '_lastUpdated', descending: false, atMs }];
        expect(positionOf(type, sort, subject).keys).toEqual([shown.updatedMs]);
      }),
    );
  });
});

describe.each(journeyStores)('what a caller sees on $name when a hold ends', (kind) => {
  let place: Place;
  let store: Store;
  let server: TestServer;
  beforeEach(async () => {
    place = await kind.newPlace();
    store = await place.open();
    server = serverOver(store, '2027-03-15T11:59:00Z');
    await server.put({ resourceType: 'Practitioner', id: 'p1' });
    await server.put({ resourceType: 'Schedule', id: 's1', actor: [{ reference: 'Practitioner/p1' }] });
    await store.commit([
      stored(held),
      stored(heldSlot),
      stored({ ...heldSlot, id: 'y', status: 'busy-unavailable', extension: [] }),
    ]);
  });
  afterEach(async () => {
    await server.close();
    await place.remove();
  });

  /** As a writer would store it, whoever is believed about holds. */
  function stored(resource: FhirResource): Put {
    const { type, id, text, updatedMs } = documentOf(resource, NOON - 3_600_000, 1);
    const index = resourceIndex(resource, id, 'UTC', BASE);
    const order = naturalOrderOf(type, index);
    return {
      kind: 'put',
      type,
      id,
      expectedRevision: 0,
      updatedMs,
      deleted: false,
      text,
      index,
      order,
      keepHistory: true,
    };
  }

  const idsOf = async (path: string) => (await server.get(path)).body.entry?.map(({ resource }) => resource?.id) ?? [];
  const end = () => (server.clock.ms = NOON);

  test('read, its ETag and its versions', async () => {
    const read = (etag = '') => server.http.get('/Appointment/a1').set('If-None-Match', etag);
    expect((await read()).headers['etag']).toBe('W/"1"');
    expect((await server.get('/Appointment/a1/_history/2')).status).toBe(404);
    expect((await read('W/"1"')).status).toBe(304);
    end();
    expect((await read('W/"1"')).status).toBe(200);
    expect((await read('W/"2"')).status).toBe(304);
    const { headers, body } = await server.get('/Appointment/a1');
    expect(headers).toMatchObject({ etag: 'W/"2"', 'last-modified': 'Mon, 15 Mar 2027 12:00:00 GMT' });
    expect(body).toMatchObject({ status: 'cancelled', meta: { versionId: '2' } });
    expect((await server.get('/Appointment/a1/_history/1')).body).toMatchObject({ status: 'pending' });
    expect((await server.get('/Appointment/a1/_history/2')).body).toEqual(body);
    expect((await server.get('/Appointment/a1/_history/3')).status).toBe(404);
    expect((await server.get('/Slot/x')).body).toMatchObject({ status: 'free', meta: { versionId: '2' } });
  });

  test('searches find what is shown, and show what they found', async () => {
    const both = async (path: string) => {
      server.clock.ms = NOON - 1;
      const before = await idsOf(path);
      end();
      return [before, await idsOf(path)];
    };
    expect(await both('/Slot?status=free')).toEqual([[], ['x']]);
    expect(await both('/Slot?status:not=free&_sort=_id')).toEqual([['x', 'y'], ['y']]);
    expect(await both('/Slot?schedule=s1&start=2027-03-16&end=2027-03-16')).toEqual([[], ['x']]);
    expect(await both('/Slot?schedule=s1&duration=30&start=2027-03-16&status=free')).toEqual([[], ['x']]);
    expect(await both('/Slot?status:missing=false&_sort=status')).toEqual([
      ['x', 'y'],
      ['y', 'x'],
    ]);
    expect(await both('/Slot?_sort=-status')).toEqual([
      ['y', 'x'],
      ['x', 'y'],
    ]);
    expect(await both('/Slot?_lastUpdated=ge2027-03-15T12:00:00Z')).toEqual([[], ['x']]);
    expect(await both('/Slot?_lastUpdated=lt2027-03-15T12:00:00Z&_sort=_id')).toEqual([['x', 'y'], ['y']]);
    expect(await both('/Slot?_sort=-_lastUpdated')).toEqual([
      ['x', 'y'],
      ['x', 'y'],
    ]);
    expect(await both('/Slot?_sort=_lastUpdated')).toEqual([
      ['x', 'y'],
      ['y', 'x'],
    ]);
    expect(await both('/Appointment?slot.status=free')).toEqual([[], ['a1']]);
    expect(await both('/Appointment?status=pending')).toEqual([['a1'], []]);
    expect((await server.get('/Appointment?status=cancelled&_summary=count')).body.total).toBe(1);
    const withSlot = await server.get('/Appointment?_include=Appointment:slot');
    expect(withSlot.body.entry?.map(({ resource }) => (resource as Slot).status)).toEqual(['cancelled', 'free']);
    const withAppointment = await server.get('/Slot?_id=x&_revinclude=Appointment:slot');
    expect(withAppointment.body.entry?.map(({ resource }) => (resource as Slot).status)).toEqual(['free', 'cancelled']);
  });
});
