import { createHash } from 'node:crypto';
import { MINUTES_PER_DAY, MS_PER_MINUTE } from '../base/clock.js';
import type { Interval } from '../base/interval.js';

const KEY_CHARACTERS = 16;
const PATTERN = new RegExp(`^([0-9a-z]{${KEY_CHARACTERS}})-(-?[0-9a-z]{1,8})-([0-9a-z]{1,3})$`);

/** What the id of a computed slot says. */
export interface ComputedSlotId extends Interval {
  readonly scheduleKey: string;
}

/**
 * The short name of a Schedule in the ids of its computed slots: 16 base-36 digits of its id's SHA-256, 82 bits,
 * so that two Schedules of one server never share one.
 */
export function scheduleKeyOf(scheduleId: string): string {
  const hash = createHash('sha256').update(scheduleId).digest('hex');
  return BigInt(`0x${hash}`).toString(36).padStart(KEY_CHARACTERS, '0').slice(-KEY_CHARACTERS);
}

/** `{schedule key}-{start minute, base 36}-{minutes, base 36}` (design §3): stable, at most 64 characters. */
export function computedSlotId(scheduleKey: string, slot: Interval): string {
  const startMinute = Math.floor(slot.startMs / MS_PER_MINUTE);
  const minutes = Math.round((slot.endMs - slot.startMs) / MS_PER_MINUTE);
  return `${scheduleKey}-${startMinute.toString(36)}-${minutes.toString(36)}`;
}

/** The id that a computed Slot of a Schedule has, whether or not there is one at that time. */
export function slotIdOn(scheduleId: string, slot: Interval): string {
  return computedSlotId(scheduleKeyOf(scheduleId), slot);
}

/** Reads such an id; undefined where it has another form or was not written by us (`0x` for `x`). */
export function readComputedSlotId(id: string): ComputedSlotId | undefined {
  const match = PATTERN.exec(id);
  if (!match) return undefined;
  const [, scheduleKey = '', start = '', length = ''] = match;
  const minutes = parseInt(length, 36);
  const startMs = parseInt(start, 36) * MS_PER_MINUTE;
  const read = { scheduleKey, startMs, endMs: startMs + minutes * MS_PER_MINUTE };
  const canonical = minutes >= 1 && minutes <= MINUTES_PER_DAY && computedSlotId(scheduleKey, read) === id;
  return canonical ? read : undefined;
}
