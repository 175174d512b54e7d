import { Fault } from '../../base/fault.js';
import type { RequestContext, Resources } from '../../booking/index.js';
import type { DocumentKey, Store } from '../../store/index.js';
import { placeText, type Place } from './place.js';

/** How many targets are asked for at once. */
const TARGETS_PER_READ = 500;

/** From so many open targets on, those that exist by now are forgotten, so that memory does not grow with the data. */
const TARGETS_HELD_MAX = 10_000;

interface Pointer {
  readonly place: Place;
  /** `Type/id` of the resource that refers. */
  readonly from: string;
  times: number;
}

export interface ReferenceCheck {
  /** Remembers what a loaded resource refers to. */
  note(place: Place, from: string, references: readonly string[]): Promise<void>;
  /** One line for each target that is not on this server, once everything is loaded. */
  dangling(): Promise<readonly string[]>;
}

interface ReferenceCheckDeps {
  readonly store: Pick<Store, 'readMany'>;
  readonly resources: Pick<Resources, 'read'>;
  readonly context: RequestContext;
}

/** Resources may refer to what comes later, so whether a reference points to something is asked at the end. */
export function makeReferenceCheck({ store, resources, context }: ReferenceCheckDeps): ReferenceCheck {
  const pointers = new Map<string, Pointer>();
  let sweepAt = TARGETS_HELD_MAX;

  const forgetWhatExists = async () => {
    const targets = [...pointers.keys()];
    for (let from = 0; from < targets.length; from += TARGETS_PER_READ) {
      const asked = targets.slice(from, from + TARGETS_PER_READ);
      const found = await store.readMany(asked.map(keyOf));
      asked.forEach((target, index) => {
        if (found[index] && !found[index].deleted) pointers.delete(target);
      });
    }
    sweepAt = Math.max(TARGETS_HELD_MAX, 2 * pointers.size);
  };

  const canBeRead = async ({ type, id }: DocumentKey) => {
    try {
      await resources.read(type, id, context);
      return true;
    } catch (error) {
      if (error instanceof Fault && (error.kind === 'not-found' || error.kind === 'gone')) return false;
      throw error;
    }
  };

  return {
    async note(place, from, references) {
      for (const target of references) {
        const known = pointers.get(target);
        if (known) known.times += 1;
        else pointers.set(target, { place, from, times: 1 });
      }
      if (pointers.size >= sweepAt) await forgetWhatExists();
    },
    async dangling() {
      await forgetWhatExists();
      const lines: string[] = [];
      for (const [target, { place, from, times }] of pointers) {
        // A computed Slot was never stored and is there all the same.
        if (await canBeRead(keyOf(target))) continue;
        const more = times > 1 ? `; so do ${times - 1} other references` : '';
        lines.push(`${placeText(place)}: ${from} refers to ${target}, which is not on this server${more}.`);
      }
      return lines;
    },
  };
}

function keyOf(reference: string): DocumentKey {
  const slash = reference.indexOf('/');
  return { type: reference.slice(0, slash), id: reference.slice(slash + 1) };
}
