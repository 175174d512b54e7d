/** What services are told of who calls, why, and whether the request came before. */
import { describe, expect, test } from '@jest/globals';
import type { OperationOutcome } from 'fhir/r4.js';
import request from 'supertest';
import type { Caller, RequestContext } from '../../server/booking/index.js';
import { IDEMPOTENCY_KEY_CHARACTERS_MAX } from '../../server/http/idempotency-key.js';
import { OVERRIDE_REASON_CHARACTERS_MAX } from '../../server/http/override-reason.js';
import { fakeServer, fakeServices } from './fake-services.js';

const DESK: Caller = { name: 'front desk', rights: ['override'] };
const callers = new Map<string, Caller>([
  ['good', DESK],
  ['other', { name: 'other', rights: [] }],
]);

interface Sent {
  readonly method?: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly trustProxy?: number;
}

async function send({ method = 'get', path = '/Slot', headers = {}, body, trustProxy = 0 }: Sent) {
  const services = fakeServices();
  const call = request(fakeServer({ trustProxy }, services, { callers }))
    [method](path)
    .set(headers);
  const type = method === 'patch' ? 'application/json-patch+json' : 'application/fhir+json';
  const answer = await (body ? call.type(type).send(JSON.stringify(body)) : call);
  const context = services.calls[0]?.context as RequestContext;
  return { answer, context, issue: (answer.body as OperationOutcome).issue?.[0] };
}

describe('who calls', () => {
  test('with a key it is who has the key, with its rights', async () => {
    const { context } = await send({ headers: { Authorization: 'Bearer good' } });
    expect(context.caller).toEqual(DESK);
  });

  test('the scheme is read in any case', async () => {
    const { context } = await send({ headers: { Authorization: 'bearer  good' } });
    expect(context.caller).toEqual(DESK);
  });

  test('without one it is the address, without rights', async () => {
    const { context } = await send({});
    expect(context.caller).toEqual({ name: 'address 127.0.0.1', rights: [], byAddress: true });
  });

  test.each([
    ['an unknown key', 'Bearer unknown', 'error="invalid_token"', 'unknown or was revoked'],
    ['a name and a password', 'Basic Z29vZDpnb29k', undefined, 'Send Authorization: Bearer'],
    ['a key alone', 'good', undefined, 'Send Authorization: Bearer'],
    ['a scheme alone', 'Bearer', undefined, 'Send Authorization: Bearer'],
    ['nothing', '', undefined, 'Send Authorization: Bearer'],
    ['two keys', 'Bearer good good', undefined, 'Send Authorization: Bearer'],
    ['a key with what no key has', 'Bearer go{od', undefined, 'Send Authorization: Bearer'],
  ])('%s is refused before anything is done', async (_, authorization, error, says) => {
    const headers = { Authorization: authorization };
    const { answer, context, issue } = await send({ method: 'post', headers, body: { resourceType: 'Slot' } });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(['Bearer realm="fhir-slots"', error].filter(Boolean).join(', '));
    expect(issue).toMatchObject({ code: 'login', diagnostics: expect.stringContaining(says) as unknown });
    expect(answer.text).not.toContain('good');
    expect(context).toBeUndefined();
  });

  test('what all may read needs no key, and minds no bad one', async () => {
    for (const path of ['/metadata', '/health']) {
      expect((await send({ path, headers: { Authorization: 'Bearer unknown' } })).answer.status).toBe(200);
    }
  });
});

describe('the address behind proxies', () => {
  const nameOf = async (trustProxy: number, forwarded: string) =>
    (await send({ trustProxy, headers: { 'X-Forwarded-For': forwarded } })).context.caller?.name;

  test.each([
    [0, '203.0.113.7', '127.0.0.1'],
    [1, '203.0.113.7', '203.0.113.7'],
    [1, '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    [2, '198.51.100.1, 203.0.113.7', '198.51.100.1'],
    [2, '6.6.6.6, 198.51.100.1, 203.0.113.7', '198.51.100.1'],
    [2, '203.0.113.7', '203.0.113.7'],
    [1, '2001:db8::7', '2001:db8::7'],
    [1, '[2001:db8::7]:4711', '2001:db8::7'],
    [1, '203.0.113.7:4711', '203.0.113.7'],
    [1, '::ffff:203.0.113.7', '203.0.113.7'],
    [1, 'unknown', '127.0.0.1'],
    [1, 'front desk', '127.0.0.1'],
  ])('TRUST_PROXY=%d, X-Forwarded-For: %s', async (trustProxy, forwarded, address) => {
    expect(await nameOf(trustProxy, forwarded)).toBe(`address ${address}`);
  });
});

describe('X-Override-Reason', () => {
  const reasonOf = (reason: string) =>
    send({ method: 'delete', path: '/Slot/1', headers: { 'X-Override-Reason': reason } });

  test('says why a plain write goes against the rules', async () => {
    expect((await reasonOf('Emergency, agreed by phone.')).context.overrideReason).toBe('Emergency, agreed by phone.');
  });

  test('OVERRIDE_REASON_CHARACTERS_MAX', async () => {
    expect((await reasonOf('a'.repeat(OVERRIDE_REASON_CHARACTERS_MAX))).answer.status).toBe(204);
    expect((await reasonOf('a'.repeat(OVERRIDE_REASON_CHARACTERS_MAX + 1))).answer.status).toBe(400);
  });

  test.each(['', '\u00e4rztlich'])('%j is refused', async (reason) => {
    const { answer, issue, context } = await reasonOf(reason);
    expect([answer.status, issue?.expression, context]).toEqual([400, ['X-Override-Reason'], undefined]);
  });
});

describe('Idempotency-Key', () => {
  const POST: Sent = { method: 'post', path: '/Appointment', body: { resourceType: 'Appointment' } };
  const WRITE: Sent = { method: 'put', path: '/Appointment/1', body: [] };
  const keyed = (key: string, sent: Sent = POST) =>
    send({ ...sent, headers: { 'Idempotency-Key': key, ...sent.headers } });
  const of = async (key: string, sent?: Sent) => (await keyed(key, sent)).context.idempotency;

  test('the same request is known again', async () => {
    expect(await of('k1')).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
    expect(await of('k1')).toEqual(await of('k1'));
  });

  test('in quotes, as the draft has it, and bare it is the same key', async () => {
    expect(await of('"8e03978e-40d5-43e8-bc93-6894a57f9324"')).toEqual(
      await of('8e03978e-40d5-43e8-bc93-6894a57f9324'),
    );
  });

  test.each<readonly [string, Sent, Sent]>([
    ['body', POST, { ...POST, body: { resourceType: 'Appointment', status: 'booked' } }],
    ['path', POST, { ...POST, path: '/Slot' }],
    ['query', POST, { ...POST, path: '/Appointment?identifier=a%7Cb' }],
    ['method', WRITE, { ...WRITE, method: 'patch' }],
  ])('another %s is another request under the same key', async (_, first, second) => {
    const [one, other] = [await of('k1', first), await of('k1', second)];
    expect(other?.id).toBe(one?.id);
    expect(other?.fingerprint).not.toBe(one?.fingerprint);
  });

  test('each owner of a key has keys of its own; callers without one share theirs', async () => {
    const by = (key: string): Sent => ({ ...POST, headers: { Authorization: `Bearer ${key}` } });
    const from = (address: string): Sent => ({ ...POST, trustProxy: 1, headers: { 'X-Forwarded-For': address } });
    const [desk, other, none] = [await of('k1', by('good')), await of('k1', by('other')), await of('k1')];
    expect(new Set([desk?.id, other?.id, none?.id]).size).toBe(3);
    expect(await of('k1', from('203.0.113.7'))).toEqual(await of('k1', from('198.51.100.1')));
  });

  test.each<readonly [string, Sent]>([
    ['PUT', WRITE],
    ['PATCH', { ...WRITE, method: 'patch' }],
    ['DELETE', { method: 'delete', path: '/Appointment/1' }],
  ])('%s takes one', async (_, sent) => {
    expect(await of('k1', sent)).toBeDefined();
  });

  test('what only asks has none', async () => {
    expect(await of('k1', {})).toBeUndefined();
    const services = fakeServices();
    const form = request(fakeServer({}, services)).post('/Slot/_search').type('form').set('Idempotency-Key', 'k1');
    await form.send('status=free');
    expect(services.calls[0]?.context).not.toHaveProperty('idempotency');
  });

  test('IDEMPOTENCY_KEY_CHARACTERS_MAX', async () => {
    expect((await keyed('k'.repeat(IDEMPOTENCY_KEY_CHARACTERS_MAX))).answer.status).toBe(201);
    expect((await keyed('k'.repeat(IDEMPOTENCY_KEY_CHARACTERS_MAX + 1))).answer.status).toBe(400);
  });

  test.each(['', '""', '"a', 'a b', 'a, b', '"a", "b"', 'a"b', '"a";p=1', '\u00e4'])('%j is refused', async (key) => {
    const { answer, issue, context } = await keyed(key);
    expect([answer.status, issue?.expression, context]).toEqual([400, ['Idempotency-Key'], undefined]);
  });
});
