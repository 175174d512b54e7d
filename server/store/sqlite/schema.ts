/** The number of this schema, kept in the file as `user_version`. */
export const SCHEMA_VERSION = 3;

/** Marks a file as ours (`application_id`): "FSlt". */
export const APPLICATION_ID = 0x46536c74;

const TIMED_VALUE = `
  CREATE TABLE timed_value(
    row INTEGER, param INTEGER, lo, hi, from_ms INTEGER, until_ms INTEGER, PRIMARY KEY(row, param, lo, hi, from_ms)
  ) WITHOUT ROWID;
`;

/** What is newest of a type, and what was before it. Ids follow where a millisecond wrote several. */
const BY_TIME = `
  CREATE INDEX resource_by_time ON resource(type, updated_ms);
  CREATE INDEX version_by_time ON version(type, updated_ms);
`;

/**
 * - `resource`: the current version of each document. `order_ms`, `order_text` are its natural order.
 * - `version`: older versions of what keeps a history, with the type again so that one index finds those of a type.
 *   A table with row numbers and not the texts in a key's tree:
 *   such trees are for short rows.
 * - `param`: a number for each search parameter of a type, such as `Slot.status`.
 * - `value`: the index values (`sqlValueOf`). Two trees: by content for the condition that leads to rows, by row for
 *   the conditions that check one. No column has a type, so that the code `007` stays a text.
 * - `timed_value`: the index values that hold for a time only, from `from_ms` until before `until_ms`. They lead to
 *   nothing, so one tree by row is enough.
 */
export const SCHEMA = `
  CREATE TABLE resource(
    row INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL, deleted INTEGER NOT NULL, order_ms INTEGER, order_text TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX resource_by_id ON resource(type, id);
  CREATE INDEX resource_in_order ON resource(type, order_ms, order_text, id) WHERE deleted = 0;
  CREATE TABLE version(
    row INTEGER NOT NULL, revision INTEGER NOT NULL, updated_ms INTEGER NOT NULL, deleted INTEGER NOT NULL,
    text TEXT NOT NULL, type TEXT NOT NULL DEFAULT '', UNIQUE(row, revision)
  ) STRICT;
  CREATE TABLE param(param INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE value(param INTEGER, lo, hi, row INTEGER, PRIMARY KEY(param, lo, hi, row)) WITHOUT ROWID;
  CREATE INDEX value_of_row ON value(row, param, lo, hi);
  ${TIMED_VALUE}
  ${BY_TIME}
  PRAGMA application_id = ${String(APPLICATION_ID)};
  PRAGMA user_version = ${String(SCHEMA_VERSION)};
`;

/** What brings a file from the schema with the number of the place to the next one. */
export const UPGRADES: readonly string[] = [
  '',
  `${TIMED_VALUE} PRAGMA user_version = 2;`,
  `ALTER TABLE version ADD COLUMN type TEXT NOT NULL DEFAULT '';
   UPDATE version SET type = (SELECT r.type FROM resource AS r WHERE r.row = version.row);
   ${BY_TIME} PRAGMA user_version = 3;`,
];
