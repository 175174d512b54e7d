import type { Store } from '../store/index.js';
import { decideAndCommit, RECORD, type Draft } from './draft.js';
import type { Clock } from '../base/clock.js';

/** The documents that say what the next number of a kind is, and which number a resource has. */
const COUNTER_TYPE = 'NumberCounter';
const NUMBER_TYPE = 'NumberOfResource';
const NUMBERED_TYPE = 'ResourceOfNumber';

/** A server takes so many numbers at once; those that it does not give away are lost when it stops. */
const NUMBERS_TAKEN = 16;

/**
 * Whole numbers from 1 on for clients that know no other ids, counted for each kind by itself. None is given twice, by
 * whichever server of a store; some are never given.
 */
export interface Numbers {
  /**
   * A number that no one has.
   *
   * @param isTaken whether something bears a number already: what was loaded from elsewhere brings its own
   */
  next(kind: string, isTaken: (number: number) => Promise<boolean>): Promise<number>;
  /** The numbers of resources that came without, one for each id: given when they are asked for first. */
  ofIds(kind: string, ids: readonly string[]): Promise<readonly number[]>;
  /** The id of the resource that was given a number by `ofIds`. */
  idOf(kind: string, number: number): Promise<string | undefined>;
}

interface Stretch {
  readonly next: number;
  readonly end: number;
}

/** The numbers of a store. */
export function makeNumbers({ store, clock }: { readonly store: Store; readonly clock: Clock }): Numbers {
  const taken = new Map<string, Stretch>();
  const waiting = new Map<string, Promise<number>>();

  async function take(kind: string): Promise<number> {
    const known = taken.get(kind);
    const isLeft = known !== undefined && known.next < known.end;
    const { next, end } = isLeft ? known : await decideAndCommit(store, (draft) => stretchOf(draft, kind, clock));
    taken.set(kind, { next: next + 1, end });
    return next;
  }

  /** One after the other: requests that come at the same time shall not take a stretch each. */
  function takeInTurn(kind: string): Promise<number> {
    const turn = (waiting.get(kind) ?? Promise.resolve(0)).catch(() => 0).then(() => take(kind));
    waiting.set(kind, turn);
    return turn;
  }

  async function next(kind: string, isTaken: (number: number) => Promise<boolean>): Promise<number> {
    let number = await takeInTurn(kind);
    while (await isTaken(number)) number = await takeInTurn(kind);
    return number;
  }

  return {
    next,
    async ofIds(kind, ids) {
      const keys = ids.map((id) => ({ type: NUMBER_TYPE, id: `${kind}/${id}` }));
      const found = keys.length > 0 ? await store.readMany(keys) : [];
      const numbers: number[] = [];
      for (const [at, id] of ids.entries()) {
        const known = found[at];
        numbers.push(known ? numberIn(known.text) : await numbered(store, clock, kind, id, () => takeInTurn(kind)));
      }
      return numbers;
    },
    async idOf(kind, number) {
      const found = await store.read({ type: NUMBERED_TYPE, id: `${kind}/${number}` });
      return found && (JSON.parse(found.text) as { id: string }).id;
    },
  };
}

async function stretchOf(draft: Draft, kind: string, clock: Clock): Promise<Stretch> {
  const key = { type: COUNTER_TYPE, id: kind };
  const known = await draft.get(key);
  const next = known ? numberIn(known.text) : 1;
  const end = next + NUMBERS_TAKEN;
  draft.put({ ...key, updatedMs: clock.nowMs(), ...RECORD, text: JSON.stringify({ number: end }) });
  return { next, end };
}

/** Gives a resource its number; where another request came first, that one's. */
async function numbered(
  store: Store,
  clock: Clock,
  kind: string,
  id: string,
  take: () => Promise<number>,
): Promise<number> {
  const number = await take();
  return decideAndCommit(store, async (draft) => {
    const key = { type: NUMBER_TYPE, id: `${kind}/${id}` };
    const back = { type: NUMBERED_TYPE, id: `${kind}/${number}` };
    await draft.prepare([key, back]);
    const met = await draft.get(key);
    if (met) return numberIn(met.text);
    const record = { updatedMs: clock.nowMs(), ...RECORD };
    draft.put({ ...key, ...record, text: JSON.stringify({ number }) });
    draft.put({ ...back, ...record, text: JSON.stringify({ id }) });
    return number;
  });
}

function numberIn(text: string): number {
  return (JSON.parse(text) as { readonly number: number }).number;
}
