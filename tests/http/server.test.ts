import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { fakeServer, fakeServices } from './fake-services.js';

const CHUNKED = 'Transfer-Encoding: chunked';

/** Sends bytes, and gives everything that comes back until the server hangs up. */
async function exchangeBytes(bytes: string): Promise<string> {
  const server = fakeServer().listen(0);
  const socket = connect((server.address() as AddressInfo).port);
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => (received += text));
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  server.close();
  return received;
}

describe('requests that HTTP itself refuses', () => {
  test.each([
    ['a line that is no request', 'NONSENSE\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    [
      'a broken chunk',
      `POST /Slot HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${CHUNKED}\r\n\r\nzz\r\n`,
      'HTTP/1.1 400 Bad',
    ],
    ['headers over the limit', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 'HTTP/1.1 431 '],
    ['two Hosts', 'GET /Slot HTTP/1.1\r\nHost: a\r\nhost: b\r\nConnection: close\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    [
      'the same Host twice',
      'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\nConnection: close\r\n\r\n',
      'HTTP/1.1 400 Bad Request',
    ],
    [
      'an expectation that nobody meets',
      'POST /Slot HTTP/1.1\r\nHost: a\r\nExpect: foo\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
      'HTTP/1.1 417 Expectation Failed',
    ],
    ['HTTP/1.1 without a Host', 'GET /Slot HTTP/1.1\r\nConnection: close\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
  ])('%s', async (_name, bytes, start) => {
    const received = await exchangeBytes(bytes);
    expect(received.slice(0, start.length)).toBe(start);
    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(received).toContain('application/fhir+json');
    expect(received).toContain('"resourceType":"OperationOutcome"');
  });
});

test('one Host is enough, however it is written, and 100-continue is an expectation that we meet', async () => {
  const head =
    'POST /Slot HTTP/1.1\r\nX-Host: b\r\nhOST: a\r\nExpect: 100-continue\r\nContent-Type: application/json\r\n';
  const received = await exchangeBytes(`${head}Content-Length: 2\r\nConnection: close\r\n\r\n{}`);
  expect(received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
});

test('requests are born with the prototypes that Express would give them', async () => {
  const server = fakeServer();
  const born: boolean[] = [];
  server.prependListener('request', (req, res) => {
    const before = [Object.getPrototypeOf(req), Object.getPrototypeOf(res)] as unknown[];
    res.once('finish', () => {
      const after = [Object.getPrototypeOf(req), Object.getPrototypeOf(res)] as unknown[];
      born.push(before[0] === after[0] && before[1] === after[1] && 'accepts' in req);
    });
  });
  await request(server).get('/health');
  expect(born).toEqual([true]);
});

describe('pages of other origins', () => {
  test('may call from anywhere, and read what they need', async () => {
    const { headers } = await request(fakeServer()).get('/Slot/unknown').set('Origin', 'https://app.example');
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(headers['access-control-expose-headers']?.split(',')).toEqual([
      ...['ETag', 'Location', 'Last-Modified', 'Content-Location', 'Expires', 'Retry-After'],
      ...['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'],
    ]);
  });

  test('are told so before they send', async () => {
    const asked = 'content-type,if-match,if-none-exist,prefer,x-slot-key';
    const response = await request(fakeServer())
      .options('/Slot/1')
      .set({ Origin: 'https://app.example', 'Access-Control-Request-Method': 'PATCH' })
      .set('Access-Control-Request-Headers', asked);
    expect(response.status).toBe(204);
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS',
      'access-control-allow-headers': asked,
      'access-control-max-age': '3600',
    });
  });

  test.each([
    ['https://app.example', 'https://app.example'],
    ['https://evil.example', undefined],
  ])('of some origins only, where they are listed: %s', async (origin, allowed) => {
    const server = fakeServer({ corsOrigin: ['https://app.example', 'https://other.example'] });
    const { headers } = await request(server).get('/Slot').set('Origin', origin);
    expect([headers['access-control-allow-origin'], headers['vary']]).toEqual([allowed, 'Origin, Accept']);
  });
});

test('/health needs neither a Host nor an Accept that fits', async () => {
  const response = await request(fakeServer()).get('/health').set({ Host: 'a b', Accept: 'text/html' });
  expect([response.status, response.body]).toEqual([200, { status: 'ok' }]);
});

test('the log has the path of a request, never its query', async () => {
  const server = fakeServer({}, fakeServices(), { debug: true });
  await request(server).get('/Patient?name=Haddad');
  const fields = { method: 'GET', path: '/Patient', status: 200, elapsedMs: 0 };
  expect(server.logged).toEqual([{ fields, message: 'request' }]);
});
