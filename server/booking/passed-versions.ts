import type { Clock } from '../base/clock.js';
import type { DocumentKey, Store } from '../store/index.js';
import { decideAndCommit } from './draft.js';
import { BASE_INSIDE } from './inside.js';
import { passedPuts } from './passed-puts.js';
import { changedUntil } from './steps.js';

interface PassedDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly defaultZone: string;
}

/** How many documents are brought up to date at once. */
const STORED_TOGETHER = 100;

/** Stores the versions that documents have got by themselves, if any, as whoever writes to them would. */
export async function storePassedOf(deps: PassedDeps, keys: readonly DocumentKey[]): Promise<void> {
  await decideAndCommit(deps.store, (draft) => draft.prepare(keys), passedPuts(deps, BASE_INSIDE));
}

/**
 * The same for all documents of a type: whoever asks for the versions of a type finds what passed among them. They are
 * found by an index value that only they have, and lose it here, so that the next one who asks has nothing to do.
 */
export async function storePassedOfType(deps: PassedDeps, type: string): Promise<void> {
  const filter = changedUntil(deps.clock.nowMs());
  const met = new Set<string>();
  for (;;) {
    const found = await deps.store.search({ type, filter, sort: [], limit: STORED_TOGETHER });
    const ids = found.map(({ document }) => document.id).filter((id) => !met.has(id));
    await storePassedOf(
      deps,
      ids.map((id) => ({ type, id })),
    );
    if (ids.length < STORED_TOGETHER) return;
    for (const id of ids) met.add(id);
  }
}
