import { MINUTES_PER_DAY, MS_PER_MINUTE } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import { computedSlotId } from './slot-id.js';

/** How many Schedules a proposal is about at most: their keys stand in its id, which has 64 characters. */
export const SCHEDULES_AT_ONCE_MAX = 3;

const KEYS = `((?:[0-9a-z]{16}){1,${SCHEDULES_AT_ONCE_MAX}})`;
const IN_MINUTES = new RegExp(`^${KEYS}-(-?[0-9a-z]{1,8})-([0-9a-z]{1,3})$`);
const IN_MILLISECONDS = new RegExp(`^${KEYS}-(-?[0-9a-z]{1,10})\\.([0-9a-z]{1,7})$`);
const KEY_CHARACTERS = 16;

/** What the id of a proposal says. */
export interface ProposalId extends Interval {
  readonly scheduleKeys: readonly string[];
}

/**
 * The id of a proposal: `{schedule key}-{start minute, base 36}-{minutes, base 36}`, which for one Schedule is the id
 * of its computed slot; of several Schedules, their keys one after the other. A time that only a stored Slot has,
 * between two minutes or longer than a day, is told in milliseconds with a dot between.
 *
 * @returns undefined for a time that leaves no room for the keys of so many Schedules
 */
export function proposalIdOf(scheduleKeys: readonly string[], time: Interval): string | undefined {
  const keys = scheduleKeys.join('');
  const lengthMs = time.endMs - time.startMs;
  const isWhole = time.startMs % MS_PER_MINUTE === 0 && lengthMs % MS_PER_MINUTE === 0;
  if (isWhole && lengthMs <= MINUTES_PER_DAY * MS_PER_MINUTE) return computedSlotId(keys, time);
  const id = `${keys}-${time.startMs.toString(36)}.${lengthMs.toString(36)}`;
  return IN_MILLISECONDS.test(id) && id.length <= 64 ? id : undefined;
}

/** Reads such an id; undefined where it has another form or was not written by us. */
export function readProposalId(id: string): ProposalId | undefined {
  const unitMs = IN_MINUTES.test(id) ? MS_PER_MINUTE : 1;
  const match = IN_MINUTES.exec(id) ?? IN_MILLISECONDS.exec(id);
  if (!match) return undefined;
  const [, keys = '', start = '', length = ''] = match;
  const startMs = parseInt(start, 36) * unitMs;
  const time = { startMs, endMs: startMs + parseInt(length, 36) * unitMs };
  const count = keys.length / KEY_CHARACTERS;
  const scheduleKeys = Array.from({ length: count }, (_, at) =>
    keys.slice(at * KEY_CHARACTERS, (at + 1) * KEY_CHARACTERS),
  );
  const isOurs = time.endMs > time.startMs && proposalIdOf(scheduleKeys, time) === id;
  return isOurs ? { scheduleKeys, ...time } : undefined;
}
