import type { MongoClient } from 'mongodb';
import { systemClock, type Clock } from '../../base/clock.js';
import { withinTime } from './within-time.js';

/**
 * A look at a server, or the making of a connection, that has not ended after this time never will: each of its steps
 * is given up earlier (`CONNECT_MS_MAX`, and the time between two looks).
 */
export const STUCK_MS_MAX = 10_000;
/** How often that is looked at. */
const WATCH_EVERY_MS = 2_000;

/** What begins, with what it ends: events of the driver, which tell of what they begin or end by `nameOf`. */
const BEGUN_AND_ENDED = [
  ['serverHeartbeatStarted', ['serverHeartbeatSucceeded', 'serverHeartbeatFailed', 'serverClosed']],
  ['connectionCreated', ['connectionReady', 'connectionClosed']],
] as const;

/** As much of a client as is needed to watch it. */
export type Revivable = Pick<MongoClient, 'connect' | 'close'> & {
  on(event: string, listener: (about: EventOfDriver) => void): unknown;
};

interface EventOfDriver {
  /** Of a server. */
  readonly address?: string;
  /** Of a look, the address of the server; of a connection, its number. */
  readonly connectionId?: string | number;
}

/**
 * Watches that a client does not wait for ever. The driver (7.9) can lose a socket that closes while it is made: it
 * waits for it without end, never looks at that server again, and answers everything with 'cannot be reached' though
 * the server is back. Such a client is closed and connected anew; whatever was under way fails, as it did before.
 *
 * @returns ends the watch
 */
export function reviveWhenStuck(client: Revivable, clock: Clock = systemClock): () => void {
  const begunMs = new Map<string, number>();
  for (const [begun, ends] of BEGUN_AND_ENDED) {
    const nameOf = ({ address, connectionId }: EventOfDriver) =>
      begun === 'connectionCreated' ? `${address ?? ''} ${connectionId ?? ''}` : (address ?? String(connectionId));
    client.on(begun, (about) => void begunMs.set(nameOf(about), clock.nowMs()));
    for (const end of ends) client.on(end, (about) => void begunMs.delete(nameOf(about)));
  }
  let isReviving = false;
  let isDead = false;
  let stuckBefore = false;
  const look = async () => {
    const isStuck = [...begunMs.values()].some((ms) => clock.nowMs() - ms > STUCK_MS_MAX);
    // Seen twice: a process that slept has yet to hear what came meanwhile.
    const isLost = isDead || (isStuck && stuckBefore);
    stuckBefore = isStuck;
    if (isReviving || !isLost) return;
    isReviving = true;
    isDead = true;
    begunMs.clear();
    try {
      await withinTime(client.close());
      await withinTime(client.connect());
      isDead = false;
    } catch {
      // It is tried again at the next look.
    }
    isReviving = false;
  };
  const timer = setInterval(() => void look(), WATCH_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
