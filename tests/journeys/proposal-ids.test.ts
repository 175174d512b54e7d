/** Ids of proposals are kept for what `$find` proposes: nobody writes another Appointment under one. On each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment } from 'fhir/r4.js';
import { scheduleKeyOf } from '../../server/booking/slot-id.js';
import { wordsFor } from './booking-words.js';
import { ADAMS, asking, EXAMPLE_NOW, operationsOf, PATIENTS, PRACTITIONER, storedSlot } from './operation-words.js';
import { idsOf, journeyStores, startServer, type TestServer } from './server.js';

describe.each(journeyStores)('on $name', (store) => {
  let server: TestServer;
  const { post } = operationsOf(() => server);
  const { put, patch, expectSound } = wordsFor(() => server);

  beforeEach(async () => {
    server = await startServer(store, EXAMPLE_NOW);
    const room = { resourceType: 'Schedule' as const, id: 'room', actor: [{ display: 'Room' }] };
    await server.put(PRACTITIONER, ...PATIENTS, ADAMS, room, storedSlot('A'));
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const proposed = async () => {
    const [id = ''] = idsOf(await server.get('/Appointment/$find?practitioner=Practitioner/adams&_count=1'));
    return id;
  };
  const evil = (id: string): Appointment => ({ ...asking('A', '13:00', '13:30'), id });

  test('a PUT of an Appointment under the id of a proposal: 405, and told why', async () => {
    const id = await proposed();
    const { status, body } = await put(evil(id));
    expect([status, body.issue?.[0]?.diagnostics]).toEqual([405, expect.stringContaining('proposal')]);
    const booked = await post(`Appointment/${id}/$book`, undefined);
    expect(booked.appointment.slot).toEqual([{ reference: `Slot/${id}` }]);
  });

  test.each([
    ['of a time in milliseconds', `${scheduleKeyOf('dr-adams')}-lxyz12345.abc`],
    ['of several Schedules', `${scheduleKeyOf('dr-adams')}${scheduleKeyOf('room')}-hwtxo-u`],
    ['of a time that is not on the grid', `${scheduleKeyOf('dr-adams')}-hwtxp-7`],
  ])('also an id %s', async (_, id) => {
    expect((await put(evil(id))).status).toBe(405);
  });

  test('a load is refused, too', async () => {
    await expect(server.put(evil(await proposed()))).rejects.toThrow('proposal');
  });

  test('an id of that form that names no Schedule of ours is an id as others', async () => {
    expect((await put(evil(`${scheduleKeyOf('nobody')}-hwtxo-u`))).status).toBe(201);
  });

  test('one that was there before its Schedule can be written on, until it is deleted', async () => {
    const id = `${scheduleKeyOf('later')}-hwtxo-u`;
    const before = evil(id);
    await put(before);
    await server.put({ resourceType: 'Schedule', id: 'later', actor: [{ display: 'Later' }] });
    expect((await put({ ...before, comment: 'still here' })).status).toBe(200);
    expect((await patch(`Appointment/${id}`, { comment: 'here' })).status).toBe(200);
    expect((await server.http.delete(`/Appointment/${id}`)).status).toBe(204);
    expect((await put(before)).status).toBe(405);
  });
});
