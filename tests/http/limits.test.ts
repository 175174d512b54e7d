/** What one request may weigh, to the last one that fits. */
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import request from 'supertest';
import { HEADER_BYTES_MAX } from '../../server/http/http-server.js';
import { PARAMS_MAX, QUERY_CHARACTERS_MAX } from '../../server/http/query-params.js';
import { fakeServer } from './fake-services.js';

const statusOf = async (query: string) => (await request(fakeServer()).get(`/Slot?${query}`)).status;

test('PARAMS_MAX', async () => {
  const pairs = (count: number) => Array.from({ length: count }, () => 'a=1').join('&');
  expect(await statusOf(pairs(PARAMS_MAX))).toBe(200);
  expect(await statusOf(pairs(PARAMS_MAX + 1))).toBe(400);
});

test('PARAMS_MAX counts query and form together', async () => {
  const pairs = (count: number) => Array.from({ length: count }, () => 'a=1').join('&');
  const ask = async (inForm: number) => {
    const call = request(fakeServer())
      .post(`/Slot/_search?${pairs(1)}`)
      .type('form');
    return (await call.send(pairs(inForm))).status;
  };
  expect(await ask(PARAMS_MAX - 1)).toBe(200);
  expect(await ask(PARAMS_MAX)).toBe(400);
});

test('QUERY_CHARACTERS_MAX', async () => {
  const query = (length: number) => '_id='.padEnd(length, 'a');
  expect(await statusOf(query(QUERY_CHARACTERS_MAX))).toBe(200);
  expect(await statusOf(query(QUERY_CHARACTERS_MAX + 1))).toBe(413);
});

test('HEADER_BYTES_MAX: a head of so many bytes is read, one whose header alone has as many is not', async () => {
  const server = fakeServer().listen(0);
  const { port } = server.address() as AddressInfo;
  const ask = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const call = get({
        port,
        path: '/health',
        agent: false,
        headers: { connection: 'close', host: 'a', ...headers },
      });
      call.on('response', (response) => response.resume().on('end', () => resolve(response.statusCode)));
      call.on('error', reject);
    });
  const rest = 'GET /health HTTP/1.1\r\nconnection: close\r\nhost: a\r\nx: \r\n\r\n'.length;
  const statuses = [
    await ask({ x: 'x'.repeat(HEADER_BYTES_MAX - rest) }),
    await ask({ x: 'x'.repeat(HEADER_BYTES_MAX) }),
  ];
  server.close();
  expect(statuses).toEqual([200, 431]);
});
