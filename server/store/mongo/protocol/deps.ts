import type { Clock } from '../../../base/clock.js';
import type { NewId } from '../../../base/ids.js';
import type { Table } from './table.js';

/** What commits need from outside. */
export interface ProtocolDeps {
  readonly table: Table;
  readonly clock: Clock;
  /** Resolves after so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
  /** Ids of commits: none may be made twice. */
  readonly newId: NewId;
  /** From 0 up to 1, so that those who wait for the same thing do not come back at the same time. */
  readonly random: () => number;
  /** Is told of work that goes on after the answer. It never rejects; whoever closes the table waits for it first. */
  readonly aside: (work: Promise<void>) => void;
}
