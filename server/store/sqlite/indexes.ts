import type { StoreIndex } from '../index.js';
import { openConnection, type Connection } from './connection.js';
import { guarded } from './failures.js';

type Index = Omit<StoreIndex, 'state'>;

/**
 * The indexes that the schema has, each with whether the file has it, and those that somebody added.
 *
 * @throws {Fault} `unavailable` for a file that cannot be used, is not ours, or was made by a newer version
 */
export function indexesOfFile(path: string): readonly StoreIndex[] {
  const planned = readIndexes(':memory:');
  const there = readIndexes(path);
  const nameOf = ({ collection, name, key }: Index) => JSON.stringify([collection, name, key]);
  const [plannedNames, thereNames] = [planned, there].map((some) => new Set(some.map(nameOf)));
  return [
    ...planned.map((index) => ({ ...index, state: thereNames?.has(nameOf(index)) ? 'there' : 'missing' }) as const),
    ...there.filter((index) => !plannedNames?.has(nameOf(index))).map(unknown),
  ];
}

function unknown(index: Index): StoreIndex {
  return { ...index, state: 'unknown to us' };
}

function readIndexes(path: string): readonly Index[] {
  const connection = openConnection(path);
  try {
    return guarded(path, () => indexesIn(connection));
  } finally {
    connection.close();
  }
}

/** Those that SQLite made for a UNIQUE or PRIMARY KEY have no text. */
const INDEXES = `SELECT i.tbl_name AS collection, i.name, i.sql,
    (SELECT group_concat(c.name, ', ') FROM pragma_index_info(i.name) AS c) AS columns
  FROM sqlite_schema AS i WHERE i.type = 'index' ORDER BY i.tbl_name, i.name`;

function indexesIn(connection: Connection): readonly Index[] {
  const rows = connection.prepare(INDEXES).all() as {
    readonly collection: string;
    readonly name: string;
    readonly sql: string | null;
    readonly columns: string;
  }[];
  return rows.map(({ collection, name, sql, columns }) => {
    const [where = ''] = /\sWHERE\s.*$/is.exec(sql ?? '') ?? [];
    return { collection, name, key: `${columns}${where}` };
  });
}
