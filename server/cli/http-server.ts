import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure } from './failure.js';

/** How long open requests get to be finished after the signal to stop. */
export const FINISH_MS_MAX = 10_000;

/** How often connections that have meanwhile answered are looked for. */
const IDLE_CHECK_MS = 25;

/** @returns the port, which matters when 0 was asked for @throws {Failure} when the address cannot be had */
export function listenOn(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(new Failure(reasonOf(error, port, host)));
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function reasonOf(error: NodeJS.ErrnoException, port: number, host: string): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is in use. Choose another with --port, or stop what listens there.`;
    case 'EACCES':
      return `Port ${port} of ${host} is not ours to take. Choose one above 1023 with --port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine. Choose another with --host.`;
    default:
      return `Cannot listen on port ${port} of ${host}: ${error.message}.`;
  }
}

/**
 * Takes no more connections, and resolves when the open requests are answered; those that take longer are cut.
 *
 * @returns whether every request was finished
 */
export function finish(server: Server): Promise<boolean> {
  return new Promise((resolve) => {
    let finished = true;
    // A connection kept alive stays open after its answer; it has to be closed for the server to end.
    const idleCheck = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    const deadline = setTimeout(() => {
      finished = false;
      server.closeAllConnections();
    }, FINISH_MS_MAX);
    server.close(() => {
      clearInterval(idleCheck);
      clearTimeout(deadline);
      resolve(finished);
    });
    server.closeIdleConnections();
  });
}
