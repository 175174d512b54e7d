import type { ScanPage, StoredVersion } from '../index.js';
import type { Connection, Statement } from './connection.js';

/** Where a scan goes on: after a row among the current versions, or after a version of a row in the history. */
interface ScanPlace {
  readonly part: 'current' | 'history';
  readonly row: number;
  readonly revision: number;
}

interface ScannedRow {
  readonly row: number;
  readonly type: string;
  readonly id: string;
  readonly revision: number;
  readonly updated_ms: number;
  readonly deleted: number;
  readonly text: string;
}

const START: ScanPlace = { part: 'current', row: 0, revision: 0 };

/** Reads all versions: the current ones in the order of their rows, then the history in the same order. */
export class Scanner {
  readonly #currents: Statement;
  readonly #history: Statement;

  constructor(connection: Connection) {
    // Revision 0 is a row that holds the place of a document of which only history was restored so far.
    this.#currents = connection.prepare(
      `SELECT row, type, id, revision, updated_ms, deleted, text FROM resource
       WHERE row > ? AND revision > 0 ORDER BY row LIMIT ?`,
    );
    this.#history = connection.prepare(
      `SELECT v.row, r.type, r.id, v.revision, v.updated_ms, v.deleted, v.text
       FROM version AS v CROSS JOIN resource AS r ON r.row = v.row
       WHERE (v.row, v.revision) > (?, ?) ORDER BY v.row, v.revision LIMIT ?`,
    );
  }

  /** @param text `next` of the page before */
  page(text: string | undefined, limit: number): ScanPage {
    const place = text === undefined ? START : (JSON.parse(text) as ScanPlace);
    const currents = place.part === 'current' ? rowsOf(this.#currents.all(place.row, limit)) : [];
    const left = limit - currents.length;
    const after = place.part === 'current' ? START : place;
    const history = left > 0 ? rowsOf(this.#history.all(after.row, after.revision, left)) : [];
    const versions = [...currents.map((row) => versionOf(row, true)), ...history.map((row) => versionOf(row, false))];
    if (versions.length < limit) return { versions };
    const last = history.at(-1) ?? currents.at(-1);
    if (!last) return { versions };
    const part = history.length > 0 ? 'history' : 'current';
    return { versions, next: JSON.stringify({ part, row: last.row, revision: last.revision } satisfies ScanPlace) };
  }
}

function rowsOf(rows: unknown): readonly ScannedRow[] {
  return rows as readonly ScannedRow[];
}

function versionOf({ type, id, revision, updated_ms, deleted, text }: ScannedRow, current: boolean): StoredVersion {
  return { type, id, revision, updatedMs: updated_ms, deleted: deleted === 1, text, current };
}
