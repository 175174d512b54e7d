/** One engine behind three doors: Overbooked, ReserveKit and FHIR sell the time of one doctor, and never twice. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Schedule } from 'fhir/r4.js';
import { journeyStores } from '../journeys/server.js';
import { callerWith, later, refusalIn, thingIn, type Caller, type Thing } from './slots-api/client.js';
import {
  bookingInput,
  dataOf,
  madeService,
  NOW,
  SECRET_KEY,
  slotInput,
  startReserveKit,
  type ReserveKit,
} from './time-slots-v1/fixture.js';

/** A Monday, as ReserveKit's time slot; what the fixture makes of it in Kuala Lumpur. */
const MONDAY = '2031-03-03';
const TIMES = { start: `${MONDAY}T05:30:00.000Z`, end: `${MONDAY}T06:15:00.000Z` };

describe.each(journeyStores)('three APIs on $name', (store) => {
  let kit: ReserveKit;
  let overbooked: Caller;
  let resource: Thing;
  let slot: Thing;
  let timeSlot: number;
  beforeEach(async () => {
    kit = await startReserveKit(store);
    overbooked = callerWith(kit.fhir, SECRET_KEY);
    await kit.fhir.put('/Practitioner/p1').send({ resourceType: 'Practitioner', id: 'p1' });
    await kit.fhir.put('/Patient/q1').send({ resourceType: 'Patient', id: 'q1' });
    const made = await madeService(kit, [slotInput({ max_bookings: 1 })]);
    timeSlot = made.slot;
    await ofTheDoctor(`rk-service-${made.service}`);
    resource = thingIn(await overbooked.post('/resources', { name: 'Ward round', timezone: 'Asia/Kuala_Lumpur' }));
    await overbooked.post(`/resources/${resource.id}/publish`);
    await ofTheDoctor(resource.id);
    const fields = { resource_id: resource.id, start_date: TIMES.start, end_date: TIMES.end, capacity: 1 };
    slot = thingIn(await overbooked.post('/slots', fields));
  });
  afterEach(async () => {
    await kit.expectSound();
    await kit.close();
  });

  /** One doctor is one doctor, on whichever Schedule. */
  async function ofTheDoctor(schedule: string): Promise<void> {
    const { actor, ...rest } = (await kit.fhir.get(`/Schedule/${schedule}`)).body as Schedule;
    const both = { ...rest, actor: [...actor, { reference: 'Practitioner/p1' }] };
    expect((await kit.fhir.put(`/Schedule/${schedule}`).send(both)).status).toBe(200);
  }
  const byOverbooked = async () => refusalIn(await overbooked.post('/bookings', { slot_id: slot.id }));
  const byReserveKit = async () => (await kit.call('POST /bookings', bookingInput(timeSlot, MONDAY))).status;
  const byFhir = async () => {
    const appointment = {
      ...{ resourceType: 'Appointment', status: 'booked', slot: [{ reference: `Slot/${slot.id}` }], ...TIMES },
      participant: [{ actor: { reference: 'Patient/q1' }, status: 'accepted' }],
    };
    return (await kit.fhir.post('/Appointment').send(appointment)).status;
  };
  const slotNow = async () => thingIn(await overbooked.get(`/slots/${slot.id}`));

  test('a service of ReserveKit is a resource of Overbooked, with no slots that nobody stored', async () => {
    const { body } = await overbooked.get('/resources?name=Blood+donation');
    expect(body.data).toMatchObject([{ status: 'published', timezone: 'Asia/Kuala_Lumpur', num_slots: 0 }]);
  });

  test('a booking of ReserveKit takes the time of a slot of Overbooked, until it is cancelled', async () => {
    const booked = dataOf(await kit.call('POST /bookings', bookingInput(timeSlot, MONDAY)), 201);
    expect(await slotNow()).toMatchObject({ available: false, num_active_bookings: 0 });
    expect(await byOverbooked()).toBe('422 E049');
    expect(await byFhir()).toBe(409);
    expect((await kit.call(`POST /bookings/${String(booked['id'])}/cancel`)).status).toBe(200);
    expect(await slotNow()).toMatchObject({ available: true });
    expect(await byOverbooked()).toBe('200');
  });

  test('a lock and a booking of Overbooked take the time of a time slot of ReserveKit, until they end', async () => {
    const lock = { lock_until: later(NOW, 600_000), lock_key: 'zebra-41' };
    await overbooked.post(`/slots/${slot.id}/lock`, lock);
    expect(await byReserveKit()).toBe(400);
    await overbooked.post(`/slots/${slot.id}/unlock`, lock);
    const { id } = thingIn(await overbooked.post('/bookings', { slot_id: slot.id }));
    expect(await byReserveKit()).toBe(400);
    await overbooked.post(`/bookings/${id}/cancel`);
    expect(await byReserveKit()).toBe(201);
  });

  test('of thirty requests at once, ten by each, one gets the doctor', async () => {
    const doors = [byOverbooked, byReserveKit, byFhir];
    const answers = await Promise.all(Array.from({ length: 30 }, async (_, n) => doors[n % doors.length]?.()));
    expect(answers.filter((one) => String(one).startsWith('2'))).toHaveLength(1);
    expect(await slotNow()).toMatchObject({ available: false });
  });
});
