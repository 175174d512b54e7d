/** A server that says of itself what a test wants: that it is too old, can only be read, or lets nobody in. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Document } from 'mongodb';
import { commandIn, isLook, MessageCutter, nameOf, replyTo } from './wire.js';

export interface FakeMongodb {
  /** `host:port` */
  readonly address: string;
  close(): Promise<void>;
}

/** The least that makes a driver take it for a server. */
const HELLO = { ok: 1, helloOk: true, isWritablePrimary: true, minWireVersion: 0, maxWireVersion: 25 };
const NO_CURSOR = { ok: 1, cursor: { id: 0, ns: 'x.y', firstBatch: [] } };

/**
 * @param hello what it says of itself otherwise
 * @param answers by the name of a command; to others it answers with a cursor that has nothing
 */
export async function fakeMongodb(
  hello: Document,
  answers: Readonly<Record<string, Document | 'never'>> = {},
): Promise<FakeMongodb> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const cutter = new MessageCutter();
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      for (const message of cutter.push(bytes)) {
        const command = commandIn(message);
        const answer = isLook(command) ? { ...HELLO, ...hello } : (answers[nameOf(command)] ?? NO_CURSOR);
        if (answer !== 'never') socket.write(replyTo(message, answer));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
