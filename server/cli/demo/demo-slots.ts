import type { Slot } from 'fhir/r4.js';
import { MINUTES_PER_DAY, MS_PER_DAY, MS_PER_MINUTE } from '../../base/clock.js';

/** The Schedule of the demo clinic that has stored Slots instead of opening hours. */
const SCHEDULE = 'demo-bengaluru';

/** India has one offset all year, so local times can be written without asking a time zone. */
const OFFSET = '+05:30';
const OFFSET_MINUTES = 330;

const DAYS_AHEAD = 14;
const FIRST_MINUTE = 9 * 60;
const LAST_MINUTE = 12 * 60 + 30;
const SLOT_MINUTES = 30;

/** Taken already, so that both kinds can be seen: the slot that starts at 10:00. */
const BUSY_MINUTE = 10 * 60;

/** Half-hour Slots of the coming two weeks, Sundays excepted. Their ids tell their time, so a day is made once. */
export function demoSlots(nowMs: number): readonly Slot[] {
  const todayNumber = Math.floor(nowMs / MS_PER_MINUTE / MINUTES_PER_DAY + OFFSET_MINUTES / MINUTES_PER_DAY);
  const slots: Slot[] = [];
  for (let day = todayNumber + 1; day <= todayNumber + DAYS_AHEAD; day += 1) {
    const midnight = new Date(day * MS_PER_DAY);
    if (midnight.getUTCDay() === 0) continue;
    const date = midnight.toISOString().slice(0, 10);
    for (let minute = FIRST_MINUTE; minute <= LAST_MINUTE; minute += SLOT_MINUTES) slots.push(slotAt(date, minute));
  }
  return slots;
}

function slotAt(date: string, minute: number): Slot {
  return {
    resourceType: 'Slot',
    id: `${SCHEDULE}-${date}-${face(minute).replace(':', '')}`,
    schedule: { reference: `Schedule/${SCHEDULE}` },
    status: minute === BUSY_MINUTE ? 'busy' : 'free',
    start: `${date}T${face(minute)}:00${OFFSET}`,
    end: `${date}T${face(minute + SLOT_MINUTES)}:00${OFFSET}`,
  };
}

/** `09:30` for minute 570 of the day. */
function face(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
