import type { Clock } from '../base/clock.js';
import type { Store } from '../store/index.js';
import { decideAndCommit, type Draft } from './draft.js';
import { once } from './idempotency.js';
import { passedPuts } from './passed-puts.js';
import type { RequestContext } from './types.js';

/** Takes a decision for a request: on fresh reading until its commit stands, and once for each `Idempotency-Key`. */
export type Decide = <T>(context: RequestContext, decide: (draft: Draft) => Promise<T>) => Promise<T>;

/** Decisions over a store. */
export function makeDecide(deps: {
  readonly store: Store;
  readonly clock: Clock;
  readonly defaultZone: string;
}): Decide {
  return (context, decide) =>
    decideAndCommit(deps.store, once(context, deps.clock, decide), passedPuts(deps, context.base));
}
