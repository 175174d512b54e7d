/** Bookings: the checkable behaviours 15 to 24 of ReserveKit's reference, on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
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
  type Answer,
  type Json,
  type ReserveKit,
} from './fixture.js';

/** The customer of the example in the reference's section 4.5. */
const AROHA = { customer_name: 'Aroha Tane', customer_email: 'aroha@clinic.test', customer_phone: '+6421555014' };
/** A Wednesday: the time slot of the fixture is for Mondays. */
const WEDNESDAY = '2031-03-05';

describe.each(journeyStores)('$name', (store) => {
  let kit: ReserveKit;
  let slot = 0;
  let service = 0;
  beforeEach(async () => {
    kit = await startReserveKit(store);
    ({ slot, service } = await madeService(kit));
  });
  afterEach(async () => {
    await kit.expectSound();
    await kit.close();
  });

  const book = (date: string, fields: Json = {}) => kit.call('POST /bookings', bookingInput(slot, date, fields));
  const booked = async (date: string, fields: Json = {}) => dataOf(await book(date, fields), 201)['id'] as number;
  const patch = (id: number, body: Json) => kit.call(`PATCH /bookings/${id}`, body);
  const read = async (id: number) => dataOf(await kit.call(`GET /bookings/${id}`));

  describe('a new one', () => {
    test('is pending, and looks as the reference shows it', async () => {
      const made = dataOf(await book(WEDNESDAY, { ...AROHA, message: 'Second donation this year' }), 201);
      const stamps = { created_at: '2031-02-20T03:10:00Z', updated_at: '2031-02-20T03:10:00Z' };
      const { id } = made;
      expect(made).toEqual({
        ...{ id: expect.any(Number), service_id: service, time_slot_id: slot, date: WEDNESDAY, status: 'pending' },
        ...{ message: 'Second donation this year', customer_id: id, version: 1, ...stamps },
        customer: { id, name: 'Aroha Tane', email: 'aroha@clinic.test', phone: '+6421555014', ...stamps },
      });
      expect(await read(id as number)).toEqual(made);
    });

    test('may name its service, which must be that of the time slot', async () => {
      const other = await madeService(kit);
      const under = (number: number) => kit.call(`POST /bookings?service_id=${number}`, bookingInput(slot, WEDNESDAY));
      dataOf(await under(service), 201);
      expect(refusalOf(await under(other.service))).toBe('404 time_slot_not_found');
    });

    test.each([
      ['2031-03-05', '2031-03-05', '2031-03-05'],
      ['2031-03-05T00:00:00.000Z', '2031-03-05', '2031-03-05T00:00:00Z'],
      ['2031-03-05T23:30:00.000000005+08:00', '2031-03-05', '2031-03-05T00:00:00Z'],
      ['2031-03-05T20:00:00Z', '2031-03-06', '2031-03-06T00:00:00Z'],
    ])('for %s is on %s, told as %s', async (sent, date, told) => {
      const made = dataOf(await book(sent), 201);
      expect(made['date']).toBe(told);
      expect((await read(made['id'] as number))['date']).toBe(date);
    });

    test.each(['2031-02-30', 'tomorrow', '2031-03-05T25:00:00Z', 20310305])('for %s is refused', async (date) => {
      const refused = await kit.call('POST /bookings', { time_slot_id: slot, date });
      expect(refusalOf(refused)).toBe('400 invalid_field_format');
    });

    test.each(['2024-01-01', '2031-02-19'])('may be for %s, which is over', async (date) => {
      expect(await read(await booked(date))).toMatchObject({ date });
    });

    test('may lack a customer, whose fields are null then', async () => {
      const fields = { customer_name: null, customer_email: '', message: null };
      const made = await kit.call('POST /bookings', { time_slot_id: slot, date: WEDNESDAY, ...fields });
      expect(dataOf(made, 201)).toMatchObject({ message: null, customer: { name: null, email: null, phone: null } });
      expect((await book(WEDNESDAY, { customer_email: null })).status).toBe(201);
    });

    test('needs a date and a time slot, each named where both are missing', async () => {
      const refused = await kit.call('POST /bookings', {});
      expect(refusalOf(refused)).toBe('400 validation_failed');
      expect(Object.keys(refused.body['details'] as object)).toEqual(['date', 'time_slot_id']);
      expect(refusalOf(await kit.call('POST /bookings', { date: WEDNESDAY }))).toBe('400 missing_required_field');
    });

    test('of a time slot that is not there is refused', async () => {
      expect(refusalOf(await kit.call('POST /bookings', bookingInput(999999, WEDNESDAY)))).toBe(
        '404 time_slot_not_found',
      );
    });

    test('has customer fields as the patterns want them', async () => {
      const both = await book(WEDNESDAY, { customer_email: 'nope', customer_phone: '0123' });
      expect(refusalOf(both)).toBe('400 validation_failed');
      expect(Object.keys(both.body['details'] as object)).toEqual(['customer_email', 'customer_phone']);
      expect(refusalOf(await book(WEDNESDAY, { customer_phone: '0123' }))).toBe('400 invalid_field_format');
    });
  });

  test.each(['message', 'customer_name', 'customer_email'])('a control character in %s is named', async (field) => {
    const refused = await book(WEDNESDAY, { [field]: 'a\u0001@b.test' });
    expect(refusalOf(refused)).toBe('400 invalid_field_format');
    expect(refused.body['details']).toEqual({ [field]: expect.any(String) });
  });

  describe('capacity', () => {
    test('of a date counts for that date alone', async () => {
      await booked(WEDNESDAY);
      await booked(WEDNESDAY);
      expect(refusalOf(await book(WEDNESDAY))).toBe('400 time_slot_full');
      expect((await book('2031-03-12')).status).toBe(201);
    });

    test('of equal and of overlapping time slots counts for each alone', async () => {
      const longer = slotInput({ start_time: '2031-01-01 13:00:00', max_bookings: 1 });
      const { ids } = await madeService(kit, [slotInput({ max_bookings: 1 }), slotInput({ max_bookings: 1 }), longer]);
      const all = () => Promise.all(ids.map((id) => kit.call('POST /bookings', bookingInput(id, '2031-03-03'))));
      expect(counts(await all())).toEqual({ 201: 3 });
      expect((await all()).map(refusalOf)).toEqual(ids.map(() => '400 time_slot_full'));
    });

    test('of the second of two equal time slots is its own, though the first has room', async () => {
      const { ids } = await madeService(kit, [slotInput({ max_bookings: 1 }), slotInput({ max_bookings: 1 })]);
      const second = () => kit.call('POST /bookings', bookingInput(ids[1] ?? 0, '2031-03-03'));
      expect(dataOf(await second(), 201)).toMatchObject({ time_slot_id: ids[1] });
      expect(refusalOf(await second())).toBe('400 time_slot_full');
      expect((await kit.call('POST /bookings', bookingInput(ids[0] ?? 0, '2031-03-03'))).status).toBe(201);
    });

    test('holds against twenty at once', async () => {
      const { ids } = await madeService(kit, [slotInput({ max_bookings: 1 })]);
      const inputs = Array.from({ length: 20 }, () => bookingInput(ids[0] ?? 0, '2031-03-03'));
      const answers = await Promise.all(inputs.map((input) => kit.call('POST /bookings', input)));
      expect(counts(answers)).toEqual({ 201: 1, 400: 19 });
      expect(new Set(answers.filter(({ status }) => status === 400).map(refusalOf))).toEqual(
        new Set(['400 time_slot_full']),
      );
    });

    test('of a time slot that takes fewer from now on counts those that are there', async () => {
      const first = await booked(WEDNESDAY);
      await booked(WEDNESDAY);
      dataOf(await kit.call('PATCH /time-slots', { service_id: service, time_slots: [{ id: slot, max_bookings: 1 }] }));
      expect(refusalOf(await book(WEDNESDAY))).toBe('400 time_slot_full');
      expect((await book('2031-03-12')).status).toBe(201);
      // The checker tells of whoever has more than the rules allow by now.
      dataOf(await kit.call(`DELETE /bookings/${first}`));
    });
  });

  describe('duplicates', () => {
    test('the same e-mail, whatever its case, has a time slot on a date once', async () => {
      await booked(WEDNESDAY, { customer_email: 'aroha@clinic.test' });
      const again = { customer_email: 'Aroha@Clinic.test', customer_phone: '+6421555099' };
      expect(refusalOf(await book(WEDNESDAY, again))).toBe('400 duplicate_booking');
      expect((await book('2031-03-12', again)).status).toBe(201);
    });

    test('without an e-mail the phone tells', async () => {
      const byPhone = { customer_email: null, customer_phone: '+6421555014' };
      await booked(WEDNESDAY, byPhone);
      expect(refusalOf(await book(WEDNESDAY, byPhone))).toBe('400 duplicate_booking');
    });

    test('a cancelled booking is none', async () => {
      const id = await booked(WEDNESDAY, AROHA);
      dataOf(await patch(id, { status: 'cancelled', cancel_reason: 'moved house' }));
      expect((await book(WEDNESDAY, AROHA)).status).toBe(201);
    });

    test('the same customer twenty times at once has one', async () => {
      const { ids } = await madeService(kit, [slotInput({ max_bookings: 20 })]);
      const input = bookingInput(ids[0] ?? 0, WEDNESDAY, AROHA);
      const answers = await Promise.all(Array.from({ length: 20 }, () => kit.call('POST /bookings', input)));
      expect(counts(answers)).toEqual({ 201: 1, 400: 19 });
    });
  });

  describe('changes', () => {
    test('cancelling needs a reason, and frees the place', async () => {
      const [first] = [await booked(WEDNESDAY), await booked(WEDNESDAY)];
      expect(refusalOf(await patch(first, { status: 'cancelled' }))).toBe('400 missing_required_field');
      const cancelled = dataOf(await patch(first, { status: 'cancelled', cancel_reason: 'moved house' }));
      expect(cancelled).toMatchObject({
        status: 'cancelled',
        cancel_reason: 'moved house',
        version: 2,
        time_slot_id: slot,
      });
      expect((await book(WEDNESDAY)).status).toBe(201);
      expect(refusalOf(await patch(first, { status: 'confirmed' }))).toBe('422 invalid_status_transition');
    });

    const table: readonly [from: string, to: string, answer: number][] = [
      ['pending', 'pending', 200],
      ['pending', 'confirmed', 200],
      ['confirmed', 'pending', 422],
      ['confirmed', 'confirmed', 200],
      ['confirmed', 'cancelled', 200],
      ['cancelled', 'pending', 422],
      ['cancelled', 'cancelled', 200],
    ];
    test.each(table)('from %s to %s: %i', async (from, to, answer) => {
      const id = await booked(WEDNESDAY);
      if (from !== 'pending') dataOf(await patch(id, { status: from, cancel_reason: 'so' }));
      const changed = await patch(id, { status: to, cancel_reason: 'so' });
      expect(changed.status).toBe(answer);
      expect((await read(id))['status']).toBe(answer === 200 ? to : from);
    });

    test('to another date takes a place of that one', async () => {
      const id = await booked('2031-03-12');
      await booked(WEDNESDAY);
      const other = await booked(WEDNESDAY);
      expect(refusalOf(await patch(id, { date: WEDNESDAY, message: 'please' }))).toBe('400 time_slot_full');
      expect(await read(id)).toMatchObject({ date: '2031-03-12', message: null, version: 1 });
      dataOf(await patch(other, { date: '2031-03-19' }));
      expect(dataOf(await patch(id, { date: WEDNESDAY }))).toMatchObject({ date: WEDNESDAY, version: 2 });
    });

    test('of another status or a wrong type are refused', async () => {
      const id = await booked(WEDNESDAY);
      expect(refusalOf(await patch(id, { status: 'done' }))).toBe('400 invalid_field_format');
      expect(refusalOf(await patch(id, { message: 5 }))).toBe('400 invalid_field_format');
      expect(refusalOf(await patch(999999, { message: 'x' }))).toBe('404 booking_not_found');
    });

    test('the guides cancel without a body', async () => {
      const id = await booked(WEDNESDAY);
      expect(dataOf(await kit.call(`POST /bookings/${id}/cancel`))['status']).toBe('cancelled');
    });
  });

  describe('customers', () => {
    test('are read and changed by their booking', async () => {
      const id = await booked(WEDNESDAY, AROHA);
      expect(dataOf(await kit.call(`GET /bookings/${id}/customer`))).toMatchObject({ id, name: 'Aroha Tane' });
      const changed = dataOf(await kit.call(`PATCH /bookings/${id}/customer`, { phone: '+6421555099' }));
      expect(changed).toMatchObject({ name: 'Aroha Tane', email: 'aroha@clinic.test', phone: '+6421555099' });
      expect(await read(id)).toMatchObject({ customer: { phone: '+6421555099' }, version: 2 });
    });

    test('of a faulty form are refused', async () => {
      const id = await booked(WEDNESDAY);
      expect(refusalOf(await kit.call(`PATCH /bookings/${id}/customer`, { phone: '1' }))).toBe(
        '400 invalid_field_format',
      );
      expect(refusalOf(await kit.call('GET /bookings/999999/customer'))).toBe('404 booking_not_found');
    });
  });

  describe('lists', () => {
    test('of a service come in pages of ten, by id', async () => {
      const { ids, service: one } = await madeService(kit, [slotInput({ max_bookings: 20 })]);
      for (let n = 0; n < 11; n++) await kit.call('POST /bookings', bookingInput(ids[0] ?? 0, `2031-03-${30 - n}`));
      const page = await kit.call(`GET /bookings?service_id=${one}`);
      const numbers = listIn(page, 'bookings').map(({ id }) => id as number);
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      expect(dataOf(page)['pagination']).toEqual({ current_page: 1, total_pages: 2, total_count: 11, page_size: 10 });
      expect(listIn(await kit.call(`GET /services/${one}/bookings`), 'bookings')).toHaveLength(11);
      expect(listIn(await kit.call(`GET /bookings?service_id=${one}&page=9`), 'bookings')).toEqual([]);
    });

    test('name a service that there is', async () => {
      expect(refusalOf(await kit.call('GET /bookings'))).toBe('400 missing_required_field');
      expect(refusalOf(await kit.call('GET /bookings?service_id=999999'))).toBe('404 service_not_found');
    });
  });

  test('one that is deleted is gone, and its place is free', async () => {
    const [id] = [await booked(WEDNESDAY), await booked(WEDNESDAY)];
    expect((await kit.call(`DELETE /bookings/${id}`)).body).toEqual({ data: 'ok' });
    const gone: Answer[] = [await kit.call(`GET /bookings/${id}`), await kit.call(`DELETE /bookings/${id}`)];
    expect(gone.map(refusalOf)).toEqual(['404 booking_not_found', '404 booking_not_found']);
    expect((await book(WEDNESDAY)).status).toBe(201);
    expect(refusalOf(await kit.call('GET /bookings/abc'))).toBe('400 invalid_request');
  });

  test('a date off the weekday is refused where the server is set so', async () => {
    const strict = await startReserveKit(store, { reservekit: { weekStart: 'monday', strictWeekday: 'on' } });
    const { ids } = await madeService(strict);
    const on = (date: string) => strict.call('POST /bookings', bookingInput(ids[0] ?? 0, date));
    expect(refusalOf(await on(WEDNESDAY))).toBe('400 invalid_request');
    expect((await on('2031-03-03')).status).toBe(201);
    await strict.close();
  });
});
