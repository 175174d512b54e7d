/** Who may call, and how every failure looks: the checkable behaviours 1, 2 and 25 of ReserveKit's reference. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { PLANS } from '../../../server/dialects/time-slots-v1/rate-limit.js';
import { journeyStores } from '../../journeys/server.js';
import {
  bookingInput,
  dataOf,
  madeService,
  OTHER_KEY,
  PUBLIC_KEY,
  refusalOf,
  SECRET_KEY,
  startReserveKit,
  type ReserveKit,
} from './fixture.js';

describe.each(journeyStores)('$name', (store) => {
  let kit: ReserveKit;
  beforeEach(async () => (kit = await startReserveKit(store)));
  afterEach(() => kit.close());

  describe('keys', () => {
    test('without one: a body that both SDKs read', async () => {
      const refused = await kit.call('GET /services/31', undefined, '');
      const message = 'Authorization header is missing';
      expect(refused.status).toBe(401);
      expect(refused.body).toEqual({
        ...{ data: null, error: message, code: 'authentication_required', message, status: 401 },
      });
    });

    test.each([
      ['Token abc', 'authorization_header_malformed'],
      ['Bearer ', 'authorization_header_malformed'],
      ['Bearer sk_rsv_unknown', 'invalid_api_key'],
      [`Bearer ${OTHER_KEY}`, 'invalid_api_key'],
    ])('%s: %s', async (header, code) => {
      const asked = request(kit.server).get('/v1/services/31').set('Authorization', header);
      expect(((await asked).body as { code: string }).code).toBe(code);
    });

    test('a public one reads services and time slots, and books', async () => {
      const { service, slot } = await madeService(kit);
      const calls = [`GET /services/${service}`, `GET /time-slots?service_id=${service}`];
      for (const call of calls) expect((await kit.call(call, undefined, PUBLIC_KEY)).status).toBe(200);
      const { id } = dataOf(await kit.call('POST /bookings', bookingInput(slot, '2031-03-03'), PUBLIC_KEY), 201);
      const closed = [
        `GET /bookings/${String(id)}`,
        `GET /bookings?service_id=${service}`,
        `DELETE /services/${service}`,
      ];
      for (const call of closed) {
        expect(refusalOf(await kit.call(call, undefined, PUBLIC_KEY))).toBe('403 forbidden');
      }
    });

    test('the health of the server is told to all', async () => {
      const { status, body } = await kit.call('GET /health', undefined, '');
      expect([status, body]).toEqual([200, { status: 'ok', env: expect.any(String), version: 'test' }]);
    });
  });

  describe('failures', () => {
    test('a path that is not there', async () => {
      expect(refusalOf(await kit.call('GET /nowhere'))).toBe('404 resource_not_found');
      expect(refusalOf(await kit.call('GET /Services'))).toBe('404 resource_not_found');
    });

    test.each(['{', '[]', '"text"', 'null'])('the body %j', async (body) => {
      const asked = request(kit.server).post('/v1/bookings').set('Authorization', `Bearer ${SECRET_KEY}`);
      const answer = await asked.set('Content-Type', 'application/json').send(body);
      expect([answer.status, (answer.body as { code: string }).code]).toEqual([400, 'invalid_request']);
    });

    test('a path that cannot be decoded, and one that is no id', async () => {
      expect(refusalOf(await kit.call('GET /services/%ff'))).toBe('400 invalid_request');
      expect(refusalOf(await kit.call('GET /services/0'))).toBe('400 invalid_request');
      expect(refusalOf(await kit.call('DELETE /time-slots/1.5'))).toBe('400 invalid_request');
    });

    test('a body beyond what is taken', async () => {
      const refused = await kit.call('POST /services', { name: 'n'.repeat(1_100_000), timezone: 'UTC' });
      expect(refusalOf(refused)).toBe('400 invalid_request');
    });

    test('a doubled slash before the version is one', async () => {
      const asked = request(kit.server).get('//v1/services').set('Authorization', `Bearer ${SECRET_KEY}`);
      expect((await asked).status).toBe(200);
    });

    test('the failures of FHIR stay FHIR', async () => {
      const answer = await kit.fhir.get('/Nowhere');
      expect((answer.body as { resourceType: string }).resourceType).toBe('OperationOutcome');
    });
  });
});

describe('settings', () => {
  const [memory] = journeyStores;
  if (!memory) throw new Error('There is no store in memory.');

  test('errors in the style of the documentation', async () => {
    const kit = await startReserveKit(memory, { reservekit: { errorStyle: 'object' } });
    const refused = await kit.call('POST /services', { timezone: 'UTC' });
    const details = { name: expect.any(String) };
    expect(refused.body).toEqual({ error: { code: 'missing_required_field', message: expect.any(String), details } });
    await kit.close();
  });

  test('a switch that is off leaves the path to FHIR', async () => {
    const kit = await startReserveKit(memory, { reservekitApi: 'off' });
    expect((await kit.call('GET /services')).body['resourceType']).toBe('OperationOutcome');
    await kit.close();
  });

  test('a plan passes its burst, and tells the others when to come again', async () => {
    const kit = await startReserveKit(memory, { reservekit: { plan: 'starter' } });
    const answers = await Promise.all(Array.from({ length: 30 }, () => kit.call('GET /services')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(PLANS.starter.burst);
    expect(refused).toHaveLength(20);
    for (const { headers, body } of refused) {
      expect(body).toMatchObject({ code: 'rate_limit_exceeded', retry_after: Number(headers['retry-after']) });
    }
    kit.clock.ms += 1_000;
    expect((await kit.call('GET /services')).headers['x-ratelimit-remaining']).toBe('4');
    await kit.close();
  });

  test('programs in browsers may read what a plan tells', async () => {
    const kit = await startReserveKit(memory, { reservekit: { plan: 'starter' } });
    const { headers } = await kit.call('GET /services');
    const told = Object.keys(headers).filter((name) => name.startsWith('x-ratelimit-'));
    const exposed = (headers['access-control-expose-headers'] ?? '').toLowerCase().split(',');
    expect(told).toHaveLength(3);
    expect(exposed).toEqual(expect.arrayContaining(told));
    await kit.close();
  });

  test('beyond the month nothing passes until the next', async () => {
    const plan = { perSecond: 100, burst: 100, perMonth: 2 };
    const kit = await startReserveKit(memory, { reservekit: { plan } });
    for (let n = 0; n < 2; n++) expect((await kit.call('GET /services')).status).toBe(200);
    expect(refusalOf(await kit.call('GET /services'))).toBe('429 api_limit_exceeded');
    kit.clock.ms = Date.parse('2031-03-01T00:00:00Z');
    expect((await kit.call('GET /services')).status).toBe(200);
    await kit.close();
  });
});
