/** For so long somebody waits for a turn at most: longer than any commit takes, unless the store is in trouble. */
const TURN_WAIT_MS_MAX = 2_000;

/**
 * Who of this process is about to change which documents. Whoever comes next waits, instead of deciding on what is
 * about to be changed and deciding again. It saves work only: what is right is decided by the commit, since other
 * processes have turns of their own.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /**
   * Waits until all who came before for any of these names have ended their turns, but not for ever. Who has a turn
   * must not wait for another one: two such could wait for each other.
   *
   * @returns ends the turn
   */
  async take(names: readonly string[]): Promise<() => void> {
    const before = names.flatMap((name) => this.#last.get(name) ?? []);
    let end = () => {};
    const turn = new Promise<void>((resolve) => (end = resolve));
    for (const name of names) this.#last.set(name, turn);
    if (before.length > 0) await soon(Promise.all(before));
    return () => {
      end();
      for (const name of names) if (this.#last.get(name) === turn) this.#last.delete(name);
    };
  }
}

/** Settles with the promise, or when its time is over. */
function soon(done: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, TURN_WAIT_MS_MAX);
    void done.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
