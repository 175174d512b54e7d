/** A network between the store and MongoDB that a test can cut, hold still and mend, and that tells what was sent. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Document } from 'mongodb';
import { closedAtLast } from '../left-open.js';
import { commandIn, isLook, MessageCutter, replyTo } from './wire.js';

/** What becomes of a command; a document is what it is answered with, without being passed on. */
export type Fate = 'pass' | 'cut before' | 'cut after' | Document;

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** Whether nothing goes over it any more: what a network does whose state was lost. */
  dead: boolean;
}

export class Proxy {
  /** Every command of the driver but its looks at the server, in the order in which they came. */
  readonly commands: Document[] = [];
  /** Decides about each of them. */
  fateOf: (command: Document) => Fate = () => 'pass';
  readonly close = closedAtLast(() => this.cut());
  readonly #pairs = new Set<Pair>();
  #state: 'open' | 'hanging' | 'cut' = 'open';
  #server: Server;
  #port = 0;

  private constructor(private readonly behind: URL) {
    this.#server = createServer((near) => this.#pair(near));
  }

  /** Before the server of a URL. */
  static async before(url: string): Promise<Proxy> {
    const proxy = new Proxy(new URL(url));
    await proxy.#listen();
    return proxy;
  }

  /** The URL of a database behind it. */
  url(database: string): string {
    return `mongodb://127.0.0.1:${this.#port}/${database}${this.behind.search}`;
  }

  /** Breaks all connections; new ones are refused. */
  async cut(): Promise<void> {
    if (this.#state === 'cut') return;
    this.#state = 'cut';
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
    await closed;
  }

  /** From now on connections are accepted, and what comes over them is swallowed, both ways. */
  hang(): void {
    this.#state = 'hanging';
    for (const pair of this.#pairs) pair.dead = true;
  }

  /** New connections are passed on again. Those that were there stay as they are: dead. */
  async mend(): Promise<void> {
    const wasCut = this.#state === 'cut';
    this.#state = 'open';
    if (wasCut) await this.#listen();
  }

  async #listen(): Promise<void> {
    this.#server = createServer((near) => this.#pair(near));
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #pair(near: Socket): void {
    const far = connect(Number(this.behind.port || 27017), this.behind.hostname);
    const pair: Pair = { near, far, dead: this.#state === 'hanging' };
    this.#pairs.add(pair);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.setNoDelay();
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#pairs.delete(pair);
        other.destroy();
      });
    }
    const cutter = new MessageCutter();
    near.on('data', (bytes) => !pair.dead && cutter.push(bytes).forEach((message) => this.#pass(pair, message)));
    far.on('data', (bytes) => !pair.dead && near.write(bytes));
  }

  #pass(pair: Pair, message: Buffer): void {
    if (this.#state === 'cut') return;
    const command = commandIn(message);
    const look = isLook(command);
    if (!look) this.commands.push(command);
    const fate = look ? 'pass' : this.fateOf(command);
    if (typeof fate !== 'string') {
      pair.near.write(replyTo(message, fate));
      return;
    }
    if (fate !== 'pass') {
      // What was sent on arrives, whatever becomes of the connection: its answer is lost, and not the command.
      pair.dead = true;
      if (fate === 'cut after') pair.far.write(message, () => setTimeout(() => void this.cut(), ARRIVED_MS));
      else void this.cut();
      return;
    }
    pair.far.write(message);
  }
}

/** Long enough for a command to be carried out before the connection to the server is closed. */
const ARRIVED_MS = 300;
