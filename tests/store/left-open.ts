/**
 * What a test opens, it closes; but one that fails, or whose time is over, may not come to it. What is left then is
 * closed after the last test of the file: Jest would wait for its connections and timers for ever.
 */
import { afterAll } from '@jest/globals';
import type { Store } from '../../server/store/index.js';

const left = new Set<() => Promise<void>>();

afterAll(async () => {
  await Promise.all([...left].map((close) => close()));
});

/** A closing that is made at the end of the file, unless the test has made it before; never twice. */
export function closedAtLast(close: () => Promise<void>): () => Promise<void> {
  const closeOnce = async () => {
    if (left.delete(closeOnce)) await close();
  };
  left.add(closeOnce);
  return closeOnce;
}

/** The same for a store. */
export function closingAtLast(store: Store): Store {
  return Object.assign(store, { close: closedAtLast(store.close.bind(store)) });
}
