import type { SlotWindow } from '../search/index.js';
import type { ComputedSlot } from './computed-slots.js';
import type { ScheduleView } from './schedule-reader.js';

/** How many slots are remembered in all: some 40 MB with their texts. */
const SLOTS_REMEMBERED_MAX = 100_000;

/** Slots by start, of which most questions want the same part. */
export class SlotList {
  #part: readonly ComputedSlot[] = [];

  constructor(
    readonly facts: ScheduleView['facts'],
    readonly revision: number,
    readonly slots: readonly ComputedSlot[],
  ) {}

  /** Those that lie in a window; the very same array as the last time, where they are the same. */
  within({ startFromMs, startBeforeMs, endByMs }: SlotWindow): readonly ComputedSlot[] {
    const part = this.slots.filter(
      ({ startMs, endMs }) => startMs >= startFromMs && startMs < startBeforeMs && endMs <= endByMs,
    );
    const last = this.#part;
    if (part.length !== last.length || part[0] !== last[0] || part.at(-1) !== last.at(-1)) this.#part = part;
    return this.#part;
  }
}

/**
 * Slots that were computed before. They are used again only for a view with the same revision, so never after a change
 * of the Schedule, of an actor or of a stored Slot nearby, whichever process made it.
 */
export class SlotMemory {
  readonly #remembered = new Map<string, SlotList>();
  #count = 0;

  /** @param question what was asked of the Schedule, as a name */
  recall(view: ScheduleView, question: string, compute: () => readonly ComputedSlot[]): SlotList {
    const { facts, revision } = view;
    const name = `${facts.id}/${question}`;
    const known = this.#remembered.get(name);
    if (known?.facts === facts && known.revision === revision) return known;
    const list = new SlotList(facts, revision, compute());
    this.#forget(name);
    this.#remembered.set(name, list);
    this.#count += list.slots.length;
    for (const [oldest] of this.#remembered) {
      if (this.#count <= SLOTS_REMEMBERED_MAX) break;
      this.#forget(oldest);
    }
    return list;
  }

  #forget(name: string): void {
    this.#count -= this.#remembered.get(name)?.slots.length ?? 0;
    this.#remembered.delete(name);
  }
}
