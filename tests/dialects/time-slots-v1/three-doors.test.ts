/** FHIR, Overbooked and ReserveKit over one Schedule: whoever comes first has the time, whichever door that was. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Slot } from 'fhir/r4.js';
import { journeyStores } from '../../journeys/server.js';
import { callerWith, type Caller } from '../slots-api/client.js';
import {
  bookingInput,
  dataOf,
  listIn,
  madeService,
  refusalOf,
  SECRET_KEY,
  slotInput,
  startReserveKit,
  type ReserveKit,
} from './fixture.js';

const MONDAY = '2031-03-03';
const HOUR_OF_MONDAY = { start_date: '2031-03-03T05:00:00.000Z', end_date: '2031-03-03T06:00:00.000Z' };
const CAPACITY = 3;

describe.each(journeyStores)('$name', (store) => {
  let kit: ReserveKit;
  let overbooked: Caller;
  let service = 0;
  let slot = 0;
  beforeEach(async () => {
    kit = await startReserveKit(store);
    overbooked = callerWith(kit.fhir, SECRET_KEY);
    ({ service, slot } = await madeService(kit, [slotInput({ max_bookings: CAPACITY })]));
    await kit.fhir.put('/Patient/q1').send({ resourceType: 'Patient', id: 'q1' });
  });
  afterEach(async () => {
    await kit.expectSound();
    await kit.close();
  });

  const bookHere = () => kit.call('POST /bookings', bookingInput(slot, MONDAY));
  const storeSlot = () =>
    overbooked.post('/slots', { ...HOUR_OF_MONDAY, capacity: CAPACITY, resource_id: `rk-service-${service}` });
  const bookThere = async (id: string) => {
    const { start, end } = (await kit.fhir.get(`/Slot/${id}`)).body as Slot;
    const participant = [{ actor: { reference: 'Patient/q1' }, status: 'accepted' }];
    const asked = { resourceType: 'Appointment', status: 'booked', start, end, slot: [{ reference: `Slot/${id}` }] };
    return kit.fhir.post('/Appointment').send({ ...asked, participant });
  };
  const listed = async () => {
    const answer = await kit.fhir.get(`/Slot?schedule=rk-service-${service}&start=${MONDAY}&end=${MONDAY}`);
    return ((answer.body as { entry?: { resource: Slot }[] }).entry ?? []).map(({ resource }) => resource.id ?? '');
  };

  test('a Slot that Overbooked stores takes its time out of the time slots', async () => {
    const stored = await storeSlot();
    expect(stored.status).toBe(200);
    expect(refusalOf(await bookHere())).toBe('400 time_slot_full');
    expect(await listed()).toEqual([stored.body.data?.id]);
    const [shown] = listIn(await kit.call(`GET /time-slots?service_id=${service}&date=${MONDAY}`), 'time_slots');
    expect(shown).toMatchObject({ available: false, remaining: 0 });
  });

  test('over a booking of ReserveKit Overbooked stores none', async () => {
    const { id } = dataOf(await bookHere(), 201);
    expect((await storeSlot()).status).not.toBe(200);
    dataOf(await kit.call(`POST /bookings/${String(id)}/cancel`));
    expect((await storeSlot()).status).toBe(200);
  });

  test('all three at once over a stored Slot: as many have it as it takes', async () => {
    const id = (await storeSlot()).body.data?.id ?? '';
    const byOverbooked = Array.from({ length: 8 }, () => overbooked.post('/bookings', { slot_id: id }));
    const byFhir = Array.from({ length: 8 }, () => bookThere(id));
    const here = Array.from({ length: 8 }, () => bookHere());
    const answers: readonly { status: number }[] = await Promise.all([...byOverbooked, ...byFhir, ...here]);
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(CAPACITY);
    expect((await Promise.all(here)).map(refusalOf)).toEqual(here.map(() => '400 time_slot_full'));
  });

  test('all three at once: the time is sold by one of them, and never more of it than there is', async () => {
    const [computed = ''] = await listed();
    const here = Array.from({ length: 8 }, () => bookHere());
    const there = Array.from({ length: 8 }, () => bookThere(computed));
    const stored = await storeSlot();
    const answers = await Promise.all([...here, ...there]);
    const booked = answers.filter(({ status }) => status === 201).length;
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    expect(booked).toBe(stored.status === 200 ? 0 : CAPACITY);
  });
});
