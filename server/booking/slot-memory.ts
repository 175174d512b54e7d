import type { ComputedSlot } from './computed-slots.js';
import type { ScheduleView } from './schedule-reader.js';

/** How many slots are remembered in all: some 40 MB with their texts. */
const SLOTS_REMEMBERED_MAX = 100_000;

interface Remembered {
  readonly facts: ScheduleView['facts'];
  readonly revision: number;
  readonly slots: readonly ComputedSlot[];
}

/**
 * Slots that were computed before. They are used again only for a view with the same revision, so never after a change
 * of the Schedule, of an actor or of a stored Slot nearby, whichever process made it.
 */
export class SlotMemory {
  readonly #remembered = new Map<string, Remembered>();
  #count = 0;

  /** @param question what was asked of the Schedule, as a name */
  recall(view: ScheduleView, question: string, compute: () => readonly ComputedSlot[]): readonly ComputedSlot[] {
    const { facts, revision } = view;
    const name = `${facts.id}/${question}`;
    const known = this.#remembered.get(name);
    if (known?.facts === facts && known.revision === revision) return known.slots;
    const slots = compute();
    this.#forget(name);
    this.#remembered.set(name, { facts, revision, slots });
    this.#count += slots.length;
    for (const [oldest] of this.#remembered) {
      if (this.#count <= SLOTS_REMEMBERED_MAX) break;
      this.#forget(oldest);
    }
    return slots;
  }

  #forget(name: string): void {
    this.#count -= this.#remembered.get(name)?.slots.length ?? 0;
    this.#remembered.delete(name);
  }
}
