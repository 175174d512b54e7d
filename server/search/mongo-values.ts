import type { IndexValue, IndexValues, ValidTime } from '../fhir/index.js';
import { foldText } from '../fhir/index.js';
import { isLeadingToken } from './lead.js';
import { validTimeOf } from './moment.js';
import type { NaturalOrder } from './query.js';
import { sqlValueOf, type SqlValue } from './sql-values.js';

/** An index value: `lo` and `hi` as in SQL, and from when until when it holds; without a bound it always does. */
type MongoValue = SqlValue & ValidTime;

/** What searches see of a document in MongoDB: fields of the document itself. */
export interface MongoIndex {
  /** Natural order; null sorts before every time. */
  readonly timeMs: number | null;
  readonly orderText: string;
  /** By search parameter (`mongoField`), the values of each as `lo` and `hi`; no parameter without a value. */
  readonly values: Readonly<Record<string, readonly MongoValue[]>>;
  /** Texts such as `Slot.schedule=Schedule/1` that lead to documents, under one index. */
  readonly keys: readonly string[];
}

/** The fields of a document by which searches find it. A deleted one has none of them. */
export function mongoIndexOf(type: string, index: IndexValues, order: NaturalOrder): MongoIndex {
  const entries = Object.entries(index).filter(([, values]) => values.length > 0);
  const keys = entries.flatMap(([param, values]) =>
    values.flatMap((value) => {
      const text = leadingText(param, value);
      return text === undefined ? [] : [mongoKey(type, param, text)];
    }),
  );
  return {
    timeMs: order.timeMs,
    orderText: order.text,
    values: Object.fromEntries(entries.map(([param, values]) => [mongoField(param), values.map(valueOf)])),
    keys: [...new Set(keys)],
  };
}

/** As in SQL, but that the time of a reference's resource is a field of its own here, next to `keys` in one index. */
function valueOf(value: IndexValue): MongoValue {
  const { lo, hi } = sqlValueOf(value, null);
  return { lo, hi: value.kind === 'reference' ? '' : hi, ...validTimeOf(value) };
}

/** What of a value leads to its document: see the ranking in `lead.ts`. */
function leadingText(param: string, value: IndexValue): string | undefined {
  switch (value.kind) {
    case 'reference':
      return value.target;
    case 'string':
      return foldText(value.text);
    case 'token':
      return isLeadingToken(param) ? (value.code ?? '') : undefined;
    default:
      return undefined;
  }
}

/** UTF-16 units of a text that go into a key: keys only lead, and what they lead to is checked in full. */
export const KEY_TEXT_LENGTH_MAX = 200;

/** The key under which documents of a type lie that have a value. Long texts share one by their beginnings. */
export function mongoKey(type: string, param: string, text: string): string {
  return `${mongoField(type)}.${mongoField(param)}=${beginningOf(text)}`;
}

/** Never half a character: an index would hold another one in its place. */
function beginningOf(text: string): string {
  if (text.length <= KEY_TEXT_LENGTH_MAX) return text;
  const cut = text.slice(0, KEY_TEXT_LENGTH_MAX);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/**
 * The name of a field for a search parameter: one to one, and never an operator, a path, an empty name, one that
 * ends at a NUL, or the prototype of an object.
 */
export function mongoField(param: string): string {
  if (param === '') return '%';
  return param.replace(
    /[%$.=\0]|^_(?=_proto__$)/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
