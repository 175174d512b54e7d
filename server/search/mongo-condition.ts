import { foldText } from '../fhir/index.js';
import { assertNever } from './assert-never.js';
import { DATE_TESTS, finiteMs, numberTest, type Operator } from './comparisons.js';
import type { ChainLeaf, DateLeaf, Filter, HasLeaf, MissingLeaf, NumberLeaf, StringLeaf, TokenLeaf } from './filter.js';
import { gathered, isBuiltIn, isGroup, type Group } from './lead.js';
import { momentOf } from './moment.js';
import { and, FALSE, not, oneOf, or, TRUE, type MongoPart } from './mongo-parts.js';
import { mongoField, mongoKey } from './mongo-values.js';
import { afterAllThatStartWith } from './sql-values.js';

type Leaf = Exclude<Filter, { readonly kind: 'all' | 'any' | 'not' | 'missing' | 'chain' | 'has' }>;

const OPERATORS: Readonly<Record<Operator, string>> = { '<': '$lt', '<=': '$lte', '>': '$gt', '>=': '$gte' };

/**
 * Filters on documents of one type as conditions of `$match`; what looks at other documents becomes stages before it.
 */
export class MongoConditions {
  readonly #lookups: MongoPart[] = [];

  constructor(
    private readonly type: string,
    /** Where the other documents are. */
    private readonly collection: string,
  ) {}

  /** `$lookup` for each condition on other documents so far, each laying what it finds into a field of its own. */
  get lookups(): readonly MongoPart[] {
    return this.#lookups;
  }

  /** A filter as a condition on one document. */
  of(filter: Filter): MongoPart {
    switch (filter.kind) {
      case 'all':
        return and(filter.of.map((part) => this.of(part)));
      case 'any':
        return or(gathered(filter.of).map((part) => (isGroup(part) ? this.#group(part) : this.of(part))));
      case 'not':
        return not(this.of(filter.of));
      case 'missing':
        if (isBuiltIn(filter.param)) return filter.missing ? FALSE : TRUE;
        return missingTest(filter);
      case 'chain':
        return this.#chain(filter);
      case 'has':
        return this.#has(filter);
      case 'token':
      case 'reference':
      case 'date':
      case 'string':
      case 'number':
      case 'uri':
        return this.#leaf(filter);
      default:
        return assertNever(filter);
    }
  }

  #group(group: Group): MongoPart {
    if (group.param === '_id') return { _id: oneOf(group.values.map((id) => `${this.type}/${id}`)) };
    return isBuiltIn(group.param) ? FALSE : hasValue(group, { lo: oneOf(group.values) });
  }

  #leaf(leaf: Leaf): MongoPart {
    if (leaf.param === '_id') return leaf.kind === 'token' ? idTest(leaf, this.type) : FALSE;
    if (leaf.param === '_lastUpdated') return leaf.kind === 'date' ? updatedTest(leaf) : FALSE;
    if (leaf.kind === 'string' && leaf.match === 'contains') return containsTest(leaf);
    return hasValue(leaf, valueTest(leaf));
  }

  /** `$lookup` compares each of the references with `_id`; one target that meets the filter is enough. */
  #chain(chain: ChainLeaf): MongoPart {
    if (isBuiltIn(chain.param)) return FALSE;
    const fields = { localField: `${valuesPath(chain.param)}.lo`, foreignField: '_id' };
    return this.#lookup(fields, chain.targetType, chain.filter);
  }

  /** `$lookup` compares fields with fields, so the key under which a source lies is made one first. */
  #has(has: HasLeaf): MongoPart {
    const key = `k${String(this.#lookups.length)}`;
    this.#lookups.push({ $set: { [key]: { $concat: [mongoKey(has.sourceType, has.by, ''), '$_id'] } } });
    return this.#lookup({ localField: key, foreignField: 'keys' }, has.sourceType, has.filter);
  }

  #lookup(fields: MongoPart, type: string, filter: Filter): MongoPart {
    const other = new MongoConditions(type, this.collection);
    const condition = other.of(filter);
    if (condition === FALSE) return FALSE;
    const as = `c${String(this.#lookups.length)}`;
    const pipeline = [
      { $match: living(type) },
      ...other.lookups,
      ...(condition === TRUE ? [] : [{ $match: condition }]),
      { $limit: 1 },
      { $project: { _id: 1 } },
    ];
    this.#lookups.push({ $lookup: { from: this.collection, ...fields, pipeline, as } });
    return { [as]: { $ne: [] } };
  }
}

/** Undeleted documents of a type. What only an intent holds has neither field. */
export function living(type: string): MongoPart {
  return { type: { $eq: type }, deleted: false };
}

/** Where the values of a parameter lie in a document. */
export function valuesPath(param: string): string {
  return `values.${mongoField(param)}`;
}

/** One that always holds has neither bound; `$not` is met by that too. */
function hasValue(asked: { param: string; atMs?: number }, test: MongoPart): MongoPart {
  const atMs = momentOf(asked);
  const valid = atMs === undefined ? {} : { fromMs: { $not: { $gt: atMs } }, untilMs: { $not: { $lte: atMs } } };
  return { [valuesPath(asked.param)]: { $elemMatch: { ...test, ...valid } } };
}

function missingTest(leaf: MissingLeaf): MongoPart {
  if (momentOf(leaf) === undefined) return { [valuesPath(leaf.param)]: { $exists: !leaf.missing } };
  return leaf.missing ? not(hasValue(leaf, {})) : hasValue(leaf, {});
}

function idTest(leaf: TokenLeaf, type: string): MongoPart {
  if (leaf.system !== undefined && leaf.system !== '') return FALSE;
  return leaf.code === undefined ? TRUE : { _id: { $eq: `${type}/${leaf.code}` } };
}

/** A leaf as a condition on the fields `lo` and `hi` of one value; see `sqlValueOf`. */
function valueTest(leaf: Leaf): MongoPart {
  switch (leaf.kind) {
    case 'token':
      return {
        ...(leaf.code !== undefined && { lo: { $eq: leaf.code } }),
        ...(leaf.system !== undefined && { hi: { $eq: leaf.system } }),
      };
    case 'reference':
      return { lo: { $eq: leaf.target } };
    case 'date':
      return dateTest(leaf);
    case 'string':
      return leaf.match === 'exact'
        ? { lo: { $eq: foldText(leaf.text) }, hi: { $eq: leaf.text } }
        : { lo: startsWith(leaf.text) };
    case 'number':
      return { lo: numberRange(leaf) };
    case 'uri':
      return { lo: leaf.below ? startsWith(leaf.value) : { $eq: leaf.value } };
    default:
      return assertNever(leaf);
  }
}

/** A text begins with another, as a range: MongoDB compares texts by their bytes. */
export function startsWith(text: string): MongoPart {
  const after = afterAllThatStartWith(text);
  return { $gte: text, ...(after !== undefined && { $lt: after }) };
}

function dateTest(leaf: DateLeaf): MongoPart {
  const { holds, terms } = DATE_TESTS[leaf.prefix];
  const tests = terms.map(({ target, operator, asked }) => ({
    [target === 'startMs' ? 'lo' : 'hi']: { [OPERATORS[operator]]: finiteMs(leaf.range[asked]) },
  }));
  return holds === 'every' ? (Object.assign({}, ...tests) as MongoPart) : or(tests);
}

/** `_lastUpdated` is one millisecond long, so a bound on its end is one on its start, a millisecond earlier. */
function updatedTest(leaf: DateLeaf): MongoPart {
  const { holds, terms } = DATE_TESTS[leaf.prefix];
  const tests = terms.map(({ target, operator, asked }) => {
    const bound = finiteMs(leaf.range[asked]);
    return { updatedMs: { [OPERATORS[operator]]: target === 'startMs' ? bound : bound - 1 } };
  });
  return holds === 'every' ? and(tests) : or(tests);
}

function numberRange(leaf: NumberLeaf): MongoPart {
  const { operator, least, greatest } = numberTest(leaf.prefix, leaf.value);
  switch (operator) {
    case '=':
      return { $eq: least };
    case '<>':
      return { $ne: least };
    case 'between':
      return { $gte: least, $lte: greatest };
    default:
      return { [OPERATORS[operator]]: least };
  }
}

/** By position and not by a regular expression, which has a language of its own and a greatest length. */
function containsTest(leaf: StringLeaf): MongoPart {
  const found = { $gte: [{ $indexOfBytes: ['$$text', { $literal: leaf.text }] }, 0] };
  const texts = { $ifNull: [`$${valuesPath(leaf.param)}.lo`, []] };
  return { $expr: { $anyElementTrue: [{ $map: { input: texts, as: 'text', in: found } }] } };
}
