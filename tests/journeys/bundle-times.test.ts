/** Entries of one transaction that are about one time, over HTTP on each store. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Appointment, Bundle, BundleEntry, FhirResource, Slot } from 'fhir/r4.js';
import { checkStore } from '../../server/booking/index.js';
import { SCHEDULES } from './fixture.js';
import { BOOKING_SETTINGS, journeyStores, startServer, type TestServer } from './server.js';

type Entry = BundleEntry<FhirResource>;

const at = (hour: number, minute = 0) => new Date(Date.UTC(2027, 2, 15, hour, minute)).toISOString();
const slot = (id: string, hour: number, schedule = 's2'): Slot & { id: string } => ({
  ...{ resourceType: 'Slot', id, status: 'free', schedule: { reference: `Schedule/${schedule}` } },
  ...{ start: at(hour), end: at(hour, 30) },
});
const visit = (id: string, slots: readonly Slot[], status: Appointment['status'] = 'booked'): Appointment => ({
  ...{ resourceType: 'Appointment', id, status, start: slots[0]!.start, end: slots.at(-1)!.end },
  slot: slots.map((one) => ({ reference: `Slot/${one.id}` })),
  participant: [{ actor: { reference: 'Patient/q1' }, status: 'accepted' }],
});

const put = (resource: FhirResource): Entry => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
});
const post = (resource: FhirResource, request: object = {}): Entry => ({
  resource,
  request: { method: 'POST', url: resource.resourceType, ...request },
});
const patch = (url: string, change: object): Entry => {
  const data = Buffer.from(JSON.stringify(change)).toString('base64');
  const resource = { resourceType: 'Binary', contentType: 'application/merge-patch+json', data } as const;
  return { resource, request: { method: 'PATCH', url } };
};
const remove = (url: string): Entry => ({ request: { method: 'DELETE', url } });

describe.each(journeyStores)('one transaction about one time, on $name', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T12:00:00Z');
    await server.put(...SCHEDULES);
  });
  afterEach(async () => {
    expect(await checkStore(server.store, server.clock.ms, BOOKING_SETTINGS)).toEqual([]);
  });
  afterAll(() => server.close());

  async function send(entries: readonly Entry[], headers: Record<string, string> = {}) {
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry: entries };
    const answer = await server.http.post('/').set(headers).send(bundle);
    return { status: answer.status, body: answer.body as Bundle<FhirResource> };
  }
  const read = async (path: string) => (await server.get(path)).body;

  test('a hold that it writes is not opened by its key: nothing is left behind', async () => {
    const one = slot('key-1', 6);
    const two = { ...slot('key-2', 6), start: one.end, end: at(7) };
    await server.put(one, two);
    const key = { 'X-Slot-Key': 'k' };
    await server.http
      .put('/Appointment/a-held')
      .set(key)
      .send(visit('a-held', [one], 'pending'));
    const held = put(visit('a-held', [one, two], 'pending'));
    expect((await send([held, put(visit('b-booked', [one]))], key)).status).toBe(400);
    expect([(await read('/Slot/key-1')).status, (await read('/Slot/key-2')).status]).toEqual([
      'busy-tentative',
      'free',
    ]);
  });

  test('one that gives up a hold may book its time in the same request', async () => {
    const one = slot('key-3', 5);
    await server.put(one);
    const key = { 'X-Slot-Key': 'k' };
    await server.http
      .put('/Appointment/key-up')
      .set(key)
      .send(visit('key-up', [one], 'pending'));
    const entries = [put(visit('key-down', [one])), put(visit('key-up', [one], 'cancelled'))];
    expect((await send(entries, key)).status).toBe(200);
    expect((await read('/Slot/key-3')).status).toBe('busy');
  });

  describe('a patch changes what the entries before it have left', () => {
    test('a Slot whose booking goes is free', async () => {
      const one = slot('patched', 8);
      await server.put(one, visit('patched', [one]));
      const entries = [remove('Appointment/patched'), patch('Slot/patched', { comment: 'x' })];
      expect((await send(entries)).status).toBe(200);
      expect(await read('/Slot/patched')).toMatchObject({ status: 'free', comment: 'x', meta: { versionId: '3' } });
    });

    test('a Slot whose Schedule changes its actor has the state of the time there', async () => {
      const [own, other] = [slot('moved', 9, 'moving'), slot('taken', 9)];
      const schedule = (actor: string) => ({
        ...{ resourceType: 'Schedule' as const, id: 'moving', actor: [{ reference: actor }] },
      });
      await server.put(schedule('Location/l1'), own, other, visit('taken', [other]));
      const entries = [put(schedule('Practitioner/p2')), patch('Slot/moved', { comment: 'x' })];
      expect((await send(entries)).status).toBe(200);
      expect(await read('/Slot/moved')).toMatchObject({ status: 'busy-unavailable', comment: 'x' });
    });
  });

  describe('the order of the entries does not matter', () => {
    const [ten, eleven, twelve] = [slot('ten', 10), slot('eleven', 11), slot('twelve', 12)];
    const cases: readonly [string, number, () => Entry[]][] = [
      ['cancelled by PUT, booked by POST', 200, () => [put(visit('b', [ten], 'cancelled')), post(visit('new', [ten]))]],
      [
        'cancelled by PATCH, booked by PUT',
        200,
        () => [patch('Appointment/b', { status: 'cancelled' }), put(visit('a', [ten]))],
      ],
      [
        'each into the time of the next',
        200,
        () => [put(visit('b', [eleven])), put(visit('c', [twelve])), put(visit('a', [ten]))],
      ],
      ['a new Slot over one that moves', 200, () => [put({ ...twelve, ...times(13) }), put(slot('new', 12))]],
      ['each into the time of the other', 409, () => [put(visit('b', [eleven])), put(visit('c', [ten]))]],
    ];
    const times = (hour: number) => ({ start: at(hour), end: at(hour, 30) });

    test.each(
      cases.flatMap(([what, status, entries]) => [
        { what, how: 'as told', status, entries },
        { what, how: 'the other way round', status, entries: () => entries().reverse() },
      ]),
    )('$what, $how: $status', async ({ status, entries }) => {
      await server.put(ten, eleven, twelve);
      expect((await send([put(visit('b', [ten])), put(visit('c', [eleven]))])).status).toBe(200);
      const answer = await send(entries());
      const { entry = [] } = (await read('/Appointment?status=booked,cancelled')) as Bundle<Appointment>;
      const cleared = await send(entry.map(({ resource }) => remove(`Appointment/${resource?.id}`)));
      await server.http.delete('/Slot/new');
      expect([answer.status, cleared.status]).toEqual([status, 200]);
    });
  });

  describe('a Slot is left as the transaction says, whichever entry comes first', () => {
    const status = (one: Slot, to: Slot['status']) => put({ ...one, status: to });
    const cancelled = (own: Slot) => put(visit('x', [own], 'cancelled'));
    const closed = (id: string, to = 'busy') => patch(`Slot/${id}`, { status: to });
    // Their own is booked, the next one closed, and the other one of the same time and another Schedule of p2.
    const cases: readonly [string, object, (own: Slot, next: Slot, other: Slot) => Entry[]][] = [
      ['cancelled and closed', { own: 'busy' }, (own) => [cancelled(own), status(own, 'busy')]],
      [
        'cancelled and closed by PATCH',
        { own: 'busy' },
        () => [patch('Appointment/x', { status: 'cancelled' }), closed('own')],
      ],
      [
        'moved into a Slot that is opened, and closed',
        { own: 'busy', next: 'busy' },
        (_, next) => [put(visit('x', [next])), closed('own'), closed('next', 'free')],
      ],
      [
        'cancelled and closed as it was to others',
        { own: 'busy-unavailable', other: 'busy-unavailable' },
        (own, _, other) => [cancelled(own), status(other, 'busy-unavailable')],
      ],
      ['cancelled and not closed', { own: 'free' }, (own) => [cancelled(own), patch('Slot/own', { comment: 'x' })]],
    ];

    let days = 0;
    test.each(
      cases.flatMap(([what, left, entries]) => [
        { what, how: 'as told', left, entries },
        { what, how: 'the other way round', left, entries: (...of: [Slot, Slot, Slot]) => entries(...of).reverse() },
      ]),
    )('$what, $how', async ({ left, entries }) => {
      const hour = 24 * (days += 1);
      const slots = [slot('own', hour), slot('next', hour + 1), slot('other', hour, 'p2-too')] as const;
      await server.put({ ...SCHEDULES.find(({ id }) => id === 's2')!, id: 'p2-too' });
      await server.put(...slots, visit('x', [slots[0]]), { ...slots[1], status: 'busy' });
      const answer = await send(entries(...slots));
      const ids = Object.keys(left);
      const found = await Promise.all(ids.map(async (id) => [id, (await read(`/Slot/${id}`)).status]));
      expect([answer.status, Object.fromEntries(found)]).toEqual([200, left]);
      expect((await send(['Appointment/x', 'Slot/own', 'Slot/next', 'Slot/other'].map(remove))).status).toBe(200);
    });
  });

  test('the answer names the version that is left, also of what a condition found', async () => {
    const one = { ...slot('found', 14), identifier: [{ system: 's', value: 'found' }] };
    await server.put(one);
    server.clock.ms += 1_000;
    const { body } = await send([post(one, { ifNoneExist: 'identifier=s|found' }), post(visit('new', [one]))]);
    const { response, resource } = body.entry![0]!;
    expect([response?.etag, response?.location, response?.lastModified]).toEqual([
      `W/"${resource?.meta?.versionId}"`,
      expect.stringMatching(/\/Slot\/found\/_history\/2$/),
      expect.stringContaining('2027-03-01T12:00:01'),
    ]);
    expect(await read('/Slot/found')).toEqual(resource);
  });
});
