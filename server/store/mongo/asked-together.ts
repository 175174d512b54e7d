interface Batch<T> {
  readonly names: Set<string>;
  readonly answer: Promise<ReadonlyMap<string, T>>;
}

/**
 * Puts questions about single things together: while one question is on its way, those that come wait and are asked as
 * one. None joins a question that was begun before it came, so no answer is older than its question.
 */
export class AskedTogether<T> {
  #underWay: Promise<unknown> = Promise.resolve();
  #next: Batch<T> | undefined;

  /** @param ask must answer or fail in some time: whoever comes later waits for it */
  constructor(private readonly ask: (names: readonly string[]) => Promise<ReadonlyMap<string, T>>) {}

  /** What is known of these; what is not in the answer is not there. */
  of(names: readonly string[]): Promise<ReadonlyMap<string, T>> {
    const batch = (this.#next ??= this.#begin());
    for (const name of names) batch.names.add(name);
    return batch.answer;
  }

  #begin(): Batch<T> {
    const names = new Set<string>();
    const answer = this.#underWay.then(() => {
      this.#next = undefined;
      const asked = this.ask([...names]);
      this.#underWay = asked.then(
        () => undefined,
        () => undefined,
      );
      return asked;
    });
    return { names, answer };
  }
}
