/** Listening and stopping, on real sockets. */
import { createServer, request, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, jest, test } from '@jest/globals';
import { Failure } from '../../server/cli/failure.js';
import { finish, FINISH_MS_MAX, listenOn } from '../../server/cli/http-server.js';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** A server that answers when told to. */
async function slowServer() {
  const open: ServerResponse[] = [];
  const server = createServer((_, res) => open.push(res));
  servers.push(server);
  return { server, open, port: await listenOn(server, 0, '127.0.0.1') };
}

function get(port: number): Promise<string> {
  return new Promise((resolve) => {
    const sent = request({ port, host: '127.0.0.1', headers: { connection: 'keep-alive' } }, (res) => {
      res.resume().on('end', () => resolve(String(res.statusCode)));
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)).end();
  });
}

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test('port 0 gives a free one, and a port in use is refused with advice', async () => {
  const { port } = await slowServer();
  expect(port).toBeGreaterThan(0);
  const second = listenOn(createServer(), port, '127.0.0.1');
  await expect(second).rejects.toThrow(Failure);
  await expect(second).rejects.toThrow(`Port ${port} of 127.0.0.1 is in use. Choose another with --port`);
});

test('an address that is not ours is refused', async () => {
  await expect(listenOn(createServer(), 0, '192.0.2.1')).rejects.toThrow('192.0.2.1 is no address of this machine');
});

test('an open request is answered before the server ends, and a new one is not taken', async () => {
  const { server, open, port } = await slowServer();
  const answer = get(port);
  await until(() => open.length === 1);
  const finished = finish(server);
  expect(await get(port)).toBe('ECONNREFUSED');
  open[0]!.end('done');
  expect(await answer).toBe('200');
  expect(await finished).toBe(true);
});

test('a connection that its client keeps alive does not hold the server up', async () => {
  const { server, open, port } = await slowServer();
  const socket = connect(port, '127.0.0.1').resume();
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await until(() => open.length === 1);
  const startedMs = performance.now();
  const finished = finish(server);
  open[0]!.end('done');
  expect(await finished).toBe(true);
  await closed;
  // Node itself would wait for its keep-alive timeout of 5 s.
  expect(performance.now() - startedMs).toBeLessThan(3_000);
});

test('a request that takes longer than FINISH_MS_MAX is cut', async () => {
  const { server, open, port } = await slowServer();
  const answer = get(port);
  await until(() => open.length === 1);
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
  try {
    let ended = false;
    const finished = finish(server).finally(() => (ended = true));
    jest.advanceTimersByTime(FINISH_MS_MAX - 1);
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    expect(ended).toBe(false);
    jest.advanceTimersByTime(1);
    expect(await finished).toBe(false);
    expect(await answer).toBe('ECONNRESET');
  } finally {
    jest.useRealTimers();
  }
});
