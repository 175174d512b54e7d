/**
 * Each case states the filter, the SQL with its parameters, and the ids that SQLite finds with it; then which index
 * leads to the rows, as EXPLAIN QUERY PLAN tells it.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IndexValues } from '../../server/fhir/index.js';
import { countSql, naturalOrderOf, toSql, type Filter, type Position, type Query } from '../../server/search/index.js';
import { openConnection, type Connection } from '../../server/store/sqlite/connection.js';
import { Writer } from '../../server/store/sqlite/writer.js';
import { all, any, at, inSchedule, NOW, SECOND_MS, second, start, status, referredBy } from './filters.js';

const slot = (schedule: string, minute: number, status: string): IndexValues => ({
  schedule: [{ kind: 'reference', target: `Schedule/${schedule}` }],
  start: [{ kind: 'date', ...second(at(minute)) }],
  status: [{ kind: 'token', code: status }],
});

/** The Slots A to C and H, the Schedules and the Practitioner of the fixture in docs/scheduling-cases.md. */
const DOCUMENTS: readonly (readonly [type: string, id: string, index: IndexValues])[] = [
  ['Slot', 'A', slot('s1', 0, 'free')],
  ['Slot', 'B', slot('s1', 30, 'free')],
  ['Slot', 'C', slot('s1', 60, 'busy')],
  ['Slot', 'H', slot('s2', 0, 'free')],
  ['Schedule', 's1', { actor: [{ kind: 'reference', target: 'Practitioner/p1' }] }],
  ['Schedule', 's2', { actor: [{ kind: 'reference', target: 'Practitioner/p2' }] }],
  [
    'Practitioner',
    'p1',
    {
      identifier: [{ kind: 'token', system: 'http://npi', code: '111' }],
      name: [{ kind: 'string', text: 'Ann_Émile' }],
    },
  ],
  ['Practitioner', 'p2', { name: [{ kind: 'string', text: 'Annie' }] }],
];

let connection: Connection;
beforeAll(() => {
  connection = openConnection(':memory:');
  const writes = DOCUMENTS.map(([type, id, index]) => ({
    ...{ kind: 'put' as const, type, id, expectedRevision: 0, updatedMs: 0, deleted: false, text: '{}', index },
    ...{ order: naturalOrderOf(type, index), keepHistory: true },
  }));
  new Writer(connection).apply(writes);
});
afterAll(() => connection.close());

/** Without the columns, which are the same for all. */
const COLUMNS = 'SELECT r0.id, r0.revision, r0.updated_ms, r0.text, r0.order_ms AS k0, r0.order_text AS k1 FROM ';
const PARAM = '(SELECT param FROM param WHERE name = ?)';
const HAS = `EXISTS (SELECT 1 FROM value AS v INDEXED BY value_of_row WHERE v.row = r0.row AND v.param = ${PARAM} AND`;
/** The same of a status: one that always holds, or one that holds at the moment. */
const hasStatus = (test: string) =>
  `(${HAS} ${test}) OR EXISTS (SELECT 1 FROM timed_value AS v WHERE v.row = r0.row AND v.param = ${PARAM} AND ` +
  `${test} AND v.from_ms <= ? AND v.until_ms > ?))`;
const SCAN_SLOTS = 'resource AS r0 INDEXED BY resource_in_order WHERE r0.type = ? AND r0.deleted = 0 AND ';
const SLOTS_END = ' ORDER BY r0.order_ms, r0.order_text, r0.id LIMIT ?';
const SCAN_OTHERS = 'resource AS r0 INDEXED BY resource_by_id WHERE r0.type = ? AND r0.deleted = 0 AND ';
const JOINED = 'CROSS JOIN resource AS r0 ON r0.row = d.row WHERE';
const ONE_REFERENCE = `value AS d ${JOINED} d.param = ${PARAM} AND d.lo = ? AND `;
const LO_LISTED = 'v.lo IN (SELECT value FROM json_each(?))';

interface Case {
  readonly what: string;
  readonly type: string;
  readonly filter: Filter;
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
  readonly ids: string;
}

const CASES: readonly Case[] = [
  {
    what: 'schedule=s1&start=ge13:30&start=lt14:00',
    type: 'Slot',
    filter: all(inSchedule('s1'), start('ge', 30), start('lt', 60)),
    sql:
      `${ONE_REFERENCE}d.hi >= ? AND d.hi < ? AND r0.deleted = 0 AND ${HAS} v.hi > ?) ` +
      'ORDER BY d.hi, r0.order_text, r0.id LIMIT ?',
    parameters: ['Slot.schedule', 'Schedule/s1', at(30) - SECOND_MS, at(60), 'Slot.start', at(30), 9],
    ids: 'B',
  },
  {
    what: 'schedule=s1,s2&status=free,busy-tentative',
    type: 'Slot',
    filter: all(any(inSchedule('s1'), inSchedule('s2')), any(status('free'), status('busy-tentative'))),
    sql:
      `(SELECT DISTINCT v.row FROM value AS v WHERE v.param = ${PARAM} AND ${LO_LISTED}) AS d ` +
      `${JOINED} r0.deleted = 0 AND ${hasStatus(LO_LISTED)}` +
      SLOTS_END,
    parameters: [
      ...['Slot.schedule', '["Schedule/s1","Schedule/s2"]', 'Slot.status', '["free","busy-tentative"]'],
      ...['Slot.status', '["free","busy-tentative"]', NOW.atMs, NOW.atMs, 9],
    ],
    ids: 'A H B',
  },
  {
    what: 'each Schedule in a window of its own: a union of rows, within the window around both',
    type: 'Slot',
    filter: any(all(inSchedule('s1'), start('ge', 30), start('lt', 60)), all(inSchedule('s2'), start('lt', 30))),
    sql:
      `(SELECT DISTINCT v.row FROM value AS v WHERE v.param = ${PARAM} AND v.lo = ? UNION ` +
      `SELECT DISTINCT v.row FROM value AS v WHERE v.param = ${PARAM} AND v.lo = ?) AS d ` +
      `${JOINED} r0.deleted = 0 AND ((${HAS} v.lo = ?) AND ${HAS} v.hi > ?) AND ${HAS} v.lo < ?)) OR ` +
      `(${HAS} v.lo = ?) AND ${HAS} v.lo < ?)))${SLOTS_END}`,
    parameters: [
      ...['Slot.schedule', 'Schedule/s1', 'Slot.schedule', 'Schedule/s2'],
      ...['Slot.schedule', 'Schedule/s1', 'Slot.start', at(30), 'Slot.start', at(60)],
      ...['Slot.schedule', 'Schedule/s2', 'Slot.start', at(30), 9],
    ],
    ids: 'H B',
  },
  {
    what: 'status:not=free',
    type: 'Slot',
    filter: { kind: 'not', of: status('free') },
    sql: `${SCAN_SLOTS}NOT ${hasStatus('v.lo = ?')}${SLOTS_END}`,
    parameters: ['Slot', 'Slot.status', 'free', 'Slot.status', 'free', NOW.atMs, NOW.atMs, 9],
    ids: 'C',
  },
  {
    what: 'status=|free: a code without a system',
    type: 'Slot',
    filter: { kind: 'token', param: 'status', code: 'free', system: '', ...NOW },
    sql: `${SCAN_SLOTS}${hasStatus('(v.lo = ? AND v.hi = ?)')}${SLOTS_END}`,
    parameters: ['Slot', 'Slot.status', 'free', '', 'Slot.status', 'free', '', NOW.atMs, NOW.atMs, 9],
    ids: 'A H B',
  },
  {
    what: 'start=ne13:00',
    type: 'Slot',
    filter: start('ne', 0),
    sql: `${SCAN_SLOTS}${HAS} (v.lo < ? OR v.hi > ?))${SLOTS_END}`,
    parameters: ['Slot', 'Slot.start', at(0), at(0) + SECOND_MS, 9],
    ids: 'B C',
  },
  {
    what: 'status:missing=true',
    type: 'Slot',
    filter: { kind: 'missing', param: 'status', missing: true, ...NOW },
    sql: `${SCAN_SLOTS}NOT ${hasStatus('1 = 1')}${SLOTS_END}`,
    parameters: ['Slot', 'Slot.status', 'Slot.status', NOW.atMs, NOW.atMs, 9],
    ids: '',
  },
  {
    what: 'name=ann_: no character is a wildcard',
    type: 'Practitioner',
    filter: { kind: 'string', param: 'name', text: 'ann_', match: 'starts' },
    sql:
      `(SELECT DISTINCT v.row FROM value AS v WHERE v.param = ${PARAM} AND v.lo >= ? AND v.lo < ?) AS d ` +
      'CROSS JOIN resource AS r0 ON r0.row = d.row WHERE r0.deleted = 0 ORDER BY r0.id LIMIT ?',
    parameters: ['Practitioner.name', 'ann_', 'ann`', 9],
    ids: 'p1',
  },
  {
    what: 'name:contains=emil',
    type: 'Practitioner',
    filter: { kind: 'string', param: 'name', text: 'emil', match: 'contains' },
    sql: `${SCAN_OTHERS}${HAS} instr(v.lo, ?) > 0) ORDER BY r0.id LIMIT ?`,
    parameters: ['Practitioner', 'Practitioner.name', 'emil', 9],
    ids: 'p1',
  },
  {
    what: '_id=A&_lastUpdated=le1970-01-01T00:00:00Z',
    type: 'Slot',
    filter: all(
      { kind: 'date', param: '_lastUpdated', prefix: 'le', range: second(0) },
      { kind: 'token', param: '_id', code: 'A' },
    ),
    sql:
      '(SELECT row FROM resource INDEXED BY resource_by_id WHERE type = ? AND id = ?) AS d ' +
      `CROSS JOIN resource AS r0 ON r0.row = d.row WHERE r0.deleted = 0 AND r0.updated_ms < ?${SLOTS_END}`,
    parameters: ['Slot', 'A', SECOND_MS, 9],
    ids: 'A',
  },
  {
    what: 'schedule:Schedule.actor:Practitioner.identifier=http://npi|111: from the inside out',
    type: 'Slot',
    filter: {
      ...{ kind: 'chain', param: 'schedule', targetType: 'Schedule' },
      filter: {
        ...{ kind: 'chain', param: 'actor', targetType: 'Practitioner' },
        filter: { kind: 'token', param: 'identifier', system: 'http://npi', code: '111' },
      },
    },
    sql:
      `(SELECT DISTINCT v.row FROM value AS v WHERE v.param = ${PARAM} AND v.lo IN (SELECT ? || r1.id FROM ` +
      `(SELECT DISTINCT v.row FROM value AS v WHERE v.param = ${PARAM} AND v.lo IN (SELECT ? || r2.id FROM ` +
      `(SELECT DISTINCT v.row FROM value AS v WHERE v.param = ${PARAM} AND (v.lo = ? AND v.hi = ?)) AS d ` +
      'CROSS JOIN resource AS r2 ON r2.row = d.row WHERE r2.deleted = 0)) AS d ' +
      'CROSS JOIN resource AS r1 ON r1.row = d.row WHERE r1.deleted = 0)) AS d ' +
      `CROSS JOIN resource AS r0 ON r0.row = d.row WHERE r0.deleted = 0${SLOTS_END}`,
    parameters: [
      ...['Slot.schedule', 'Schedule/', 'Schedule.actor', 'Practitioner/'],
      ...['Practitioner.identifier', '111', 'http://npi', 9],
    ],
    ids: 'A B C',
  },
  {
    what: '_has:Slot:schedule:_id=A: the source first, then what it refers to',
    type: 'Schedule',
    filter: referredBy('Slot', 'schedule', 'Schedule', { kind: 'token', param: '_id', code: 'A' }),
    sql:
      '(SELECT row FROM resource INDEXED BY resource_by_id WHERE type = ? AND id IN (SELECT substr(v1.lo, ?) FROM ' +
      '(SELECT row FROM resource INDEXED BY resource_by_id WHERE type = ? AND id = ?) AS d ' +
      'CROSS JOIN resource AS r1 ON r1.row = d.row CROSS JOIN value AS v1 INDEXED BY value_of_row ON v1.row = r1.row ' +
      `WHERE v1.param = ${PARAM} AND v1.lo >= ? AND v1.lo < ? AND r1.deleted = 0)) AS d ` +
      'CROSS JOIN resource AS r0 ON r0.row = d.row WHERE r0.deleted = 0 ORDER BY r0.id LIMIT ?',
    parameters: ['Schedule', 10, 'Slot', 'A', 'Slot.schedule', 'Schedule/', 'Schedule0', 9],
    ids: 's1',
  },
  {
    what: '_has:Slot:schedule:status=busy: each is asked which sources refer to it',
    type: 'Schedule',
    filter: referredBy('Slot', 'schedule', 'Schedule', status('busy')),
    sql:
      `${SCAN_OTHERS}EXISTS (SELECT 1 FROM value AS v1 CROSS JOIN resource AS r1 ON r1.row = v1.row WHERE ` +
      `v1.param = ${PARAM} AND v1.lo = ? || r0.id AND ` +
      `${hasStatus('v.lo = ?').replace(/r0/g, 'r1')}) ORDER BY r0.id LIMIT ?`,
    parameters: [
      ...['Schedule', 'Slot.schedule', 'Schedule/', 'Slot.status', 'busy', 'Slot.status', 'busy'],
      ...[NOW.atMs, NOW.atMs, 9],
    ],
    ids: 's1',
  },
];

const LIMIT = 9;

test.each(CASES)('$what', ({ type, filter, sql, parameters, ids }) => {
  const made = toSql({ type, filter, sort: [], limit: LIMIT });
  expect(made.sql.replace(COLUMNS, '')).toBe(sql);
  expect(made.parameters).toEqual(parameters);
  const rows = connection.prepare(made.sql).all(...made.parameters) as { id: string }[];
  expect(rows.map(({ id }) => id).join(' ')).toBe(ids);
  const counting = countSql(type, filter);
  expect(connection.prepare(counting.sql).get(...counting.parameters)).toEqual({ total: rows.length });
});

test('a list of a thousand is no deeper than SQLite allows', () => {
  const thousand = Array.from({ length: 1_000 }, (_, minute) => all(inSchedule('s1'), start('ge', minute)));
  const { sql, parameters } = countSql('Slot', any(...thousand));
  expect(connection.prepare(sql).get(...parameters)).toEqual({ total: 3 });
});

describe('which index leads', () => {
  /** The lines of the plan that say how the tables of the outermost SELECT are read, and what is sorted. */
  function planOf(filter: Filter, more: Partial<Query> = {}): string[] {
    const { sql, parameters } = toSql({ type: 'Slot', filter, sort: [], limit: 50, ...more });
    const lines = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[];
    return lines.map(({ detail }) => detail).filter((line) => /\b[dr]0?\b|TEMP B-TREE/.test(line));
  }

  const BY_ROW = 'SEARCH r0 USING INTEGER PRIMARY KEY (rowid=?)';
  const LAST_TERMS = 'USE TEMP B-TREE FOR LAST 2 TERMS OF ORDER BY';
  const page: Position = { keys: [at(0), 'Schedule/s1'], id: 'A' };

  test.each<[string, Filter, Partial<Query>, string[]]>([
    [
      'a Schedule and a time: one range, in order',
      all(inSchedule('s1'), start('ge', 0), start('lt', 60)),
      {},
      ['SEARCH d USING PRIMARY KEY (param=? AND lo=? AND hi>? AND hi<?)', BY_ROW, LAST_TERMS],
    ],
    [
      'its next page begins where the last ended',
      inSchedule('s1'),
      { after: page },
      ['SEARCH d USING PRIMARY KEY (param=? AND lo=? AND hi>?)', BY_ROW, LAST_TERMS],
    ],
    ['all Slots: they stream', all(), {}, ['SEARCH r0 USING INDEX resource_in_order (type=?)']],
    [
      'the next page of all Slots',
      all(),
      { after: page },
      ['SEARCH r0 USING INDEX resource_in_order (type=? AND (order_ms,order_text,id)>(?,?,?))'],
    ],
    [
      'a time alone: a range of the order',
      all(status('free'), start('ge', 0), start('lt', 60)),
      {},
      ['SEARCH r0 USING INDEX resource_in_order (type=? AND order_ms>? AND order_ms<?)'],
    ],
    [
      'the newest first: the same index from its end',
      all(),
      { sort: [{ param: 'start', descending: true }] },
      ['SEARCH r0 USING INDEX resource_in_order (type=?)', 'USE TEMP B-TREE FOR LAST TERM OF ORDER BY'],
    ],
    ['Schedules are ordered by id', all(), { type: 'Schedule' }, ['SEARCH r0 USING INDEX resource_by_id (type=?)']],
  ])('%s', (_what, filter, more, plan) => {
    expect(planOf(filter, more)).toEqual(plan);
  });

  test('each check of a row is one seek by row and parameter', () => {
    const { sql, parameters } = toSql({ type: 'Slot', filter: status('free'), sort: [], limit: 50 });
    const lines = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[];
    expect(lines.map(({ detail }) => detail)).toContainEqual(
      expect.stringMatching(/^SEARCH v .*USING COVERING INDEX value_of_row \(row=\? AND param=\? AND lo=\?\)$/),
    );
    expect(lines.map(({ detail }) => detail)).toContainEqual(
      expect.stringMatching(/^SEARCH v .*USING PRIMARY KEY \(row=\? AND param=\? AND lo=\?\)$/),
    );
  });
});
