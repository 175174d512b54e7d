/** One engine behind both doors: what ReserveKit does counts in FHIR, and the other way round, on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment, Bundle, Slot } from 'fhir/r4.js';
import { counts } from '../../journeys/booking-words.js';
import { journeyStores } from '../../journeys/server.js';
import {
  bookingInput,
  dataOf,
  listIn,
  madeService,
  refusalOf,
  slotInput,
  startReserveKit,
  type Json,
  type ReserveKit,
} from './fixture.js';

const MONDAY = '2031-03-03';

describe.each(journeyStores)('$name', (store) => {
  let kit: ReserveKit;
  beforeEach(async () => {
    kit = await startReserveKit(store);
    await kit.fhir.put('/Patient/q1').send({ resourceType: 'Patient', id: 'q1', name: [{ text: 'Quentin' }] });
  });
  afterEach(async () => {
    await kit.expectSound();
    await kit.close();
  });

  const freeSlots = async (service: number, date = MONDAY) => {
    const answer = await kit.fhir.get(`/Slot?schedule=rk-service-${service}&start=${date}&end=${date}`);
    return ((answer.body as Bundle<Slot>).entry ?? []).flatMap(({ resource }) => resource ?? []);
  };
  const freeSlot = async (service: number) => (await freeSlots(service))[0]?.id ?? '';
  const appointmentOn = (slot: string, status: Appointment['status'] = 'booked') => ({
    resourceType: 'Appointment',
    status,
    slot: [{ reference: `Slot/${slot}` }],
    participant: [{ actor: { reference: 'Patient/q1' }, status: 'accepted' }],
  });
  const bookByFhir = async (id: string) => {
    const { start, end } = (await kit.fhir.get(`/Slot/${id}`)).body as Slot;
    return kit.fhir.post('/Appointment').send({ ...appointmentOn(id), start, end });
  };
  const book = (slot: number, date = MONDAY) => kit.call('POST /bookings', bookingInput(slot, date));
  const appointment = async (id: unknown) =>
    (await kit.fhir.get(`/Appointment/rk-booking-${String(id)}`)).body as Appointment;

  describe('of ReserveKit in FHIR', () => {
    test('a time slot is listed at once, as one Slot of its full length', async () => {
      const { service } = await madeService(kit);
      const [slot, ...others] = await freeSlots(service);
      expect(others).toEqual([]);
      expect(slot).toMatchObject({
        start: `${MONDAY}T13:30:00+08:00`,
        end: `${MONDAY}T14:15:00+08:00`,
        status: 'free',
      });
      expect(await freeSlots(service, '2031-03-04')).toEqual([]);
      const shorter = await kit.fhir.get(`/Slot?schedule=rk-service-${service}&start=${MONDAY}&duration=15`);
      expect((shorter.body as Bundle).total).toBe(0);
    });

    test('in a night that repeats an hour it is one Slot all the same', async () => {
      const night = { day_of_week: 6, start_time: '2031-01-01 01:00:00', end_time: '2031-01-01 02:00:00' };
      const made = { name: 'Night', timezone: 'America/New_York', time_slots: [slotInput(night)] };
      const { id } = dataOf(await kit.call('POST /services', made), 201);
      expect((await freeSlots(id as number, '2031-11-02')).map(({ start }) => start)).toEqual([
        '2031-11-02T01:00:00-04:00',
      ]);
    });

    test('a booking is an Appointment, pending until it is confirmed', async () => {
      const { service, slot } = await madeService(kit);
      const listed = await freeSlot(service);
      const { id } = dataOf(await book(slot), 201);
      expect(await appointment(id)).toMatchObject({
        ...{ status: 'pending', start: `${MONDAY}T13:30:00+08:00`, slot: [{ reference: `Slot/${listed}` }] },
        ...{ contained: [{ resourceType: 'Patient' }], created: '2031-02-20T03:10:00.000Z' },
      });
      dataOf(await kit.call(`PATCH /bookings/${String(id)}`, { status: 'confirmed' }));
      expect((await appointment(id)).status).toBe('booked');
      dataOf(await kit.call(`PATCH /bookings/${String(id)}`, { status: 'cancelled', cancel_reason: 'moved house' }));
      expect(await appointment(id)).toMatchObject({ status: 'cancelled', cancelationReason: { text: 'moved house' } });
    });

    test('the last place taken, FHIR lists nothing and refuses; cancelled, it lists it again', async () => {
      const { service, slot } = await madeService(kit, [slotInput({ max_bookings: 1 })]);
      const listed = await freeSlot(service);
      const { id } = dataOf(await book(slot), 201);
      expect(await freeSlots(service)).toEqual([]);
      expect((await bookByFhir(listed)).status).toBe(409);
      dataOf(await kit.call(`POST /bookings/${String(id)}/cancel`));
      expect((await freeSlots(service)).map((one) => one.id)).toEqual([listed]);
      expect((await bookByFhir(listed)).status).toBe(201);
    });

    test('a date off the weekday has a Slot that says it is taken, and the reason why it may be', async () => {
      const { slot } = await madeService(kit, [slotInput({ max_bookings: 1 })]);
      const { id } = dataOf(await book(slot, '2031-03-05'), 201);
      const { slot: slots = [], extension = [] } = await appointment(id);
      const taken = (await kit.fhir.get(`/${slots[0]?.reference ?? ''}`)).body as Slot;
      expect(taken).toMatchObject({ start: '2031-03-05T13:30:00+08:00', end: '2031-03-05T14:15:00+08:00' });
      expect(taken.status).not.toBe('free');
      expect(extension.map(({ url }) => url.split('/').at(-1))).toContain('override-reason');
    });

    test('FHIR goes by the rules still: a Monday that is over cannot be booked there', async () => {
      const { service } = await madeService(kit);
      const [past] = await freeSlots(service, '2031-02-17');
      const refused = await bookByFhir(past?.id ?? '');
      expect(refused.status).toBe(422);
    });
  });

  describe('of FHIR in ReserveKit', () => {
    test('a booking counts, is listed under a number that stays, and is confirmed', async () => {
      const { service, slot } = await madeService(kit);
      expect((await bookByFhir(await freeSlot(service))).status).toBe(201);
      const list = async () => listIn(await kit.call(`GET /bookings?service_id=${service}`), 'bookings');
      const [shown] = await list();
      expect(shown).toMatchObject({
        time_slot_id: slot,
        date: MONDAY,
        status: 'confirmed',
        customer: { name: 'Quentin' },
      });
      expect((await list())[0]?.['id']).toBe(shown?.['id']);
      expect(dataOf(await kit.call(`GET /bookings/${String(shown?.['id'])}`))).toEqual(shown);
      await book(slot);
      expect(refusalOf(await book(slot))).toBe('400 time_slot_full');
    });

    test('one that ReserveKit cancels is cancelled there, and stays listed', async () => {
      const { service } = await madeService(kit, [slotInput({ max_bookings: 1 })]);
      const made = await bookByFhir(await freeSlot(service));
      const [shown] = listIn(await kit.call(`GET /bookings?service_id=${service}`), 'bookings');
      dataOf(await kit.call(`PATCH /bookings/${String(shown?.['id'])}`, { status: 'cancelled', cancel_reason: 'ill' }));
      const { id = '' } = made.body as Appointment;
      expect(((await kit.fhir.get(`/Appointment/${id}`)).body as Appointment).status).toBe('cancelled');
      expect(await freeSlots(service)).toHaveLength(1);
      const listed = listIn(await kit.call(`GET /bookings?service_id=${service}`), 'bookings');
      expect(listed).toMatchObject([{ id: shown?.['id'], status: 'cancelled', cancel_reason: 'ill' }]);
    });

    test('one whose time slot is deleted is found by its number still', async () => {
      const { service, slot } = await madeService(kit);
      await bookByFhir(await freeSlot(service));
      const [shown] = listIn(await kit.call(`GET /bookings?service_id=${service}`), 'bookings');
      dataOf(await kit.call(`DELETE /time-slots/${slot}`));
      expect(dataOf(await kit.call(`GET /bookings/${String(shown?.['id'])}`))).toEqual(shown);
    });

    test('its Patient is not for ReserveKit to change', async () => {
      const { service } = await madeService(kit);
      await bookByFhir(await freeSlot(service));
      const [shown] = listIn(await kit.call(`GET /bookings?service_id=${service}`), 'bookings');
      const refused = await kit.call(`PATCH /bookings/${String(shown?.['id'])}/customer`, { name: 'Other' });
      expect(refusalOf(refused)).toBe('400 invalid_request');
    });

    test('what FHIR moves to another Schedule, at the same time too, is no booking here any more', async () => {
      const { service, slot } = await madeService(kit, [slotInput({ max_bookings: 1 })]);
      const { id } = dataOf(await book(slot), 201);
      await kit.fhir.put('/Practitioner/p2').send({ resourceType: 'Practitioner', id: 'p2' });
      const schedule = { resourceType: 'Schedule', id: 's2', actor: [{ reference: 'Practitioner/p2' }] };
      await kit.fhir.put('/Schedule/s2').send(schedule);
      const { start, end, ...rest } = await appointment(id);
      const other = { ...{ resourceType: 'Slot', id: 'x2', status: 'free' }, ...{ start, end } };
      await kit.fhir.put('/Slot/x2').send({ ...other, schedule: { reference: 'Schedule/s2' } });
      const moved = { ...rest, ...{ start, end }, slot: [{ reference: 'Slot/x2' }] };
      expect((await kit.fhir.put(`/Appointment/rk-booking-${String(id)}`).send(moved)).status).toBe(200);
      expect(refusalOf(await kit.call(`GET /bookings/${String(id)}`))).toBe('404 booking_not_found');
      expect(listIn(await kit.call(`GET /bookings?service_id=${service}`), 'bookings')).toEqual([]);
      expect((await book(slot)).status).toBe(201);
    });

    test('what FHIR cancels is free, and cancelled, here', async () => {
      const { slot } = await madeService(kit, [slotInput({ max_bookings: 1 })]);
      const { id } = dataOf(await book(slot), 201);
      await kit.fhir.post(`/Appointment/rk-booking-${String(id)}/$cancel`).send();
      expect(dataOf(await kit.call(`GET /bookings/${String(id)}`))).toMatchObject({ status: 'cancelled' });
      expect((await book(slot)).status).toBe(201);
    });

    test('a lock closes the date to every time slot, until it is opened or ends', async () => {
      const { service, ids } = await madeService(kit, [slotInput(), slotInput()]);
      const locked = await freeSlot(service);
      const lock = await kit.fhir.post(`/Slot/${locked}/$lock`).send({
        resourceType: 'Parameters',
        parameter: [
          { name: 'key', valueString: 'k' },
          { name: 'until', valueInstant: '2031-02-20T03:30:00Z' },
        ],
      });
      expect(lock.status).toBe(200);
      for (const id of ids) expect(refusalOf(await book(id))).toBe('400 time_slot_full');
      const [slot] = listIn(await kit.call(`GET /time-slots?service_id=${service}&date=${MONDAY}`), 'time_slots');
      expect(slot).toMatchObject({ available: false, remaining: 0 });
      expect((await book(ids[0] ?? 0, '2031-03-10')).status).toBe(201);
      kit.clock.ms += 3_600_000;
      expect((await book(ids[0] ?? 0)).status).toBe(201);
    });

    test('a hold takes a place until it ends', async () => {
      const { service, slot } = await madeService(kit, [slotInput({ max_bookings: 1 })]);
      const held = await kit.fhir.post('/Appointment/$hold').send(appointmentOn(await freeSlot(service), 'proposed'));
      expect(held.status).toBe(201);
      expect(refusalOf(await book(slot))).toBe('400 time_slot_full');
      kit.clock.ms += 3_600_000;
      expect((await book(slot)).status).toBe(201);
    });

    test('a Schedule that is closed cannot be booked here either', async () => {
      const { service, slot } = await madeService(kit);
      const schedule = (await kit.fhir.get(`/Schedule/rk-service-${service}`)).body as object;
      await kit.fhir.put(`/Schedule/rk-service-${service}`).send({ ...schedule, active: false });
      expect(refusalOf(await book(slot))).toBe('400 invalid_request');
    });

    test('a closure that FHIR wrote stays when a time slot changes', async () => {
      const { service, slot } = await madeService(kit);
      const closed = { url: 'during', valuePeriod: { start: MONDAY, end: MONDAY } };
      const path = `/Schedule/rk-service-${service}`;
      const schedule = (await kit.fhir.get(path)).body as { extension: { url: string; extension?: object[] }[] };
      const extension = schedule.extension.map((one) =>
        one.url.endsWith('/availability')
          ? { ...one, extension: [...(one.extension ?? []), { url: 'notAvailableTime', extension: [closed] }] }
          : one,
      );
      await kit.fhir.put(path).send({ ...schedule, extension });
      expect(await freeSlots(service)).toEqual([]);
      dataOf(await kit.call('PATCH /time-slots', { service_id: service, time_slots: [{ id: slot, max_bookings: 5 }] }));
      expect(await freeSlots(service)).toEqual([]);
    });
  });

  test('both doors at once never sell a place twice', async () => {
    const { service, slot } = await madeService(kit, [slotInput({ max_bookings: 3 })]);
    const listed = await freeSlot(service);
    const here = Array.from({ length: 10 }, () => book(slot));
    const there = Array.from({ length: 10 }, () => bookByFhir(listed));
    const answers: readonly { status: number; body: unknown }[] = await Promise.all([...here, ...there]);
    expect(counts(answers)[201]).toBe(3);
    expect(answers.every(({ status }) => [201, 400, 409].includes(status))).toBe(true);
    const listedAll: readonly Json[] = listIn(await kit.call(`GET /bookings?service_id=${service}`), 'bookings');
    expect(listedAll).toHaveLength(3);
  });
});
