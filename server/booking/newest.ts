import type { StoredDocument } from '../store/index.js';

/**
 * Names of what came last, as a record keeps them. A search may be behind a commit for a moment, where its documents
 * are written one after the other; whoever reads the record as well misses nothing of that commit.
 */
interface Newest {
  readonly newest: readonly string[];
}

/** The names in a record, the last one first; none where there is no record, or one of old. */
export function newestIn(record: Pick<StoredDocument, 'text'> | undefined): readonly string[] {
  if (!record || record.text === '') return [];
  return (JSON.parse(record.text) as Partial<Newest>).newest ?? [];
}

/** The text of the record. */
export function newestText(newest: readonly string[]): string {
  return JSON.stringify({ newest } satisfies Newest);
}
