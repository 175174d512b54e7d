/** Services and their time slots: the checkable behaviours 3 to 14 and 26 of ReserveKit's reference, on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  NAME_CHARACTERS_MAX,
  DESCRIPTION_CHARACTERS_MAX,
} from '../../../server/dialects/time-slots-v1/service-fields.js';
import { RULES_PER_SCHEDULE_MAX } from '../../../server/booking/index.js';
import { PAGE_SIZE_MAX } from '../../../server/dialects/time-slots-v1/paging.js';
import { journeyStores } from '../../journeys/server.js';
import {
  bookingInput,
  dataOf,
  listIn,
  madeService,
  refusalOf,
  slotInput,
  startReserveKit,
  type Answer,
  type Json,
  type ReserveKit,
} from './fixture.js';

describe.each(journeyStores)('$name', (store) => {
  let kit: ReserveKit;
  beforeEach(async () => (kit = await startReserveKit(store)));
  afterEach(async () => {
    await kit.expectSound();
    await kit.close();
  });

  const numbersOf = (slots: readonly Json[]) => slots.map(({ id }) => id);
  const slotsOf = async (service: number) =>
    listIn(await kit.call(`GET /time-slots?service_id=${service}&no_pagination=true`), 'time_slots');

  describe('services', () => {
    test('a new one answers with what the SDKs read, and without its time slots', async () => {
      const made = await kit.call('POST /services', {
        name: 'Donation',
        timezone: 'Asia/Kuala_Lumpur',
        time_slots: [slotInput()],
      });
      expect(dataOf(made, 201)).toEqual({
        id: expect.any(Number),
        name: 'Donation',
        description: null,
        timezone: 'Asia/Kuala_Lumpur',
        version: 1,
        provider_id: expect.any(String),
        created_at: '2031-02-20T03:10:00Z',
        updated_at: '2031-02-20T03:10:00Z',
      });
    });

    test('its time slots are made with it', async () => {
      const made = await kit.call('POST /services', {
        name: 'A',
        timezone: 'UTC',
        time_slots: [slotInput(), slotInput()],
      });
      expect(await slotsOf(dataOf(made, 201)['id'] as number)).toHaveLength(2);
    });

    test('one faulty time slot among them, and there is no service', async () => {
      const slots = [slotInput(), slotInput({ max_bookings: 0 })];
      const refused = await kit.call('POST /services', { name: 'A', timezone: 'UTC', time_slots: slots });
      expect(refused.body['details']).toEqual({ 'time_slots[1].max_bookings': expect.any(String) });
      expect(listIn(await kit.call('GET /services'), 'services')).toEqual([]);
    });

    test('a zone that nobody knows is named in the details', async () => {
      const refused = await kit.call('POST /services', { name: 'A', timezone: 'Mars/Base' });
      expect(refusalOf(refused)).toBe('400 invalid_field_format');
      expect(refused.body['details']).toEqual({ timezone: expect.any(String) });
    });

    test.each([
      ['europe/lisbon', 'Europe/Lisbon'],
      ['utc', 'UTC'],
    ])('the zone %s is %s', async (sent, zone) => {
      const { id, timezone } = dataOf(await kit.call('POST /services', { name: 'A', timezone: sent }), 201);
      expect(timezone).toBe(zone);
      const path = `PATCH /services/${String(id)}`;
      dataOf(await kit.call(path, { timezone: 'Asia/Kuala_Lumpur' }));
      expect(dataOf(await kit.call(path, { timezone: sent }))['timezone']).toBe(zone);
    });

    test.each(['\u0001', '\ud800'])(
      'a name with %j, which no resource may have, is named in the details',
      async (text) => {
        const refused = await kit.call('POST /services', { name: `A${text}`, timezone: 'UTC' });
        expect(refusalOf(refused)).toBe('400 invalid_field_format');
        expect(refused.body['details']).toEqual({ name: expect.any(String) });
      },
    );

    test.each([
      ['name', 'n'.repeat(NAME_CHARACTERS_MAX + 1)],
      ['description', 'd'.repeat(DESCRIPTION_CHARACTERS_MAX + 1)],
    ])('a %s that is too long is refused', async (field, text) => {
      const refused = await kit.call('POST /services', { name: 'A', timezone: 'UTC', [field]: text });
      expect(refused.body['details']).toEqual({ [field]: expect.any(String) });
    });

    test('reading one carries no error', async () => {
      const { service } = await madeService(kit);
      const answer = await kit.call(`GET /services/${service}`);
      expect(Object.keys(answer.body)).toEqual(['data']);
      expect(dataOf(answer)['id']).toBe(service);
    });

    test('a change grows the version by one, and takes what it names', async () => {
      const { service } = await madeService(kit);
      const changed = await kit.call(`PATCH /services/${service}`, { description: 'Allow 45 minutes' });
      expect(dataOf(changed)).toMatchObject({ version: 2, name: 'Blood donation', description: 'Allow 45 minutes' });
      expect(dataOf(await kit.call(`PATCH /services/${service}`, { description: null }))['description']).toBeNull();
    });

    test('a new name reaches both resources, so that all APIs tell the same', async () => {
      const { service } = await madeService(kit);
      const read = async (type: string) => (await kit.fhir.get(`/${type}/rk-service-${service}`)).body as Json;
      await kit.fhir.put(`/Schedule/rk-service-${service}`).send({ ...(await read('Schedule')), comment: 'Old' });
      dataOf(await kit.call(`PATCH /services/${service}`, { name: 'New' }));
      expect(await read('HealthcareService')).toMatchObject({ name: 'New' });
      expect(await read('Schedule')).toMatchObject({ comment: 'New', actor: [{ display: 'New' }] });
    });

    test('they are listed in pages, those of FHIR clients are not', async () => {
      const first = await madeService(kit);
      const second = await madeService(kit);
      await kit.fhir.put('/HealthcareService/h1').send({ resourceType: 'HealthcareService', id: 'h1', name: 'Other' });
      const page = await kit.call('GET /services?page=2&page_size=1');
      expect(numbersOf(listIn(page, 'services'))).toEqual([second.service]);
      expect(dataOf(page)['pagination']).toEqual({ current_page: 2, total_pages: 2, total_count: 2, page_size: 1 });
      expect(numbersOf(listIn(await kit.call('GET /services'), 'services'))).toEqual([first.service, second.service]);
    });

    test('one that is deleted takes its time slots and bookings along', async () => {
      const { service, slot } = await madeService(kit);
      const booked = dataOf(await kit.call('POST /bookings', bookingInput(slot, '2031-03-03')), 201);
      expect((await kit.call(`DELETE /services/${service}`)).body).toEqual({ data: 'ok' });
      const asked = [`/services/${service}`, `/services/${service}/time-slots`, `/bookings/${String(booked['id'])}`];
      const answers = await Promise.all(asked.map((path) => kit.call(`GET ${path}`)));
      expect(answers.map(refusalOf)).toEqual([
        '404 service_not_found',
        '404 service_not_found',
        '404 booking_not_found',
      ]);
      expect(refusalOf(await kit.call(`DELETE /time-slots/${slot}`))).toBe('404 time_slot_not_found');
    });
  });

  describe('time slots', () => {
    test('asked for without pages, as JavaScript does, their times are clock times', async () => {
      const { service } = await madeService(kit);
      const answer = await kit.call(`GET /time-slots?service_id=${service}&no_pagination=true`);
      expect(dataOf(answer)['pagination']).toBeNull();
      expect(listIn(answer, 'time_slots')[0]).toMatchObject({
        ...{ service_id: service, day_of_week: 0, max_bookings: 2 },
        ...{ start_time: '2031-01-01 13:30:00', end_time: '2031-01-01 14:15:00' },
      });
    });

    test('asked for by the service alone, as Go does, their times are RFC 3339', async () => {
      const { service } = await madeService(kit);
      const [slot] = listIn(await kit.call(`GET /time-slots?service_id=${service}`), 'time_slots');
      expect(slot).toMatchObject({ start_time: '2031-01-01T13:30:00+08:00', end_time: '2031-01-01T14:15:00+08:00' });
    });

    test('asked for in pages, a page of them comes, by day, time and id', async () => {
      const late = slotInput({ day_of_week: 1 });
      const early = slotInput({ start_time: '2031-01-01 08:00:00', end_time: '2031-01-01 09:00:00' });
      const { service, ids } = await madeService(kit, [late, slotInput(), early]);
      const page = await kit.call(`GET /time-slots?service_id=${service}&page=1&page_size=2`);
      expect(numbersOf(listIn(page, 'time_slots'))).toEqual([ids[2], ids[1]]);
      expect(dataOf(page)['pagination']).toEqual({ current_page: 1, total_pages: 2, total_count: 3, page_size: 2 });
      expect(listIn(page, 'time_slots')[0]).toMatchObject({ start_time: '2031-01-01 08:00:00' });
    });

    test.each(['page=0', 'page=x', 'page_size=0', `page_size=${PAGE_SIZE_MAX + 1}`, 'no_pagination=perhaps'])(
      '%s is refused',
      async (query) => {
        const { service } = await madeService(kit);
        expect(refusalOf(await kit.call(`GET /time-slots?service_id=${service}&${query}`))).toBe('400 invalid_request');
      },
    );

    test('they are asked for by a service that there is', async () => {
      expect(refusalOf(await kit.call('GET /time-slots'))).toBe('400 missing_required_field');
      expect(refusalOf(await kit.call('GET /time-slots?service_id=999999'))).toBe('404 service_not_found');
    });

    test('below their service the data is the list itself', async () => {
      const { service, ids } = await madeService(kit);
      const { data } = (await kit.call(`GET /services/${service}/time-slots`)).body;
      expect(numbersOf(data as Json[])).toEqual(ids);
    });

    test('with a date they tell what is left of them then', async () => {
      const { service, slot } = await madeService(kit);
      await kit.call('POST /bookings', bookingInput(slot, '2031-03-03'));
      const ofDay = async (date: string) =>
        listIn(await kit.call(`GET /time-slots?service_id=${service}&date=${date}`), 'time_slots')[0];
      expect(await ofDay('2031-03-03')).toMatchObject({ available: true, remaining: 1 });
      await kit.call('POST /bookings', bookingInput(slot, '2031-03-03'));
      expect(await ofDay('2031-03-03')).toMatchObject({ available: false, remaining: 0 });
      expect(await ofDay('2031-03-10')).toMatchObject({ available: true, remaining: 2 });
    });

    test.each(['PATCH', 'PUT'])(
      '%s changes and makes, in the order of the request, and leaves the others',
      async (verb) => {
        const { service, ids } = await madeService(kit, [slotInput(), slotInput({ day_of_week: 3 })]);
        const entries = [slotInput({ day_of_week: 4 }), { id: ids[0], max_bookings: 9 }];
        const answer = await kit.call(`${verb} /time-slots`, { service_id: service, time_slots: entries });
        const [made, changed] = dataOf(answer) as unknown as Json[];
        expect(changed).toMatchObject({
          id: ids[0],
          max_bookings: 9,
          day_of_week: 0,
          start_time: '2031-01-01 13:30:00',
        });
        expect(ids).not.toContain(made?.['id']);
        expect(numbersOf(await slotsOf(service))).toEqual([ids[0], ids[1], made?.['id']]);
      },
    );

    test('an unknown one in a batch, and nothing of it happens', async () => {
      const { service, ids } = await madeService(kit);
      const entries = [slotInput(), { id: 999999, max_bookings: 3 }];
      const refused = await kit.call('PATCH /time-slots', { service_id: service, time_slots: entries });
      expect(refusalOf(refused)).toBe('404 time_slot_not_found');
      expect(numbersOf(await slotsOf(service))).toEqual(ids);
    });

    test('one of another service is unknown', async () => {
      const { slot } = await madeService(kit);
      const { service } = await madeService(kit);
      const entries = [{ id: slot, max_bookings: 3 }];
      const refused = await kit.call('PATCH /time-slots', { service_id: service, time_slots: entries });
      expect(refusalOf(refused)).toBe('404 time_slot_not_found');
    });

    test('too many of them take no numbers', async () => {
      const { service, slot } = await madeService(kit);
      const entries = Array.from({ length: RULES_PER_SCHEDULE_MAX }, () => slotInput());
      const asked = { time_slots: entries };
      const patched = await kit.call('PATCH /time-slots', { service_id: service, ...asked });
      expect(refusalOf(patched)).toBe('400 invalid_request');
      expect(refusalOf(await kit.call(`PATCH /services/${service}`, asked))).toBe('400 invalid_request');
      expect((await madeService(kit)).slot).toBe(slot + 1);
    });

    test('no entries change nothing', async () => {
      const { service } = await madeService(kit);
      expect((await kit.call('PATCH /time-slots', { service_id: service, time_slots: [] })).body).toEqual({ data: [] });
    });

    test.each([
      ['day_of_week', 7],
      ['day_of_week', '1'],
      ['start_time', '13:30'],
      ['start_time', '2031-01-01 13:30:30'],
      ['start_time', '2031-02-30 13:30:00'],
      ['end_time', '2031-01-02 13:30:00'],
      ['max_bookings', 0],
      ['max_bookings', 1001],
    ])('%s %s is refused by name', async (field, value) => {
      const { service } = await madeService(kit);
      const entries = [slotInput({ [field]: value })];
      const refused = await kit.call('PATCH /time-slots', { service_id: service, time_slots: entries });
      expect(refusalOf(refused)).toBe('400 invalid_field_format');
      expect(refused.body['details']).toEqual({ [`time_slots[0].${field}`]: expect.any(String) });
    });

    test('times in RFC 3339 are what the clocks of the service show then', async () => {
      const times = { start_time: '2031-01-01T05:30:00Z', end_time: '2031-01-01T15:00:00+09:00' };
      const { service } = await madeService(kit, [slotInput(times)]);
      const [slot] = await slotsOf(service);
      expect(slot).toMatchObject({ start_time: '2031-01-01 13:30:00', end_time: '2031-01-01 14:00:00' });
    });

    test('one that is deleted is gone, and its bookings stay', async () => {
      const { slot } = await madeService(kit);
      const { id } = dataOf(await kit.call('POST /bookings', bookingInput(slot, '2031-03-03')), 201);
      expect((await kit.call(`DELETE /time-slots/${slot}`)).body).toEqual({ data: 'ok' });
      expect(refusalOf(await kit.call(`DELETE /time-slots/${slot}`))).toBe('404 time_slot_not_found');
      expect(dataOf(await kit.call(`GET /bookings/${String(id)}`))).toMatchObject({ time_slot_id: slot });
      expect(refusalOf(await kit.call('POST /bookings', bookingInput(slot, '2031-03-03')))).toBe(
        '404 time_slot_not_found',
      );
    });

    test('those of a day are deleted together', async () => {
      const { service, ids } = await madeService(kit, [slotInput(), slotInput({ day_of_week: 2 }), slotInput()]);
      const ofDay = (day: string) => kit.call(`DELETE /time-slots?service_id=${service}&day_of_week=${day}`);
      expect((await ofDay('0')).body).toEqual({ data: 'ok' });
      expect(numbersOf(await slotsOf(service))).toEqual([ids[1]]);
      expect((await ofDay('0')).body).toEqual({ data: 'ok' });
      expect(refusalOf(await ofDay('7'))).toBe('400 invalid_field_format');
      expect(refusalOf(await kit.call(`DELETE /time-slots?service_id=${service}`))).toBe('400 missing_required_field');
      expect(refusalOf(await kit.call('DELETE /time-slots?service_id=99999&day_of_week=0'))).toBe(
        '404 service_not_found',
      );
    });

    test('bookings to come last as long as their time slot', async () => {
      const { service, slot } = await madeService(kit);
      const { id } = dataOf(await kit.call('POST /bookings', bookingInput(slot, '2031-03-03')), 201);
      const entries = [{ id: slot, end_time: '2031-01-01 15:00:00' }];
      dataOf(await kit.call('PATCH /time-slots', { service_id: service, time_slots: entries }));
      const booked = (await kit.fhir.get(`/Appointment/rk-booking-${String(id)}`)).body as Json;
      expect(booked).toMatchObject({ start: '2031-03-03T13:30:00+08:00', end: '2031-03-03T15:00:00+08:00' });
    });

    test('bookings to come move along with the clock times of their time slot, and with the zone', async () => {
      const { service, slot } = await madeService(kit);
      const { id } = dataOf(await kit.call('POST /bookings', bookingInput(slot, '2031-03-03')), 201);
      const startOf = async () =>
        ((await kit.fhir.get(`/Appointment/rk-booking-${String(id)}`)).body as { start: string }).start;
      const times = { start_time: '2031-01-01 15:00:00', end_time: '2031-01-01 15:30:00' };
      dataOf(await kit.call('PATCH /time-slots', { service_id: service, time_slots: [{ id: slot, ...times }] }));
      expect(await startOf()).toBe('2031-03-03T15:00:00+08:00');
      dataOf(await kit.call(`PATCH /services/${service}`, { timezone: 'America/New_York' }));
      expect(await startOf()).toBe('2031-03-03T15:00:00-05:00');
      expect(dataOf(await kit.call(`GET /bookings/${String(id)}`))).toMatchObject({ date: '2031-03-03' });
    });
  });

  test('a booking follows to its date where the new time is the old instant on another one', async () => {
    const early = slotInput({ start_time: '2031-01-01 07:00:00', end_time: '2031-01-01 07:30:00' });
    const { service, slot } = await madeService(kit, [early]);
    const { id } = dataOf(await kit.call('POST /bookings', bookingInput(slot, '2031-03-05')), 201);
    const times = { start_time: '2031-01-01 23:00:00', end_time: '2031-01-01 23:30:00' };
    const change = { timezone: 'UTC', time_slots: [{ id: slot, ...times }] };
    dataOf(await kit.call(`PATCH /services/${service}`, change));
    expect(dataOf(await kit.call(`GET /bookings/${String(id)}`))).toMatchObject({ date: '2031-03-05' });
  });

  test('a booking that arrives while a time slot changes lies at its new time, too', async () => {
    const { service, slot } = await madeService(kit, [slotInput()]);
    const search = kit.store.search.bind(kit.store);
    const late: Answer[] = [];
    kit.store.search = async (query) => {
      const found = await search(query);
      const isFirst = query.type === 'Appointment' && late.length === 0;
      if (isFirst) late.push(await kit.call('POST /bookings', bookingInput(slot, '2031-03-03')));
      return found;
    };
    const times = { start_time: '2031-01-01 15:00:00', end_time: '2031-01-01 15:30:00' };
    dataOf(await kit.call('PATCH /time-slots', { service_id: service, time_slots: [{ id: slot, ...times }] }));
    const [answer] = late;
    const id = answer && dataOf(answer, 201)['id'];
    const booked = (await kit.fhir.get(`/Appointment/rk-booking-${String(id)}`)).body as Json;
    expect(booked).toMatchObject({ start: '2031-03-03T15:00:00+08:00', end: '2031-03-03T15:30:00+08:00' });
  });

  test('with weeks that begin on Sunday, 1 is Monday, in and out', async () => {
    const other = await startReserveKit(store, { reservekit: { weekStart: 'sunday' } });
    const { service } = await madeService(other, [slotInput({ day_of_week: 1 }), slotInput({ day_of_week: 0 })]);
    const slots = listIn(await other.call(`GET /time-slots?service_id=${service}`), 'time_slots');
    expect(slots.map((slot) => slot['day_of_week'])).toEqual([0, 1]);
    const found = await other.fhir.get(`/Slot?schedule=rk-service-${service}&start=2031-03-02&end=2031-03-03`);
    const starts = (found.body as { entry: { resource: { start: string } }[] }).entry.map((one) => one.resource.start);
    expect(starts).toEqual(['2031-03-02T13:30:00+08:00', '2031-03-03T13:30:00+08:00']);
    await other.close();
  });
});
