/** `If-Match` with the operations: what is changed is the version that was read, or nothing is. On each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { wordsFor } from './booking-words.js';
import { ADAMS, asking, EXAMPLE_NOW, operationsOf, parameters, PATIENTS, PRACTITIONER } from './operation-words.js';
import { storedSlot, text, time, to } from './operation-words.js';
import { idsOf, journeyStores, startServer, type TestServer } from './server.js';

const UNTIL = time('until', '2027-03-15T12:30:00Z');

describe.each(journeyStores)('on $name', (store) => {
  let server: TestServer;
  const { post, everything } = operationsOf(() => server);
  const { expectSound } = wordsFor(() => server);

  beforeEach(async () => {
    server = await startServer(store, EXAMPLE_NOW);
    const room = { resourceType: 'Schedule' as const, id: 'room', actor: [{ display: 'Room' }] };
    await server.put(PRACTITIONER, ...PATIENTS, ADAMS, room);
    await server.put(storedSlot('A'), storedSlot('B', '13:30', '14:00'));
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const make = async (operation: string) => (await post(`Appointment/${operation}`, asking('A', '13:00', '13:30'))).id;
  const etagOf = async (path: string) => (await server.get(`/${path}`)).headers['etag'] ?? '';
  const computed = async () => idsOf(await server.get('/Slot?schedule=dr-adams&_count=1'))[0] ?? '';
  /** Refused with another version and without a change, done with that which stands. */
  const expectKept = async (place: string, path: string, body: object | undefined, stale = 'W/"99"') => {
    const before = await everything();
    const refused = await post(path, body, { 'If-Match': stale });
    expect([refused.status, refused.body.issue?.[0]?.code]).toEqual([412, 'conflict']);
    expect(await everything()).toEqual(before);
    expect((await post(path, body, { 'If-Match': await etagOf(place) })).status).toBe(200);
  };

  test.each([
    ['$cancel', '$book', undefined],
    ['$confirm', '$hold', undefined],
    ['$reschedule', '$book', parameters(time('start', '2027-03-15T13:30:00Z'))],
    ['$book', '$hold', undefined],
    ['$hold', '$hold', parameters(UNTIL)],
  ])('%s of a stored Appointment', async (operation, making, body) => {
    const id = await make(making);
    await expectKept(`Appointment/${id}`, `Appointment/${id}/${operation}`, body);
  });

  test('named by a parameter, or as a resource with its id', async () => {
    const id = await make('$hold');
    await expectKept(
      `Appointment/${id}`,
      'Appointment/$book',
      parameters(to('appointment-reference', `Appointment/${id}`)),
    );
    await expectKept(`Appointment/${id}`, 'Appointment/$book', {
      ...{ ...asking('A', '13:00', '13:30'), id, status: 'booked', comment: 'late' },
    });
    await expectKept(
      `Appointment/${id}`,
      'Appointment/$cancel',
      parameters(to('appointment-reference', `Appointment/${id}`)),
    );
  });

  test('a version from before a hold ended is stale after it', async () => {
    const id = await make('$hold');
    const etag = await etagOf(`Appointment/${id}`);
    server.clock.ms += 6 * 60_000;
    expect((await post(`Appointment/${id}/$cancel`, undefined, { 'If-Match': etag })).status).toBe(412);
  });

  test('what is new has no version: 412; a list names more than one: 400', async () => {
    const bare = asking('A', '13:00', '13:30');
    expect((await post('Appointment/$book', bare, { 'If-Match': 'W/"1"' })).status).toBe(412);
    const two = [asking('A', '13:00', '13:30'), asking('B', '13:30', '14:00')];
    const list = parameters(...two.map((resource) => ['appointment-resource', { resource }] as const));
    expect((await post('Appointment/$book', list, { 'If-Match': 'W/"1"' })).status).toBe(400);
    expect((await post('Appointment/$book', bare, { 'If-Match': '*' })).status).toBe(400);
  });

  test('a proposal has the version that reading it told, while it can be had', async () => {
    const id = await computed();
    const etag = await etagOf(`Appointment/${id}`);
    expect((await post(`Appointment/${id}/$hold`, undefined, { 'If-Match': 'W/"99"' })).status).toBe(412);
    expect((await post(`Appointment/${id}/$hold`, undefined, { 'If-Match': etag })).status).toBe(201);
    expect((await post(`Appointment/${id}/$book`, undefined, { 'If-Match': etag })).status).toBe(412);
  });

  test('a repeated request gets its first answer, though the version is another by now', async () => {
    const id = await make('$book');
    const headers = { 'If-Match': await etagOf(`Appointment/${id}`), 'Idempotency-Key': '"k1"' };
    const answers = [
      await post(`Appointment/${id}/$cancel`, undefined, headers),
      await post(`Appointment/${id}/$cancel`, undefined, headers),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  test.each(['stored', 'computed'])('the operations on a %s Slot', async (kind) => {
    const id = kind === 'stored' ? 'B' : await computed();
    const withKey = parameters(text('key', 'zebra'));
    await expectKept(`Slot/${id}`, `Slot/${id}/$lock`, parameters(UNTIL, text('key', 'zebra')));
    await expectKept(`Slot/${id}`, `Slot/${id}/$unlock`, withKey);
    await expectKept(`Slot/${id}`, `Slot/${id}/$disable`, undefined);
    await expectKept(`Slot/${id}`, `Slot/${id}/$enable`, undefined);
  });
});
