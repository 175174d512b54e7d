import type { Clock } from '../base/clock.js';
import { fault, type Fault } from '../base/fault.js';
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

/** How many documents of a type one request brings up to date, so that none pays for all holds ever abandoned. */
export const PASSED_STORED_MAX = 1_000;
/** How many documents are brought up to date at once. */
const STORED_TOGETHER = 100;

/** Stores the versions that documents have got by themselves, if any, as whoever writes to them would. */
export async function storePassedOf(deps: PassedDeps, keys: readonly DocumentKey[]): Promise<void> {
  await decideAndCommit(deps.store, (draft) => draft.prepare(keys), passedPuts(deps, BASE_INSIDE));
}

/**
 * The same for all documents of a type: whoever asks for the versions of a type finds what passed among them. They are
 * found by an index value that only they have, and lose it here, so that the next one who asks has nothing to do.
 *
 * @throws {Fault} `unavailable` where more than {@link PASSED_STORED_MAX} are left: those are stored, the next request
 *   goes on
 */
export async function storePassedOfType(deps: PassedDeps, type: string): Promise<void> {
  const filter = changedUntil(deps.clock.nowMs());
  const met = new Set<string>();
  for (;;) {
    const found = await deps.store.search({ type, filter, sort: [], limit: STORED_TOGETHER });
    const ids = found.map(({ document }) => document.id).filter((id) => !met.has(id));
    if (ids.length > 0 && met.size >= PASSED_STORED_MAX) throw moreLeft(type);
    await storePassedOf(
      deps,
      ids.map((id) => ({ type, id })),
    );
    if (ids.length < STORED_TOGETHER) return;
    for (const id of ids) met.add(id);
  }
}

function moreLeft(type: string): Fault {
  const what = `More than ${PASSED_STORED_MAX} ${type}s have changed by themselves since a history was asked for last`;
  return fault('unavailable', `${what}; so many are brought up to date now. Ask again for the others.`);
}
