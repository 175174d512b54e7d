import type { CommitResult, Write } from '../index.js';
import { inOneTransaction, run } from './atomically.js';
import type { Connection } from './connection.js';
import { faultOf } from './failures.js';
import type { Writer } from './writer.js';

interface Waiting {
  readonly writes: readonly Write[];
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** What became of one waiting commit; told only after COMMIT. */
type Outcome = { readonly result: CommitResult } | { readonly thrown: unknown };

/**
 * Commits that wait at the same time share one transaction, with a savepoint each: waiting for the disk is what a
 * commit costs, and it is paid once for all of them.
 */
export class CommitQueue {
  #waiting: Waiting[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly writer: Writer,
    private readonly path: string,
    /** Told of what may have changed, before anyone is answered. */
    private readonly onWritten: (writes: readonly Write[]) => void,
  ) {}

  /** Answers when the writes are on the disk, or were refused. */
  commit(writes: readonly Write[]): Promise<CommitResult> {
    return new Promise((resolve, reject) => {
      // After the input and output of this turn of the event loop: every request that came in by then is aboard.
      if (this.#waiting.length === 0) setImmediate(() => this.flush());
      this.#waiting.push({ writes, resolve, reject });
    });
  }

  /** Makes what waits now. */
  flush(): void {
    const aboard = this.#waiting;
    this.#waiting = [];
    if (aboard.length === 0) return;
    try {
      const outcomes = this.#transaction(aboard);
      for (const { writes } of aboard) this.onWritten(writes);
      aboard.forEach((one, at) => {
        const outcome = outcomes[at];
        if (outcome && 'result' in outcome) one.resolve(outcome.result);
        else one.reject(faultOf(this.path, outcome?.thrown));
      });
    } catch (thrown) {
      const reason = faultOf(this.path, thrown);
      for (const { reject } of aboard) reject(reason);
    }
  }

  #transaction(aboard: readonly Waiting[]): readonly Outcome[] {
    try {
      return inOneTransaction(this.connection, () => aboard.map(({ writes }) => this.#savepoint(writes)));
    } catch (thrown) {
      this.writer.forgetParams();
      throw thrown;
    }
  }

  /** One commit within the transaction: what it throws undoes only itself, unless the transaction is gone with it. */
  #savepoint(writes: readonly Write[]): Outcome {
    run(this.connection, 'SAVEPOINT one');
    try {
      const result = this.writer.apply(writes);
      run(this.connection, 'RELEASE one');
      return { result };
    } catch (thrown) {
      if (!this.connection.isTransaction) throw thrown;
      this.writer.forgetParams();
      run(this.connection, 'ROLLBACK TO one');
      run(this.connection, 'RELEASE one');
      return { thrown };
    }
  }
}
