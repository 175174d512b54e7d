import { Fault, fault } from '../../base/fault.js';

/** SQLite's primary result codes that say nothing against the statement: https://sqlite.org/rescode.html */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['SQLITE_BUSY', 'another process keeps it locked'],
  ['SQLITE_LOCKED', 'another process keeps it locked'],
  ['SQLITE_READONLY', 'it can only be read; check the permissions of the file and of its folder'],
  ['SQLITE_PERM', 'access was denied'],
  ['SQLITE_AUTH', 'access was denied'],
  ['SQLITE_CANTOPEN', 'the file cannot be opened; check that its folder exists and can be written'],
  ['SQLITE_FULL', 'the disk is full'],
  ['SQLITE_IOERR', 'the disk failed'],
  ['SQLITE_NOMEM', 'there is not enough memory'],
  ['SQLITE_NOTADB', 'the file is not an SQLite database'],
  ['SQLITE_CORRUPT', 'the file is damaged'],
]);

/** Runs a step on the database; what the file or the machine refuses becomes a Fault `unavailable`. */
export function guarded<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (thrown) {
    throw faultOf(path, thrown);
  }
}

/** @returns the thrown value itself where it is no failure of the file or the machine */
export function faultOf(path: string, thrown: unknown): unknown {
  if (thrown instanceof Fault || typeof thrown !== 'object' || thrown === null) return thrown;
  const name = 'sqliteCodeName' in thrown ? String(thrown.sqliteCodeName) : '';
  const reason = [...REASONS].find(([code]) => name === code || name.startsWith(`${code}_`))?.[1];
  if (reason === undefined) return thrown;
  return fault('unavailable', `The store ${path} cannot be used: ${reason}.`, undefined, thrown);
}
