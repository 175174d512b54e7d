import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.js';
import { fault } from '../base/fault.js';
import { RECORD, type Draft } from './draft.js';
import type { BookingSettings, RequestContext } from './types.js';

/** The type of the documents that list the holds and locks of a caller. */
const HOLDS_TYPE = 'CallerHolds';

/** A hold or lock, until when. */
interface CallerHold {
  readonly by: string;
  readonly untilMs: number;
}

export interface HoldCountDeps {
  readonly clock: Clock;
  readonly settings: BookingSettings;
}

/**
 * Counts new holds and locks of a caller, in the commit that makes them. One that is given up early counts until its
 * end: whoever holds and releases without pause would block others all the same.
 *
 * @throws {Fault} `too-many` where the caller has as many as may be
 */
export async function refuseManyHolds(
  draft: Draft,
  { clock, settings }: HoldCountDeps,
  { caller }: RequestContext,
  holds: readonly CallerHold[],
): Promise<void> {
  if (!caller) return;
  const nowMs = clock.nowMs();
  const key = { type: HOLDS_TYPE, id: createHash('sha256').update(caller.name).digest('hex') };
  const record = await draft.get(key);
  const known = record ? (JSON.parse(record.text) as readonly CallerHold[]) : [];
  const names = holds.map(({ by }) => by);
  const others = known.filter(({ by, untilMs }) => untilMs > nowMs && !names.includes(by));
  if (others.length + holds.length > settings.holdsPerCallerMax) {
    const message = `One caller holds or locks at most ${settings.holdsPerCallerMax} times at once; wait, or book them.`;
    throw fault('too-many', message);
  }
  draft.put({ ...key, updatedMs: nowMs, ...RECORD, text: JSON.stringify([...others, ...holds]) });
}
