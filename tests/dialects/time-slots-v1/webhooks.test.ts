/** What webhooks are told of bookings: section 5.6 of ReserveKit's reference. */
import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { makeWebhooks, MESSAGES_MAX, type Webhook } from '../../../server/dialects/time-slots-v1/webhooks.js';
import { journeyStores } from '../../journeys/server.js';
import { bookingInput, dataOf, madeService, startReserveKit } from './fixture.js';

const URL = 'https://example.org/hook';

interface Sent {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A receiver that answers as it is told, time after time, and then always well. */
function receiver(webhooks: readonly Webhook[], statuses: readonly number[] = [], secret?: string) {
  const sent: Sent[] = [];
  const pauses: number[] = [];
  const logged: string[] = [];
  const left = [...statuses];
  const tell = makeWebhooks({
    webhooks,
    ...(secret !== undefined && { secret }),
    clock: { nowMs: () => Date.parse('2031-02-21T06:00:00Z') },
    post: (url, body, headers) => {
      sent.push({ url, body, headers });
      const status = left.shift() ?? 204;
      return status === 0 ? Promise.reject(new Error('no answer')) : Promise.resolve(status);
    },
    wait: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
    log: { error: (_fields, message) => logged.push(message) },
  });
  return { sent, pauses, logged, tell };
}

/** Lets everything happen that waits for nothing but its turn. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a message', () => {
  test('has the event, the booking and the time, and a signature where there is a secret', async () => {
    const { sent, tell } = receiver([{ url: URL }], [], 'whsec');
    tell('bookings.update', { id: 5012 }, 31);
    await settled();
    const [message] = sent;
    const timestamp = '2031-02-21T06:00:00Z';
    expect(JSON.parse(message?.body ?? '')).toEqual({
      event_type: 'bookings.update',
      bookings: [{ id: 5012 }],
      timestamp,
    });
    const signature = createHmac('sha256', 'whsec')
      .update(message?.body ?? '')
      .digest('hex');
    expect(message?.headers['X-Webhook-Signature']).toBe(signature);
  });

  test('goes to those who want that event of that service', async () => {
    const wanted = [{ url: `${URL}/all` }, { url: `${URL}/31`, service: 31, events: ['bookings.create'] }];
    const others = [
      { url: `${URL}/32`, service: 32 },
      { url: `${URL}/deleted`, events: ['bookings.delete'] },
    ];
    const { sent, tell } = receiver([...wanted, ...others]);
    tell('bookings.create', {}, 31);
    await settled();
    expect(sent.map(({ url }) => url)).toEqual([`${URL}/all`, `${URL}/31`]);
  });

  test('comes again, after growing pauses, until it is taken', async () => {
    const { sent, pauses, logged, tell } = receiver([{ url: URL }], [500, 0, 302]);
    tell('bookings.create', {}, 31);
    await settled();
    expect(sent).toHaveLength(4);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(logged).toEqual([]);
  });

  test('is given up after five tries', async () => {
    const { sent, logged, tell } = receiver(
      [{ url: URL }],
      Array.from({ length: 9 }, () => 500),
    );
    tell('bookings.create', {}, 31);
    await settled();
    expect(sent).toHaveLength(5);
    expect(logged).toEqual(['webhook message given up']);
  });

  test('is dropped where too many are on their way', () => {
    const { sent, logged, tell } = receiver([{ url: URL }]);
    for (let n = 0; n <= MESSAGES_MAX; n++) tell('bookings.create', {}, 31);
    expect(sent).toHaveLength(MESSAGES_MAX);
    expect(logged).toEqual(['webhook message dropped: too many are on their way']);
  });
});

describe('told once, with the booking as it is then:', () => {
  /** A server that keeps what it tells, with a service. */
  async function listening() {
    const [memory] = journeyStores;
    if (!memory) throw new Error('There is no store in memory.');
    const told: { event_type: string; bookings: readonly object[] }[] = [];
    const post = (_url: string, body: string) => {
      told.push(JSON.parse(body) as (typeof told)[number]);
      return Promise.resolve(200);
    };
    const kit = await startReserveKit(memory, { reservekit: { webhooks: [{ url: URL }], post } });
    return { kit, told, ...(await madeService(kit)) };
  }

  test('each change of a booking', async () => {
    const { kit, told, slot } = await listening();
    const { id } = dataOf(await kit.call('POST /bookings', bookingInput(slot, '2031-03-03')), 201);
    await kit.call('POST /bookings', { time_slot_id: slot });
    await kit.call(`PATCH /bookings/${String(id)}`, { status: 'confirmed' });
    await kit.call(`PATCH /bookings/${String(id)}/customer`, { name: 'Aroha' });
    await kit.call(`POST /bookings/${String(id)}/cancel`);
    await kit.call(`DELETE /bookings/${String(id)}`);
    expect(told).toMatchObject([
      { event_type: 'bookings.create', bookings: [{ id, status: 'pending' }] },
      { event_type: 'bookings.update', bookings: [{ id, status: 'confirmed' }] },
      { event_type: 'bookings.update', bookings: [{ id, customer: { name: 'Aroha' } }] },
      { event_type: 'bookings.update', bookings: [{ id, status: 'cancelled' }] },
      { event_type: 'bookings.delete', bookings: [{ id, status: 'cancelled' }] },
    ]);
    await kit.close();
  });

  test('those that move with their time slot, and go with their service', async () => {
    const { kit, told, slot, service } = await listening();
    const { id } = dataOf(await kit.call('POST /bookings', bookingInput(slot, '2031-03-03')), 201);
    const past = dataOf(await kit.call('POST /bookings', bookingInput(slot, '2031-01-06')), 201);
    told.length = 0;
    const times = { start_time: '2031-01-01 15:00:00', end_time: '2031-01-01 15:30:00' };
    dataOf(await kit.call('PATCH /time-slots', { service_id: service, time_slots: [{ id: slot, ...times }] }));
    dataOf(await kit.call(`PATCH /services/${service}`, { timezone: 'America/New_York' }));
    dataOf(await kit.call(`PATCH /services/${service}`, { name: 'Other' }));
    const version = (number: number) => ({ id, date: '2031-03-03', version: number });
    expect(told).toMatchObject([
      { event_type: 'bookings.update', bookings: [version(2)] },
      { event_type: 'bookings.update', bookings: [version(3)] },
    ]);
    told.length = 0;
    expect((await kit.call(`DELETE /services/${service}`)).status).toBe(200);
    expect(told).toMatchObject([
      { event_type: 'bookings.delete', bookings: [{ id, status: 'pending' }] },
      { event_type: 'bookings.delete', bookings: [{ id: past['id'] }] },
    ]);
    await kit.close();
  });
});
