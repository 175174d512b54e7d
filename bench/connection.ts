import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Error) => void;
}

const HEAD_END = '\r\n\r\n';

/**
 * An HTTP/1.1 client on one kept connection, one request at a time. Bare on purpose: client and server share the
 * processors, so what the client spends brings every ratio nearer to 1 than it is.
 */
export class Connection {
  #waiting: Waiting | undefined;
  #received: Buffer = Buffer.alloc(0);
  /** Length of the answer being received, once its head is here. */
  #whole: { readonly head: string; readonly headBytes: number; readonly bytes: number } | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error('The server closed the connection.')));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new Connection(socket)));
      socket.once('error', reject);
    });
  }

  /** @param request as `requestText` makes it */
  ask(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      // A closed socket takes what is written and says nothing.
      if (this.socket.destroyed) throw new Error('The connection was closed while nobody asked.');
      this.#waiting = { resolve, reject };
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    this.#whole ??= measured(this.#received);
    if (!this.#whole || this.#received.length < this.#whole.bytes) return;
    const { head, headBytes, bytes } = this.#whole;
    const body = this.#received.subarray(headBytes, bytes);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#whole = undefined;
    this.#received = Buffer.alloc(0);
    waiting?.resolve({ status: Number(head.slice(9, 12)), headers: headersOf(head), body });
  }
}

/** A request as it goes over the wire. */
export function requestText(method: string, path: string, body?: string): string {
  const start = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/fhir+json\r\n`;
  if (body === undefined) return `${start}\r\n`;
  const length = Buffer.byteLength(body);
  return `${start}Content-Type: application/fhir+json\r\nContent-Length: ${length}\r\n\r\n${body}`;
}

/** @returns undefined before the whole head is here @throws {Error} for a length that is not told */
function measured(received: Buffer) {
  const at = received.indexOf(HEAD_END);
  if (at < 0) return undefined;
  const head = received.toString('latin1', 0, at);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error('This client only reads answers with a Content-Length.');
  const headBytes = at + HEAD_END.length;
  return { head, headBytes, bytes: headBytes + Number(length) };
}

function headersOf(head: string): ReadonlyMap<string, string> {
  const lines = head.split('\r\n').slice(1);
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}
