import type * as OpenStore from '../../server/open-store.js';
import type { DocumentKey, Store } from '../../server/store/index.js';
import type { Bench } from '../bench.js';
import type { Commit } from './commit-listener.js';

const { openStore } = (await import(new URL('../../open-store.js', import.meta.url).href)) as typeof OpenStore;

/** How commits are handed over that rest on one another. */
export type Pace =
  /** Each when those before it that name a document it changes, or that change one it names, are acknowledged. */
  | 'after-acknowledgement'
  /** In their order, without waiting: only where the store keeps to the order. */
  | 'in-order';

/** A store of its own that makes, again and again, the commits that a server was seen to make. */
export class BareCommits {
  readonly #created: ReadonlySet<string>;
  readonly #changed: ReadonlySet<string>;
  #rounds = 0;

  private constructor(
    private readonly store: Store,
    private readonly commits: readonly Commit[],
    private readonly inFlight: number,
  ) {
    const writes = commits.flat();
    this.#changed = new Set(writes.filter(({ kind }) => kind !== 'check').map(nameOf));
    const made = writes.filter(({ kind, expectedRevision }) => kind === 'put' && expectedRevision === 0);
    this.#created = new Set(made.map(nameOf));
  }

  /**
   * @param before the commits that the others found made
   * @param inFlight how many are under way at a time
   */
  static async begin(
    bench: Bench,
    url: string,
    commits: { readonly before: readonly Commit[]; readonly measured: readonly Commit[] },
    inFlight: number,
  ): Promise<BareCommits> {
    const store = await openStore(url);
    bench.atEnd(() => store.close());
    for (const commit of commits.before) await commitTo(store, commit);
    return new BareCommits(store, commits.measured, inFlight);
  }

  /** Makes all of them, with documents that are new to this round. @returns the seconds that it took */
  async round(pace: Pace): Promise<number> {
    const suffix = `-${String(this.#rounds)}`;
    this.#rounds += 1;
    const renamed = this.commits.map((commit) =>
      commit.map((write) => (this.#created.has(nameOf(write)) ? { ...write, id: `${write.id}${suffix}` } : write)),
    );
    const before = pace === 'after-acknowledgement' ? this.#befores() : undefined;
    const done: Promise<void>[] = [];
    const left = renamed.entries();
    const work = async () => {
      for (const [at, commit] of left) {
        const waits = (before?.[at] ?? []).map((earlier) => done[earlier] as Promise<void>);
        const doing = Promise.all(waits).then(() => commitTo(this.store, commit));
        done[at] = doing;
        await doing;
      }
    };
    const startedMs = performance.now();
    await Promise.all(Array.from({ length: this.inFlight }, work));
    return (performance.now() - startedMs) / 1_000;
  }

  /** For each commit the places of the last ones before it that name the same changing documents. */
  #befores(): readonly (readonly number[])[] {
    const last = new Map<string, number>();
    return this.commits.map((commit, at) => {
      const names = commit.map(nameOf).filter((name) => this.#changed.has(name));
      const before = names.flatMap((name) => last.get(name) ?? []);
      for (const name of names) last.set(name, at);
      return [...new Set(before)];
    });
  }
}

async function commitTo(store: Store, commit: Commit): Promise<void> {
  const result = await store.commit(commit);
  if (result.committed) return;
  throw new Error(`A bare commit came at the wrong time for ${result.stale.map(nameOf).join(', ')}.`);
}

function nameOf({ type, id }: DocumentKey): string {
  return `${type}/${id}`;
}
