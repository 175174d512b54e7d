import type { IndexValues } from '../fhir/index.js';
import type { SqlValue } from './sql-values.js';
import type { NaturalOrder } from './query.js';

/** What searches see of a document in MongoDB: fields of the document itself. */
export interface MongoIndex {
  /** Natural order; null sorts before every time. */
  readonly timeMs: number | null;
  readonly orderText: string;
  /** By search parameter (`mongoField`), the values of each as `lo` and `hi`. */
  readonly values: Readonly<Record<string, readonly SqlValue[]>>;
  /** Texts such as `Slot.schedule=Schedule/1` that lead to documents, under one index. */
  readonly keys: readonly string[];
}

/** The fields of a document by which searches find it. A deleted one has none of them. */
export function mongoIndexOf(type: string, index: IndexValues, order: NaturalOrder): MongoIndex {
  throw new Error(`to be written: ${type} ${String(Object.keys(index).length)} ${order.text}`);
}
