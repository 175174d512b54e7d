/** What `explain` says of a question, for MongoDB itself and for the stand-in, which answers with PostgreSQL's plan. */
import { BSON, type Document } from 'mongodb';

export interface Plan {
  /** The indexes that lead to documents, by name. */
  readonly indexes: readonly string[];
  /** Whether all of a collection is read, by itself or through an index without bounds. */
  readonly readsAll: boolean;
  /** Keys or documents that were looked at, whichever is more; undefined where the plan does not tell. */
  readonly examined?: number;
  /** Where the plan does not tell: filters for what lies within the bounds of each index. */
  readonly bounds: readonly Document[];
}

/** Reads either kind of plan. */
export function planOf(explained: Document): Plan {
  const { queryPlanner } = explained as { queryPlanner?: { Plan?: Document } };
  return queryPlanner?.Plan ? postgresPlan(queryPlanner.Plan) : mongodbPlan(explained);
}

/** A plan that MongoDB rejected, and what is told of each stage once more. */
const NOT_TAKEN = ['rejectedPlans', 'executionStages', 'allPlansExecution', 'command'];
/** Point reads and ranges of `_id`, which newer versions give stages of their own. */
const BY_ID = ['IDHACK', 'EXPRESS_IXSCAN', 'EXPRESS_CLUSTERED_IXSCAN', 'CLUSTERED_IXSCAN'];

/**
 * `find`: one `queryPlanner` with its `winningPlan`. `aggregate`: the same, or a list of stages, the first of which has
 * them. https://www.mongodb.com/docs/manual/reference/explain-results/
 */
function mongodbPlan(explained: Document): Plan {
  const nodes = [...objectsIn(explained)];
  const stages = nodes.filter(({ stage }) => typeof stage === 'string');
  const sum = (field: string) => nodes.reduce((total, node) => total + Number(node[field] ?? 0), 0);
  return {
    indexes: stages.flatMap(({ stage, indexName }) => {
      if (typeof indexName === 'string') return [indexName];
      return BY_ID.includes(stage as string) ? ['_id_'] : [];
    }),
    readsAll: stages.some(({ stage }) => stage === 'COLLSCAN') || sum('collectionScans') > 0,
    ...(nodes.some((node) => 'totalDocsExamined' in node) && {
      examined: Math.max(sum('totalKeysExamined'), sum('totalDocsExamined')),
    }),
    bounds: [],
  };
}

function* objectsIn(value: unknown): Generator<Document> {
  if (Array.isArray(value)) for (const item of value) yield* objectsIn(item);
  else if (typeof value === 'object' && value !== null) {
    yield value;
    for (const [name, inner] of Object.entries(value)) if (!NOT_TAKEN.includes(name)) yield* objectsIn(inner);
  }
}

/** The stand-in plans and never runs, whatever is asked of it: so what lies within the bounds has to be counted. */
function postgresPlan(plan: Document): Plan {
  const nodes = [...objectsIn(plan)].filter((node) => typeof node['Node Type'] === 'string');
  const scans = nodes.filter((node) => /^(Bitmap )?Index (Only )?Scan$/.test(String(node['Node Type'])));
  const found = scans.map((node) => ({
    index: String(node['Index Name']),
    bounds: boundsOf(String(node['Index Cond'] ?? '')),
  }));
  return {
    indexes: found.map(({ index }) => index),
    // Each collection has a table of its own, so that the key of the shard alone bounds nothing.
    readsAll: nodes.some((node) => node['Node Type'] === 'Seq Scan') || found.some(({ bounds }) => isEmpty(bounds)),
    bounds: found.map(({ bounds }) => bounds),
  };
}

const OPERATORS: Readonly<Record<string, string>> = {
  ...{ '=': '$eq', '<': '$lt', '<=': '$lte', '>': '$gt', '>=': '$gte' },
  ...{ '@=': '$eq', '@<': '$lt', '@<=': '$lte', '@>': '$gt', '@>=': '$gte', '@*=': '$in' },
  // Those within an $elemMatch, by number.
  ...{ '3': '$gte', '4': '$lt' },
};
const ELEMENT_MATCHES = '@<>';
const CONDITION =
  /(document|object_id) OPERATOR\(documentdb_\w+\.([^)]+)\) (?:'BSONHEX([0-9a-f]+)'|ANY \('\{([^}]*)\}')/gi;

/** What PostgreSQL adds to a comparison of `_id`, to stay within the values of one type: MongoDB does so by itself. */
const ENDS_OF_STRINGS = ['""', '{}'];

/** The conditions on an index as a filter: `(document OPERATOR(x.@>=) 'BSONHEX…'::x.bson)` is `{ field: { $gte } }`. */
function boundsOf(condition: string): Document {
  const parts = [...condition.matchAll(CONDITION)].flatMap(([, column, operator = '', single, list]) => {
    if (list !== undefined) return [{ _id: { $in: list.split(',').map((text) => valueIn(text.replace(/"/g, ''))) } }];
    const [field = '', value] = Object.entries(bsonOf(single ?? ''))[0] ?? [];
    if (column !== 'object_id') return [{ [field]: comparisonOf(operator, value) }];
    return ENDS_OF_STRINGS.includes(JSON.stringify(value)) ? [] : [{ _id: comparisonOf(operator, value) }];
  });
  return parts.length === 0 ? {} : { $and: parts };
}

function comparisonOf(operator: string, value: unknown): Document {
  if (operator !== ELEMENT_MATCHES) return { [operatorOf(operator)]: value };
  const { elemMatchIndexOp } = value as { elemMatchIndexOp: readonly { op: number; value: unknown }[] };
  const comparisons = elemMatchIndexOp.map(({ op, value: bound }) => [operatorOf(String(op)), bound] as const);
  return { $elemMatch: Object.fromEntries(comparisons) };
}

function operatorOf(text: string): string {
  const operator = OPERATORS[text];
  if (operator === undefined) throw new Error(`The stand-in has an operator ${text} that this test does not know.`);
  return operator;
}

function valueIn(hex: string): unknown {
  return Object.values(bsonOf(hex.replace(/^BSONHEX/, '')))[0];
}

function bsonOf(hex: string): Document {
  return BSON.deserialize(Buffer.from(hex, 'hex'));
}

function isEmpty(bounds: Document): boolean {
  return Object.keys(bounds).length === 0;
}
