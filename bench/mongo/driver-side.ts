import type { Db } from 'mongodb';
import { CONNECTIONS, QUESTIONS_PER_BURST, type Side } from '../sides.js';
import type { Command } from './commands.js';
import { replay } from './replay.js';

/**
 * The bare driver, which reads what servers had to read for the same number of questions, as many at a time as there
 * are connections.
 *
 * @param commands of one burst
 * @param changing whether it changes a document where servers are sent a change
 */
export function driverSide(db: Db, commands: readonly Command[], changing: boolean): Side {
  const burst = () =>
    timed(async () => {
      const left = commands.values();
      const work = async () => {
        for (const command of left) await replay(db, command);
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, work));
    });
  const change = () =>
    timed(() => db.collection<{ _id: string }>('bare').replaceOne({ _id: 'changed' }, {}, { upsert: true }));
  const visit = { burst, change: changing ? change : () => Promise.resolve(0), leave: () => undefined };
  return { enter: () => Promise.resolve(visit) };
}

/** The commands of a burst: all connections ask at the same time, so each has a first answer of its own. */
export function burstOf(first: readonly Command[], again: readonly Command[]): readonly Command[] {
  return Array.from({ length: QUESTIONS_PER_BURST }, (_, question) => (question < CONNECTIONS ? first : again)).flat();
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await act();
  return performance.now() - startedMs;
}
