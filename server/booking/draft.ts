import { Fault, fault } from '../base/fault.js';
import type { IndexValues } from '../fhir/index.js';
import { UNORDERED } from '../search/index.js';
import { nameOf, type Check, type DocumentKey, type Put, type Store, type StoredDocument } from '../store/index.js';
import type { Revisions } from './seen-documents.js';
import { Turns } from './turns.js';

/** How often a lost race is read and decided again before the caller is told to come back. */
const COMMIT_TRIES_MAX = 100;

/** What a decision puts; the draft knows the revision that it rests on. Parts may be made when it is committed. */
export type DraftPut = Omit<Put, 'kind' | 'expectedRevision' | 'text' | 'index'> & {
  readonly text: string | (() => string);
  readonly index: IndexValues | (() => IndexValues);
};

/** The versions that a document has got by itself and that nobody has stored yet: see `as-of.ts`. */
export type PassedPuts = (document: StoredDocument) => readonly Omit<Put, 'kind' | 'expectedRevision'>[];

/** What records of ours have in common: no search finds them, and no older version is kept. */
export const RECORD = { deleted: false, index: {}, order: UNORDERED, keepHistory: false } as const;

const turnsAt = new WeakMap<Store, Turns>();

type Staged = (DraftPut & { readonly kind: 'put'; readonly expectedRevision: number }) | Check;

/**
 * One change in the making: what was read, and what is to be written on the ground of it. Reads see what the draft
 * itself has put. Its commit stands only if everything it wrote, or checked, still has the revision that it read.
 */
export class Draft {
  readonly #read = new Map<string, StoredDocument | undefined>();
  readonly #writes = new Map<string, Staged>();
  readonly #relied = new Map<string, DocumentKey>();
  #endTurn: (() => void) | undefined;
  #puts = 0;

  constructor(
    private readonly store: Store,
    private readonly passed: PassedPuts = () => [],
  ) {}

  /**
   * Waits until the drafts of this process that are about to change these documents are done: to be asked before they
   * are read. A draft waits once; after that it may meet others.
   */
  async takeTurn(keys: readonly DocumentKey[]): Promise<void> {
    if (this.#endTurn) return;
    const turns = turnsAt.get(this.store) ?? new Turns();
    turnsAt.set(this.store, turns);
    this.#endTurn = await turns.take(keys.map(nameOf));
  }

  /** Lets those go on who wait for this draft. */
  endTurn(): void {
    this.#endTurn?.();
    this.#endTurn = undefined;
  }

  /**
   * Reads what is not known yet, in one go. Versions that documents have got by themselves are stored first, so that
   * whoever decides sees them.
   */
  async prepare(keys: readonly DocumentKey[]): Promise<void> {
    const unknown = [...new Map(keys.map((key) => [nameOf(key), key]))].filter(([name]) => !this.#read.has(name));
    if (unknown.length === 0) return;
    const found = await this.#readPassed(unknown.map(([, key]) => key));
    unknown.forEach(([name], index) => this.#read.set(name, found[index]));
  }

  /** @throws {Fault} `unavailable` where others write what has changed by itself again and again */
  async #readPassed(keys: readonly DocumentKey[]): Promise<readonly (StoredDocument | undefined)[]> {
    for (let tries = 0; tries < COMMIT_TRIES_MAX; tries++) {
      const found = await this.store.readMany(keys);
      const changed = found.flatMap((document) => (document && this.passed(document).length > 0 ? [document] : []));
      if (changed.length === 0) return found;
      await storePassed(this.store, changed, this.passed);
    }
    throw tooManyOthers();
  }

  /** The document as this draft leaves it; undefined where there is none. */
  async get(key: DocumentKey): Promise<Omit<StoredDocument, 'revision'> | undefined> {
    const staged = this.#writes.get(nameOf(key));
    if (staged?.kind === 'put') return written(staged);
    return this.original(key);
  }

  /** The document as the store has it. */
  async original(key: DocumentKey): Promise<StoredDocument | undefined> {
    await this.prepare([key]);
    return this.#read.get(nameOf(key));
  }

  /** Whether the draft writes this document already. */
  writes(key: DocumentKey): boolean {
    return this.#writes.get(nameOf(key))?.kind === 'put';
  }

  /** What the draft writes of a type. */
  staged(type: string): readonly Put[] {
    return [...this.#writes.values()].flatMap((staged) =>
      staged.kind === 'put' && staged.type === type ? [written(staged)] : [],
    );
  }

  /** How often something was put: what is refused may go on with a draft in which that is as it was. */
  get puts(): number {
    return this.#puts;
  }

  /** The document must have been read by this draft. Answers the revision that it will have. */
  put(write: DraftPut): number {
    const expectedRevision = this.#revisionRead(write);
    this.#writes.set(nameOf(write), { ...write, kind: 'put', expectedRevision });
    this.#puts += 1;
    return expectedRevision + 1;
  }

  /** The revision of a document, which was read, once this draft is committed. */
  revisionLeft(key: DocumentKey): number {
    const staged = this.#writes.get(nameOf(key));
    const revision = this.#revisionRead(key);
    return staged?.kind === 'put' && this.#put(staged).kind === 'put' ? revision + 1 : revision;
  }

  /** The commit stands only while this document, which was read, is as it was. */
  check(key: DocumentKey): void {
    if (this.#writes.has(nameOf(key))) return;
    this.#writes.set(nameOf(key), { ...key, kind: 'check', expectedRevision: this.#revisionRead(key) });
  }

  /** The same for documents that were read elsewhere, with these revisions. */
  checkSeen({ keys, revisions }: Revisions): void {
    keys.forEach((key, at) => {
      if (this.#writes.has(nameOf(key))) return;
      this.#writes.set(nameOf(key), { ...key, kind: 'check', expectedRevision: revisions[at] ?? 0 });
    });
  }

  /** @throws {Passed} where a document that was read has got versions by itself since */
  refusePassed(key: DocumentKey): void {
    const document = this.#read.get(nameOf(key));
    if (document && this.passed(document).length > 0) throw new Passed(document);
  }

  /** A refusal, too, stands only while this document is as it was read: another request may have been the same. */
  rely(key: DocumentKey): void {
    this.#relied.set(nameOf(key), key);
  }

  /** Whether something that was relied on has changed since it was read. */
  async isOutdated(): Promise<boolean> {
    const keys = [...this.#relied.values()];
    if (keys.length === 0) return false;
    const revisions = await this.store.revisions(keys);
    return keys.some((key, at) => revisions[at] !== this.#revisionRead(key));
  }

  async commit(): Promise<boolean> {
    const writes = [...this.#writes.values()].map((staged) => (staged.kind === 'put' ? this.#put(staged) : staged));
    if (!writes.some(({ kind }) => kind !== 'check')) return true;
    return (await this.store.commit(writes)).committed;
  }

  /** What was changed and changed back makes no new revision; only texts made at the end are compared. */
  #put(staged: Extract<Staged, { kind: 'put' }>): Put | Check {
    const put = written(staged);
    const isSame = typeof staged.text !== 'string' && this.#read.get(nameOf(put))?.text === put.text;
    if (!isSame) return put;
    return { type: put.type, id: put.id, kind: 'check', expectedRevision: put.expectedRevision };
  }

  #revisionRead(key: DocumentKey): number {
    if (!this.#read.has(nameOf(key))) throw fault('bug', `${nameOf(key)} is written without having been read.`);
    return this.#read.get(nameOf(key))?.revision ?? 0;
  }
}

/** A document has got versions by itself, which have to be stored before anybody writes to it. */
class Passed extends Error {
  constructor(readonly document: StoredDocument) {
    super(`${nameOf(document)} has versions to be stored.`);
  }
}

/**
 * Decides on a fresh draft, and again on a fresh one whenever its commit lost a race, or what it read has changed by
 * itself and has to be stored first.
 *
 * @throws {Fault} `unavailable` after {@link COMMIT_TRIES_MAX} lost races, and whatever `decide` throws
 */
export async function decideAndCommit<T>(
  store: Store,
  decide: (draft: Draft) => Promise<T>,
  passed?: PassedPuts,
): Promise<T> {
  return decideUntil(store, decide, passed, (draft) => draft.commit());
}

/** The same, but nothing of what was decided is written. @throws {Fault} as `decideAndCommit` */
export async function decideOnly<T>(
  store: Store,
  decide: (draft: Draft) => Promise<T>,
  passed?: PassedPuts,
): Promise<T> {
  return decideUntil(store, decide, passed, () => Promise.resolve(true));
}

/** @param isKept whether a decision stands; where it does not, it is taken again */
async function decideUntil<T>(
  store: Store,
  decide: (draft: Draft) => Promise<T>,
  passed: PassedPuts | undefined,
  isKept: (draft: Draft) => Promise<boolean>,
): Promise<T> {
  for (let tries = 0; tries < COMMIT_TRIES_MAX; tries++) {
    const draft = new Draft(store, passed);
    try {
      const decided = await decide(draft);
      if (await isKept(draft)) return decided;
    } catch (error) {
      if (error instanceof Fault && (await draft.isOutdated())) continue;
      if (!(error instanceof Passed) || !passed) throw error;
      await storePassed(store, [error.document], passed);
    } finally {
      draft.endTurn();
    }
  }
  throw tooManyOthers();
}

function tooManyOthers(): Fault {
  return fault('unavailable', 'Too many others change the same resource at this moment; try again.');
}

/**
 * Stores what documents have got by themselves, the next version of all of them in one commit. Whoever is first stores
 * it, all others would have stored the same: a lost race is no reason but to read again.
 */
async function storePassed(store: Store, documents: readonly StoredDocument[], passed: PassedPuts): Promise<void> {
  const versions = documents.map((document) => ({ revision: document.revision, puts: passed(document) }));
  const most = Math.max(...versions.map(({ puts }) => puts.length));
  for (let step = 0; step < most; step++) {
    const writes = versions.flatMap(({ revision, puts }): Put[] => {
      const put = puts[step];
      return put ? [{ ...put, kind: 'put', expectedRevision: revision + step }] : [];
    });
    if (!(await store.commit(writes)).committed) return;
  }
}

function written(staged: Extract<Staged, { kind: 'put' }>): Put {
  const { text, index } = staged;
  return {
    ...staged,
    text: typeof text === 'string' ? text : text(),
    index: typeof index === 'function' ? index() : index,
  };
}
