/** What FHIR clients change of a service behind ReserveKit's back: its calls go by what is there now, on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment, Bundle, Extension, Schedule } from 'fhir/r4.js';
import { journeyStores } from '../../journeys/server.js';
import {
  bookingInput,
  dataOf,
  listIn,
  madeService,
  PUBLIC_KEY,
  refusalOf,
  slotInput,
  startReserveKit,
  type Json,
  type ReserveKit,
} from './fixture.js';

const MONDAY = '2031-03-03';
const WEDNESDAY = '2031-03-05';
const TIMEZONE_URL = 'http://hl7.org/fhir/StructureDefinition/timezone';

describe.each(journeyStores)('$name', (store) => {
  let kit: ReserveKit;
  beforeEach(async () => (kit = await startReserveKit(store)));
  afterEach(async () => {
    await kit.expectSound();
    await kit.close();
  });

  const book = (slot: number, date: string, fields: Json = {}, key?: string) =>
    kit.call('POST /bookings', bookingInput(slot, date, fields), key);
  const placesOf = async (service: number, date: string) =>
    listIn(await kit.call(`GET /time-slots?service_id=${service}&date=${date}`), 'time_slots')[0];
  const freeTimes = async (service: number, date: string) => {
    const answer = await kit.fhir.get(`/Slot?schedule=rk-service-${service}&start=${date}&end=${date}`);
    return (answer.body as Bundle).total;
  };

  /** Writes the Schedule of a service by FHIR with other extensions. */
  async function rewrite(service: number, change: (extension: Extension) => Extension): Promise<void> {
    const path = `/Schedule/rk-service-${service}`;
    const schedule = (await kit.fhir.get(path)).body as Schedule;
    const answer = await kit.fhir.put(path).send({ ...schedule, extension: schedule.extension?.map(change) });
    expect({ status: answer.status, body: answer.body as unknown }).toMatchObject({ status: 200 });
  }
  const moveTo = (service: number, zone: string) =>
    rewrite(service, (one) => (one.url === TIMEZONE_URL ? { ...one, valueCode: zone } : one));
  const addToRules = (service: number, ...parts: Extension[]) =>
    rewrite(service, (one) =>
      one.url.endsWith('/availability') ? { ...one, extension: [...(one.extension ?? []), ...parts] } : one,
    );

  describe('where one of the two resources of a service is deleted', () => {
    test.each(['Schedule', 'HealthcareService'])(
      'the %s: the others are listed, and it can be deleted',
      async (type) => {
        const lost = await madeService(kit);
        const { service } = await madeService(kit);
        expect((await kit.fhir.delete(`/${type}/rk-service-${lost.service}`)).status).toBeLessThan(300);
        const page = await kit.call('GET /services?page_size=100');
        expect(listIn(page, 'services').map(({ id }) => id)).toEqual([service]);
        expect(dataOf(page)['pagination']).toMatchObject({ total_count: 1 });
        expect(refusalOf(await kit.call(`GET /services/${lost.service}`))).toBe('404 service_not_found');
        expect((await kit.call(`DELETE /services/${lost.service}`)).body).toEqual({ data: 'ok' });
        expect((await kit.fhir.get(`/HealthcareService/rk-service-${lost.service}`)).status).toBe(410);
        expect((await kit.fhir.get(`/Schedule/rk-service-${lost.service}`)).status).toBe(410);
        expect(refusalOf(await kit.call(`DELETE /services/${lost.service}`))).toBe('404 service_not_found');
      },
    );

    test('its bookings and time slots are unknown by these names', async () => {
      const { service, slot } = await madeService(kit);
      const { id } = dataOf(await book(slot, MONDAY), 201);
      await kit.fhir.delete(`/HealthcareService/rk-service-${service}`);
      expect(refusalOf(await kit.call(`GET /bookings/${String(id)}`))).toBe('404 booking_not_found');
      expect(refusalOf(await book(slot, MONDAY))).toBe('404 time_slot_not_found');
      expect(refusalOf(await kit.call(`DELETE /time-slots/${slot}`))).toBe('404 time_slot_not_found');
    });
  });

  describe('where the zone changes, the bookings of a date', () => {
    const AROHA = { customer_email: 'aroha@clinic.test' };

    test('count against its places still', async () => {
      const { service, slot } = await madeService(kit, [slotInput({ max_bookings: 2 })]);
      dataOf(await book(slot, WEDNESDAY), 201);
      await moveTo(service, 'Europe/Lisbon');
      expect(await placesOf(service, WEDNESDAY)).toMatchObject({ available: true, remaining: 1 });
      dataOf(await book(slot, WEDNESDAY), 201);
      expect(await placesOf(service, WEDNESDAY)).toMatchObject({ available: false, remaining: 0 });
      expect(refusalOf(await book(slot, WEDNESDAY))).toBe('400 time_slot_full');
      const { id } = dataOf(await book(slot, '2031-03-12'), 201);
      expect(refusalOf(await kit.call(`PATCH /bookings/${String(id)}`, { date: WEDNESDAY }))).toBe(
        '400 time_slot_full',
      );
    });

    test('are those of their customers still', async () => {
      const { service, slot } = await madeService(kit, [slotInput({ max_bookings: 5 })]);
      dataOf(await book(slot, WEDNESDAY, AROHA), 201);
      await moveTo(service, 'Europe/Lisbon');
      expect(refusalOf(await book(slot, WEDNESDAY, AROHA))).toBe('400 duplicate_booking');
    });

    test('and those of the days beside it do not count', async () => {
      const { service, slot } = await madeService(kit, [slotInput({ max_bookings: 1 })]);
      dataOf(await book(slot, '2031-03-04', AROHA), 201);
      dataOf(await book(slot, '2031-03-06', AROHA), 201);
      await moveTo(service, 'Europe/Lisbon');
      dataOf(await book(slot, WEDNESDAY, AROHA), 201);
    });
  });

  test('a booking that by the new zone begins on the date before is not of the date on which it ends', async () => {
    const { service, slot } = await madeService(kit, [slotInput({ max_bookings: 1 })]);
    const { id } = dataOf(await book(slot, WEDNESDAY), 201);
    await moveTo(service, 'America/Guatemala');
    expect(dataOf(await kit.call(`GET /bookings/${String(id)}`))).toMatchObject({ date: '2031-03-04' });
    expect(await placesOf(service, WEDNESDAY)).toMatchObject({ remaining: 1 });
    expect(await placesOf(service, '2031-03-04')).toMatchObject({ remaining: 0 });
    expect(refusalOf(await book(slot, '2031-03-04'))).toBe('400 time_slot_full');
    dataOf(await book(slot, WEDNESDAY), 201);
  });

  test('hours that FHIR moves leave the bookings of a date counting', async () => {
    const { service, slot } = await madeService(kit, [slotInput({ max_bookings: 1 })]);
    dataOf(await book(slot, MONDAY), 201);
    const later = (hours: Extension): Extension => {
      if (hours.url === 'availableStartTime') return { ...hours, valueTime: '15:00:00' };
      return hours.url === 'availableEndTime' ? { ...hours, valueTime: '15:45:00' } : hours;
    };
    const moved = (part: Extension): Extension =>
      part.url === 'availableTime' ? { ...part, extension: (part.extension ?? []).map(later) } : part;
    await rewrite(service, (one) => (one.extension ? { ...one, extension: one.extension.map(moved) } : one));
    expect(refusalOf(await book(slot, MONDAY))).toBe('400 time_slot_full');
    expect(await placesOf(service, MONDAY)).toMatchObject({ remaining: 0 });
  });

  describe('what FHIR closes stays closed', () => {
    const CLOSED: Extension = {
      url: 'notAvailableTime',
      extension: [{ url: 'during', valuePeriod: { start: WEDNESDAY, end: WEDNESDAY } }],
    };
    const HOLIDAY: Extension = { url: 'override', extension: [{ url: 'date', valueDate: WEDNESDAY }] };
    const NOTICE: Extension = {
      url: 'minimumNotice',
      valueDuration: { value: 30, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' },
    };

    test.each([
      ['a closure', CLOSED],
      ['an override without hours', HOLIDAY],
      ['a minimum notice', NOTICE],
    ])('%s, whichever key asks', async (_name, part) => {
      const { service, slot } = await madeService(kit, [slotInput({ day_of_week: 2 })]);
      await addToRules(service, part);
      expect(await freeTimes(service, WEDNESDAY)).toBe(0);
      expect(await placesOf(service, WEDNESDAY)).toMatchObject({ available: false, remaining: 0 });
      expect(refusalOf(await book(slot, WEDNESDAY, {}, PUBLIC_KEY))).toBe('400 invalid_request');
      expect(refusalOf(await book(slot, WEDNESDAY))).toBe('400 invalid_request');
      const { id } = dataOf(await book(slot, '2031-04-02'), 201);
      expect(refusalOf(await kit.call(`PATCH /bookings/${String(id)}`, { date: WEDNESDAY }))).toBe(
        '400 invalid_request',
      );
    });

    test('past dates and dates off the weekday beside it can be booked', async () => {
      const { service, slot } = await madeService(kit);
      await addToRules(service, CLOSED);
      for (const date of ['2031-02-17', '2031-03-04']) expect((await book(slot, date)).status).toBe(201);
    });

    test('bookings that are there keep their time, and follow their time slot', async () => {
      const { service, slot } = await madeService(kit);
      const { id } = dataOf(await book(slot, WEDNESDAY), 201);
      await addToRules(service, CLOSED);
      dataOf(await kit.call(`PATCH /bookings/${String(id)}`, { status: 'confirmed', message: 'Come early' }));
      const times = { start_time: '2031-01-01 15:00:00', end_time: '2031-01-01 15:30:00' };
      dataOf(await kit.call('PATCH /time-slots', { service_id: service, time_slots: [{ id: slot, ...times }] }));
      const { start } = (await kit.fhir.get(`/Appointment/rk-booking-${String(id)}`)).body as Appointment;
      expect(start).toBe(`${WEDNESDAY}T15:00:00+08:00`);
    });
  });

  test.each([
    ['PATCH', '', { status: 'cancelled', cancel_reason: 'x' }],
    ['POST', '/cancel', undefined],
  ])('%s …%s of a booking that FHIR has fulfilled: 422', async (verb, below, body) => {
    const { slot } = await madeService(kit);
    const id = String(dataOf(await book(slot, MONDAY), 201)['id']);
    dataOf(await kit.call(`PATCH /bookings/${id}`, { status: 'confirmed' }));
    const path = `/Appointment/rk-booking-${id}`;
    const appointment = (await kit.fhir.get(path)).body as Appointment;
    expect((await kit.fhir.put(path).send({ ...appointment, status: 'fulfilled' })).status).toBe(200);
    expect(refusalOf(await kit.call(`${verb} /bookings/${id}${below}`, body))).toBe('422 invalid_status_transition');
    expect(dataOf(await kit.call(`GET /bookings/${id}`))).toMatchObject({ status: 'confirmed' });
  });
});
