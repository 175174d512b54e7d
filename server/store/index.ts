/**
 * @module store
 *
 * Keeps documents and finds them. A *document* is a JSON text under a type and an id, with a *revision* that
 * counts its versions from 1, and with the index values that searches see. FHIR resources are documents whose
 * history is kept; units and other records of ours are documents without one. A store knows nothing of slots.
 *
 * `commit` is the only way to write (design §7). What passes tests/store/ is a store.
 *
 * May import: base, fhir types, search. Imported by: app, auth, booking, cli, open-store.
 */
import { fault } from '../base/fault.js';
import type { IndexValues } from '../fhir/index.js';
import type { Filter, NaturalOrder, Position, Query } from '../search/index.js';

export interface DocumentKey {
  readonly type: string;
  readonly id: string;
}

export interface StoredDocument extends DocumentKey {
  /** 1, 2, 3 …; what FHIR shows as versionId. */
  readonly revision: number;
  readonly updatedMs: number;
  /** A deleted resource keeps its place, so that its id answers 410 and its revisions go on. Its text is empty. */
  readonly deleted: boolean;
  /** The JSON as it was handed in, character for character. */
  readonly text: string;
}

export type Write = Put | Remove | Check;

/** Makes revision `expectedRevision + 1`. */
export interface Put extends DocumentKey {
  readonly kind: 'put';
  /** The revision that the decision rests on; 0: the document does not exist. */
  readonly expectedRevision: number;
  readonly updatedMs: number;
  readonly deleted: boolean;
  readonly text: string;
  readonly index: IndexValues;
  readonly order: NaturalOrder;
  /** Whether older versions stay readable by `version`. */
  readonly keepHistory: boolean;
}

/** Takes a document away with nothing left of it. Only for documents without history. */
export interface Remove extends DocumentKey {
  readonly kind: 'remove';
  readonly expectedRevision: number;
}

/** Changes nothing, but the commit stands only if the document still has this revision (0: is absent). */
export interface Check extends DocumentKey {
  readonly kind: 'check';
  readonly expectedRevision: number;
}

/** Either everything was written, durably, or nothing was, because these documents had another revision. */
export type CommitResult =
  { readonly committed: true } | { readonly committed: false; readonly stale: readonly DocumentKey[] };

/** One found document with its place in the order, from which a next page can go on. */
export interface Found {
  readonly document: StoredDocument;
  readonly position: Position;
}

/** One version of a document, as histories and copies of a whole store have it. */
export interface StoredVersion extends StoredDocument {
  /** Whether it is the current version; else it is history. */
  readonly current: boolean;
}

/** A version with what searches see of it; both are looked at only where it is current. */
export interface RestoredVersion extends StoredVersion {
  readonly index: IndexValues;
  readonly order: NaturalOrder;
}

/** Where a version stands among those of its type: the newest first, then the greater id, then the later revision. */
export interface VersionPlace {
  readonly updatedMs: number;
  readonly id: string;
  readonly revision: number;
}

/** Which versions of one type are asked for, the newest first. At most one of `after` and `before`. */
export interface HistoryQuery {
  readonly type: string;
  /** Of one document; absent: of all. */
  readonly id?: string;
  /** Written at this moment or later. */
  readonly sinceMs?: number;
  /** Written at this moment or earlier. */
  readonly untilMs?: number;
  /** Only what comes after this place. */
  readonly after?: VersionPlace;
  /** Only what comes before this place, and of that what is nearest to it. */
  readonly before?: VersionPlace;
  readonly limit: number;
}

/** Some of the versions of a store, and where the next ones begin. */
export interface ScanPage {
  readonly versions: readonly StoredVersion[];
  /** Opaque, and good for this store only; absent on the last page. */
  readonly next?: string;
}

/** One index of a store, and how it stands with it. */
export interface StoreIndex {
  /** Of which table or collection. */
  readonly collection: string;
  readonly name: string;
  /** Its fields as the database writes them, and for which rows it is. */
  readonly key: string;
  readonly state: 'there' | 'building' | 'missing' | 'unknown to us';
}

export interface Store {
  /** The current version, deleted ones too; undefined where there never was one. */
  read(key: DocumentKey): Promise<StoredDocument | undefined>;
  /** As `read`, one answer for each key, in their order. */
  readMany(keys: readonly DocumentKey[]): Promise<readonly (StoredDocument | undefined)[]>;
  /** The revision of each key, 0 where there is none: what caches are keyed by. */
  revisions(keys: readonly DocumentKey[]): Promise<readonly number[]>;
  /** One version of a document with history, the current one included. */
  version(key: DocumentKey, revision: number): Promise<StoredDocument | undefined>;
  /**
   * All or nothing, and durable when it answers. A document may stand in `writes` once.
   * @throws {Fault} `bug` where one document stands twice, `unavailable` where the store cannot be reached
   */
  commit(writes: readonly Write[]): Promise<CommitResult>;
  /**
   * Undeleted documents that meet the query, in its order, at most `limit`. It may be behind a commit that nobody has
   * been told of yet; what was read by its key is found from then on.
   */
  search(query: Query): Promise<readonly Found[]>;
  /** How many undeleted documents of a type meet a filter. */
  count(type: string, filter: Filter): Promise<number>;
  /** Versions of documents with history, deletions among them, in the order of `VersionPlace`. */
  history(query: HistoryQuery): Promise<readonly StoredVersion[]>;
  /**
   * Every version of every document, each once, in an order of the store's own: for copies of a store to which nobody
   * writes meanwhile.
   *
   * @param place `next` of the page before; absent: from the beginning
   */
  scan(place: string | undefined, limit: number): Promise<ScanPage>;
  /**
   * Writes versions as they are, revision and history included, beside `commit`: only for a store that nobody else
   * uses meanwhile. Doing it again changes nothing, so that a copy may go on after it was cut short.
   */
  restore(versions: readonly RestoredVersion[]): Promise<void>;
  /** Resolves when the store can be read. @throws {Fault} `unavailable` */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** For every store. @throws {Fault} `bug` where a document stands twice in one commit */
export function refuseTwice(writes: readonly DocumentKey[]): void {
  if (writes.length < 2) return;
  const seen = new Set<string>();
  for (const { type, id } of writes) {
    const key = `${type}/${id}`;
    if (seen.has(key)) throw fault('bug', `${key} stands twice in one commit.`);
    seen.add(key);
  }
}

/**
 * For every store: current versions and older ones as one list, each version once, the first `limit` of them, or the
 * last ones where a place is named that they come before.
 */
export function versionsInOrder(
  found: readonly StoredVersion[],
  { limit, before }: Pick<HistoryQuery, 'limit' | 'before'>,
): readonly StoredVersion[] {
  const sorted = [...found].sort(compareVersions);
  // A store may have copied a version that is still the current one.
  const once = sorted.filter((one, at) => at === 0 || compareVersions(sorted[at - 1] ?? one, one) !== 0);
  return before ? once.slice(-limit) : once.slice(0, limit);
}

/** The order of `VersionPlace`. Ids are of ASCII, so that texts compare here as in every database. */
export function compareVersions(a: VersionPlace, b: VersionPlace): number {
  if (a.updatedMs !== b.updatedMs) return b.updatedMs - a.updatedMs;
  if (a.id !== b.id) return a.id < b.id ? 1 : -1;
  return b.revision - a.revision;
}

/** `Type/id`. */
export function nameOf({ type, id }: DocumentKey): string {
  return `${type}/${id}`;
}

/** All that a search finds, in its order, at most so many at a time. */
export async function* pagesOf(
  store: Pick<Store, 'search'>,
  query: Omit<Query, 'limit' | 'after'>,
  limit: number,
): AsyncGenerator<readonly Found[]> {
  for (let after: Pick<Query, 'after'> = {}; ;) {
    const page = await store.search({ ...query, ...after, limit });
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (!last || page.length < limit) return;
    after = { after: last.position };
  }
}
