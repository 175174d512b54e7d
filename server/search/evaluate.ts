import type { Interval } from '../base/interval.js';
import { foldText, type IndexValue, type IndexValues } from '../fhir/index.js';
import { assertNever } from './assert-never.js';
import { DATE_TESTS, numberTest, type NumberTest, type Operator } from './comparisons.js';
import type { ChainLeaf, Filter, HasLeaf, Prefix, StringLeaf, TokenLeaf, UriLeaf } from './filter.js';
import { isValidAt, momentOf } from './moment.js';

/** What a filter can be judged on, stored or computed. */
export interface Searchable {
  readonly id: string;
  readonly updatedMs: number;
  readonly index: IndexValues;
}

/**
 * What conditions on other resources come to. Of a chain: whether an undeleted resource of its type stands under the
 * reference and meets its filter. Of a `has`: whether an undeleted resource of its source type meets its filter and
 * refers to this reference.
 */
export type ChainResolver = (leaf: ChainLeaf | HasLeaf, reference: string) => boolean;

/**
 * Whether a resource meets a filter. The rules of https://hl7.org/fhir/R4/search.html in memory: the oracle that
 * the compilers are held against. A leaf is met when any value of its parameter meets it, so a resource without a
 * value meets no leaf, and each `not` of one.
 */
export function evaluate(filter: Filter, subject: Searchable, resolve: ChainResolver): boolean {
  switch (filter.kind) {
    case 'all':
      return filter.of.every((part) => evaluate(part, subject, resolve));
    case 'any':
      return filter.of.some((part) => evaluate(part, subject, resolve));
    case 'not':
      return !evaluate(filter.of, subject, resolve);
    case 'missing':
      return (valuesAt(subject, filter).length === 0) === filter.missing;
    case 'token':
      return valuesAt(subject, filter).some((value) => value.kind === 'token' && meetsToken(filter, value));
    case 'reference':
      return valuesOf(subject, filter.param).some(
        (value) => value.kind === 'reference' && value.target === filter.target,
      );
    case 'date':
      return valuesAt(subject, filter).some(
        (value) => value.kind === 'date' && meetsDate(filter.prefix, filter.range, value),
      );
    case 'string':
      return valuesOf(subject, filter.param).some(
        (value) => value.kind === 'string' && meetsString(filter, value.text),
      );
    case 'number':
      return valuesOf(subject, filter.param).some(
        (value) => value.kind === 'number' && meetsNumber(numberTest(filter.prefix, filter.value), value.value),
      );
    case 'uri':
      return valuesOf(subject, filter.param).some((value) => value.kind === 'uri' && meetsUri(filter, value.value));
    case 'chain':
      return valuesOf(subject, filter.param).some(
        (value) =>
          value.kind === 'reference' &&
          value.target.startsWith(`${filter.targetType}/`) &&
          resolve(filter, value.target),
      );
    case 'has':
      return resolve(filter, `${filter.targetType}/${subject.id}`);
    default:
      return assertNever(filter);
  }
}

/** The values of a parameter; `_id` and `_lastUpdated` (a millisecond long) are had by every resource. */
function valuesOf(subject: Searchable, param: string): readonly IndexValue[] {
  if (param === '_id') return [{ kind: 'token', code: subject.id }];
  if (param === '_lastUpdated') return [{ kind: 'date', startMs: subject.updatedMs, endMs: subject.updatedMs + 1 }];
  return Object.hasOwn(subject.index, param) ? (subject.index[param] ?? []) : [];
}

/** The values of a parameter that hold at the moment that is asked for. @throws {Fault} `bug`: see `momentOf` */
export function valuesAt(subject: Searchable, asked: { param: string; atMs?: number }): readonly IndexValue[] {
  const values = valuesOf(subject, asked.param);
  const atMs = momentOf(asked);
  return atMs === undefined ? values : values.filter((value) => isValidAt(value, atMs));
}

/** An absent system or code is the same as an empty one: FHIR has no empty strings. */
function meetsToken(leaf: TokenLeaf, value: { readonly system?: string; readonly code?: string }): boolean {
  return (
    (leaf.system === undefined || leaf.system === (value.system ?? '')) &&
    (leaf.code === undefined || leaf.code === (value.code ?? ''))
  );
}

/** Whether a range of time meets a prefix and the range that was asked for. */
function meetsDate(prefix: Prefix, asked: Interval, target: Interval): boolean {
  const { holds, terms } = DATE_TESTS[prefix];
  return terms[holds]((term) => compares(target[term.target], term.operator, asked[term.asked]));
}

function meetsNumber(test: NumberTest, value: number): boolean {
  switch (test.operator) {
    case '=':
      return value === test.least;
    case '<>':
      return value !== test.least;
    case 'between':
      return test.least <= value && value <= test.greatest;
    default:
      return compares(value, test.operator, test.least);
  }
}

function compares(left: number, operator: Operator, right: number): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      return assertNever(operator);
  }
}

function meetsUri(leaf: UriLeaf, uri: string): boolean {
  return leaf.below ? uri.startsWith(leaf.value) : uri === leaf.value;
}

function meetsString(leaf: StringLeaf, text: string): boolean {
  switch (leaf.match) {
    case 'exact':
      return text === leaf.text;
    case 'starts':
      return foldText(text).startsWith(leaf.text);
    case 'contains':
      return foldText(text).includes(leaf.text);
    default:
      return assertNever(leaf.match);
  }
}
