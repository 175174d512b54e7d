/** Runs as a process of its own: a `node:http` server that does nothing but send the bytes it was given. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Recorded {
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** In base64. */
  readonly body: string;
}

process.once('message', ({ headers, body }: Recorded) => {
  const bytes = Buffer.from(body, 'base64');
  const server = createServer((_request, response) => {
    response.writeHead(200, [...headers]);
    response.end(bytes);
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
});
