import { foldText } from '../fhir/index.js';
import { assertNever } from './assert-never.js';
import { DATE_TESTS, finiteMs, numberTest } from './comparisons.js';
import type { ChainLeaf, DateLeaf, Filter, HasLeaf, MissingLeaf, NumberLeaf, StringLeaf, TokenLeaf } from './filter.js';
import { gathered, isBuiltIn, isGroup, type Group } from './lead.js';
import { momentOf } from './moment.js';
import { and, FALSE, or, raw, sql, TRUE, type Sql } from './sql-parts.js';
import { paramNumber, startsWith } from './sql-values.js';

/** The row of the table `resource` that a condition speaks of. */
export interface RowOf {
  readonly type: string;
  /** `r0` for what is searched, `r1` for what a chain in it leads to, and so on. */
  readonly depth: number;
}

type Leaf = Exclude<Filter, { readonly kind: 'all' | 'any' | 'not' | 'missing' | 'chain' | 'has' }>;

/** The name by which SQL speaks of a row: `r0`. */
export function alias(row: RowOf): Sql {
  return raw(`r${String(row.depth)}`);
}

/** A filter as a condition on one row. Never NULL, so that NOT means not. */
export function conditionOf(filter: Filter, row: RowOf): Sql {
  switch (filter.kind) {
    case 'all':
      return and(filter.of.map((part) => conditionOf(part, row)));
    case 'any':
      return or(
        gathered(filter.of).map((part) => (isGroup(part) ? groupCondition(part, row) : conditionOf(part, row))),
      );
    case 'not':
      return sql`NOT ${conditionOf(filter.of, row)}`;
    case 'missing':
      return missingCondition(filter, row);
    case 'chain':
      return chainCondition(filter, row);
    case 'has':
      return hasCondition(filter, row);
    case 'token':
    case 'reference':
    case 'date':
    case 'string':
    case 'number':
    case 'uri':
      return leafCondition(filter, row);
    default:
      return assertNever(filter);
  }
}

/** Texts as rows: one parameter however many they are, so that one prepared statement serves them all. */
export function oneOf(column: Sql, values: readonly string[]): Sql {
  const [first] = values;
  if (values.length === 1 && first !== undefined) return sql`${column} = ${first}`;
  return sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`;
}

function groupCondition(group: Group, row: RowOf): Sql {
  if (group.param === '_id') return oneOf(sql`${alias(row)}.id`, group.values);
  if (isBuiltIn(group.param)) return FALSE;
  return hasValue(row, group, oneOf(raw('v.lo'), group.values));
}

/** One that always holds, or one that holds at the moment. */
function hasValue(row: RowOf, asked: { param: string; atMs?: number }, test: Sql): Sql {
  const isOfRow = sql`v.row = ${alias(row)}.row AND v.param = ${paramNumber(row.type, asked.param)}`;
  const always = sql`EXISTS (SELECT 1 FROM value AS v INDEXED BY value_of_row WHERE ${isOfRow} AND ${test})`;
  const atMs = momentOf(asked);
  if (atMs === undefined) return always;
  return or([always, sql`EXISTS (SELECT 1 FROM timed_value AS v WHERE ${isOfRow} AND ${test} AND ${validAt(atMs)})`]);
}

/** Whether a row of `timed_value`, named `v`, holds at a moment. */
export function validAt(atMs: number): Sql {
  return sql`v.from_ms <= ${atMs} AND v.until_ms > ${atMs}`;
}

function missingCondition(leaf: MissingLeaf, row: RowOf): Sql {
  if (isBuiltIn(leaf.param)) return leaf.missing ? FALSE : TRUE;
  return leaf.missing ? sql`NOT ${hasValue(row, leaf, TRUE)}` : hasValue(row, leaf, TRUE);
}

function leafCondition(leaf: Leaf, row: RowOf): Sql {
  if (leaf.param === '_id') return leaf.kind === 'token' ? idTest(leaf, sql`${alias(row)}.id`) : FALSE;
  if (leaf.param === '_lastUpdated') {
    const updated = sql`${alias(row)}.updated_ms`;
    return leaf.kind === 'date' ? dateTest(leaf, updated, sql`${updated} + 1`) : FALSE;
  }
  return hasValue(row, leaf, valueTest(leaf));
}

/** A leaf as a test of the columns `lo` and `hi` of `v`; see `sqlValueOf`. */
export function valueTest(leaf: Leaf): Sql {
  switch (leaf.kind) {
    case 'token':
      return and([
        ...(leaf.code === undefined ? [] : [sql`v.lo = ${leaf.code}`]),
        ...(leaf.system === undefined ? [] : [sql`v.hi = ${leaf.system}`]),
      ]);
    case 'reference':
      return sql`v.lo = ${leaf.target}`;
    case 'date':
      return dateTest(leaf, raw('v.lo'), raw('v.hi'));
    case 'string':
      return stringTest(leaf);
    case 'number':
      return numberCondition(leaf);
    case 'uri':
      return leaf.below ? startsWith(raw('v.lo'), leaf.value) : sql`v.lo = ${leaf.value}`;
    default:
      return assertNever(leaf);
  }
}

function idTest(leaf: TokenLeaf, id: Sql): Sql {
  if (leaf.system !== undefined && leaf.system !== '') return FALSE;
  return leaf.code === undefined ? TRUE : sql`${id} = ${leaf.code}`;
}

function dateTest(leaf: DateLeaf, start: Sql, end: Sql): Sql {
  const { holds, terms } = DATE_TESTS[leaf.prefix];
  const tests = terms.map(({ target, operator, asked }) => {
    const column = target === 'startMs' ? start : end;
    return sql`${column} ${raw(operator)} ${finiteMs(leaf.range[asked])}`;
  });
  return holds === 'every' ? and(tests) : or(tests);
}

function stringTest(leaf: StringLeaf): Sql {
  switch (leaf.match) {
    case 'exact':
      return sql`v.lo = ${foldText(leaf.text)} AND v.hi = ${leaf.text}`;
    case 'starts':
      return startsWith(raw('v.lo'), leaf.text);
    case 'contains':
      return sql`instr(v.lo, ${leaf.text}) > 0`;
    default:
      return assertNever(leaf.match);
  }
}

function numberCondition(leaf: NumberLeaf): Sql {
  const { operator, least, greatest } = numberTest(leaf.prefix, leaf.value);
  if (operator === 'between') return sql`v.lo BETWEEN ${least} AND ${greatest}`;
  return sql`v.lo ${raw(operator)} ${least}`;
}

function chainCondition(chain: ChainLeaf, row: RowOf): Sql {
  if (isBuiltIn(chain.param)) return FALSE;
  const target: RowOf = { type: chain.targetType, depth: row.depth + 1 };
  const prefix = `${chain.targetType}/`;
  // A `v` of its own depth, since the condition on the target looks for values in turn.
  const v = raw(`v${String(target.depth)}`);
  const r = alias(target);
  return sql`EXISTS (SELECT 1 FROM value AS ${v} INDEXED BY value_of_row
    CROSS JOIN resource AS ${r} INDEXED BY resource_by_id
      ON ${r}.type = ${chain.targetType} AND ${r}.id = substr(${v}.lo, ${prefix.length + 1})
    WHERE ${v}.row = ${alias(row)}.row AND ${v}.param = ${paramNumber(row.type, chain.param)}
      AND ${startsWith(sql`${v}.lo`, prefix)} AND ${r}.deleted = 0 AND ${conditionOf(chain.filter, target)})`;
}

/** What was deleted has no values, so none is found here by what it referred to. */
function hasCondition(has: HasLeaf, row: RowOf): Sql {
  const source: RowOf = { type: has.sourceType, depth: row.depth + 1 };
  const v = raw(`v${String(source.depth)}`);
  const r = alias(source);
  return sql`EXISTS (SELECT 1 FROM value AS ${v} CROSS JOIN resource AS ${r} ON ${r}.row = ${v}.row
    WHERE ${v}.param = ${paramNumber(has.sourceType, has.by)} AND ${v}.lo = ${`${has.targetType}/`} || ${alias(row)}.id
      AND ${conditionOf(has.filter, source)})`;
}
