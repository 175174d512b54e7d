import type { DocumentKey } from '../index.js';
import { atOneMoment } from './atomically.js';
import type { Connection, Statement } from './connection.js';

/** So many revisions are remembered; then it begins anew. */
const REVISIONS_MAX = 20_000;

/**
 * Revisions that were read, for as long as nobody has changed them. SQLite tells, in a fraction of the time of one
 * lookup, whether another connection has committed to the file (`data_version`); what this connection writes is
 * forgotten at once. So an answer is never older than the question, whoever wrote.
 */
export class RevisionMemory {
  readonly #dataVersion: Statement;
  readonly #find: Statement;
  readonly #types = new Map<string, Map<string, number>>();
  /** The answer to a list that was asked before, while nothing at all was forgotten. */
  readonly #lists = new WeakMap<
    readonly DocumentKey[],
    { readonly epoch: number; readonly revisions: readonly number[] }
  >();
  #epoch = 0;
  #size = 0;
  #seenVersion = -1;

  constructor(private readonly connection: Connection) {
    this.#dataVersion = connection.prepare('PRAGMA data_version');
    this.#find = connection.prepare('SELECT revision FROM resource WHERE type = ? AND id = ?');
  }

  /** The revision of each key, 0 where there is none. */
  of(keys: readonly DocumentKey[]): readonly number[] {
    this.#forgetIfOthersWrote();
    const list = this.#lists.get(keys);
    if (list?.epoch === this.#epoch) return list.revisions;
    const known = keys.map(({ type, id }) => this.#types.get(type)?.get(id));
    const revisions = known.includes(undefined) ? this.#readAll(keys) : (known as number[]);
    this.#lists.set(keys, { epoch: this.#epoch, revisions });
    return revisions;
  }

  /** To be called when this connection may have changed the documents. */
  forget(keys: readonly DocumentKey[]): void {
    this.#epoch++;
    for (const { type, id } of keys) {
      if (this.#types.get(type)?.delete(id)) this.#size--;
    }
  }

  /** All from one state of the file. */
  #readAll(keys: readonly DocumentKey[]): readonly number[] {
    return atOneMoment(this.connection, () => {
      this.#forgetIfOthersWrote();
      return keys.map((key) => this.#types.get(key.type)?.get(key.id) ?? this.#read(key));
    });
  }

  #read({ type, id }: DocumentKey): number {
    const revision = (this.#find.get(type, id) as { revision: number } | undefined)?.revision ?? 0;
    if (this.#size >= REVISIONS_MAX) this.#forgetAll();
    const ids = this.#types.get(type) ?? new Map<string, number>();
    this.#types.set(type, ids.set(id, revision));
    this.#size++;
    return revision;
  }

  #forgetIfOthersWrote(): void {
    const { data_version } = this.#dataVersion.get() as { data_version: number };
    if (data_version !== this.#seenVersion) this.#forgetAll();
    this.#seenVersion = data_version;
  }

  #forgetAll(): void {
    this.#epoch++;
    this.#types.clear();
    this.#size = 0;
  }
}
