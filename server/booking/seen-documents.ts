import { nameOf, type DocumentKey, type Store, type StoredDocument } from '../store/index.js';

/** Documents and the revisions that they had, in the same order; 0: was not there. */
export interface Revisions {
  readonly keys: readonly DocumentKey[];
  readonly revisions: readonly number[];
}

/** What one request has seen of the store: it asks for no revision twice, and leaves nothing to a later request. */
export class SeenDocuments {
  readonly #revisions = new Map<string, number>();
  readonly #documents = new Map<string, StoredDocument | undefined>();

  /** @param asked what the request has learned before */
  constructor(
    private readonly store: Pick<Store, 'revisions' | 'readMany'>,
    asked?: Revisions,
  ) {
    asked?.keys.forEach((key, at) => this.#revisions.set(nameOf(key), asked.revisions[at] ?? 0));
  }

  /** Asks for the revisions that are not known yet, in one go: several Schedules may rest on the same documents. */
  async learn(all: readonly DocumentKey[]): Promise<void> {
    const unknown = new Map<string, DocumentKey>();
    for (const key of all) {
      const name = nameOf(key);
      if (!this.#revisions.has(name)) unknown.set(name, key);
    }
    if (unknown.size === 0) return;
    const revisions = await this.store.revisions([...unknown.values()]);
    [...unknown.keys()].forEach((name, at) => this.#revisions.set(name, revisions[at] ?? 0));
  }

  /** Reads these in one go, those that were read already excepted. */
  async read(all: readonly DocumentKey[]): Promise<void> {
    const unread = new Map(all.map((key) => [nameOf(key), key]));
    for (const name of this.#documents.keys()) unread.delete(name);
    if (unread.size === 0) return;
    const documents = await this.store.readMany([...unread.values()]);
    [...unread.keys()].forEach((name, at) => {
      this.#documents.set(name, documents[at]);
      this.#revisions.set(name, documents[at]?.revision ?? 0);
    });
  }

  /** Undefined where it is not known yet; 0: it is not there. */
  revision(key: DocumentKey): number | undefined {
    return this.#revisions.get(nameOf(key));
  }

  /** As it was read; undefined where it was not, or is not there. */
  document(key: DocumentKey): StoredDocument | undefined {
    return this.#documents.get(nameOf(key));
  }
}
