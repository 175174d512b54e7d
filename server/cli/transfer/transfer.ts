import type { RestoredVersion, Store } from '../../store/index.js';
import { Failure } from '../failure.js';
import { CopyRecord } from './copy-record.js';
import type { TransferProgress } from './progress.js';
import { tallyOf, type Tally } from './tally.js';

/** Where versions come from: a store or an export. */
export interface VersionSource {
  /** For the person and for the record in the target: without secrets, and another one for another content. */
  readonly name: string;
  /** Everything there is. */
  tally(onRead: (versions: number) => void): Promise<Tally>;
  pages(place: string | undefined): AsyncGenerator<SourcePage>;
}

export interface SourcePage {
  readonly versions: readonly RestoredVersion[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface Transferred {
  /** What the source held before, what it holds now, and what the target holds. */
  readonly before: Tally;
  readonly source: Tally;
  readonly target: Tally;
  /** Versions that this run wrote. */
  readonly written: number;
  /** To be called when the two are the same: ends the copy. */
  readonly finish: () => Promise<void>;
}

/**
 * Writes everything of a source into an empty store, or goes on where that was cut short, then reads both again.
 *
 * @param target with its name for the person
 * @throws {Failure} for a source without documents and a target with others
 */
export async function transfer(
  source: VersionSource,
  target: { readonly store: Store; readonly name: string },
  progress: TransferProgress,
): Promise<Transferred> {
  const record = await CopyRecord.of(target.store, target.name, source.name);
  progress.stage('reading');
  const before = await source.tally(progress.done);
  if (before.versions === 0) throw new Failure(`${source.name} holds no documents: there is nothing to copy.`);
  const written = record.state.versions;
  if (written > 0) progress.tell(`Going on after ${written} versions of an earlier run.`);
  progress.stage('copying', before.versions, written);
  if (!record.state.written) await writePages(source, target.store, record, progress);
  progress.stage('comparing', 2 * before.versions);
  const [now, made] = await Promise.all([source.tally(progress.done), tallyOf(target.store, progress.done)]);
  return {
    ...{ before, source: now, target: made, written: record.state.versions - written },
    finish: () => record.remove(),
  };
}

/** A page is written before it is noted, so that one page at most is written twice. */
async function writePages(
  source: VersionSource,
  target: Store,
  record: CopyRecord,
  progress: TransferProgress,
): Promise<void> {
  // Before the first page, so that what is there afterwards is known to be a part of this copy.
  await record.keep(record.state);
  for await (const { versions, next } of source.pages(record.state.place)) {
    if (versions.length > 0) await target.restore(versions);
    const { source: name, versions: before } = record.state;
    const written = next === undefined;
    await record.keep({ source: name, versions: before + versions.length, written, ...(!written && { place: next }) });
    progress.done(versions.length);
  }
}
