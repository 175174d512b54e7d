import type { Collection, Db } from 'mongodb';
import { fault } from '../../base/fault.js';
import {
  countMongo,
  toMongo,
  withTargets,
  type Filter,
  type MongoQuestion,
  type Query,
  type SortKey,
} from '../../search/index.js';
import type { Found } from '../index.js';
import { documentOfCell } from './cells.js';
import { isOverTime } from './failures.js';
import { DOCUMENTS, type Cell, type LivingCell } from './layout.js';

/** What a store tells those who run it. */
export interface StoreLog {
  warn(fields: object, message: string): void;
}

/** A search that met an unfinished commit settles it and asks again, at most so often. */
export const TRIES_MAX = 3;
/** How long one search may work in the database. */
export const SEARCH_MS_MAX = 4_000;

type Answer = LivingCell & Readonly<Record<string, SortKey>>;

/** Asks MongoDB what a query asks. */
export class Searcher {
  readonly #documents: Collection<Cell>;

  /** @param settle reads documents anew with what unfinished commits decide about them */
  constructor(
    db: Db,
    private readonly settle: (ids: readonly string[]) => Promise<readonly (LivingCell | undefined)[]>,
    private readonly log: StoreLog,
  ) {
    this.#documents = db.collection<Cell>(DOCUMENTS);
  }

  /**
   * What is found has its old content while a commit of it is under way. Of one that is decided and was left
   * unfinished, the outcome is brought about first, so that a search is never behind a read.
   */
  async search(query: Query): Promise<readonly Found[]> {
    const filter = await this.#withTargets(query.filter);
    const question = toMongo({ ...query, filter }, DOCUMENTS);
    this.#tellUnindexed(question, query.type, query.filter);
    for (let tries = 1; ; tries++) {
      const answers = await this.#ask<Answer>(question);
      const held = answers.filter(({ intent }) => intent !== undefined);
      if (held.length > 0 && tries < TRIES_MAX && (await this.#changed(held))) continue;
      return answers.flatMap((answer) => foundOf(answer, question.keyFields));
    }
  }

  async count(type: string, filter: Filter): Promise<number> {
    const question = countMongo(type, await this.#withTargets(filter), DOCUMENTS);
    this.#tellUnindexed(question, type, filter);
    const [answer] = await this.#ask<{ total: number }>(question);
    return answer?.total ?? 0;
  }

  #withTargets(filter: Filter): Promise<Filter> {
    return withTargets(filter, DOCUMENTS, async (question) =>
      (await this.#ask<{ _id: string }>(question)).map(({ _id }) => _id),
    );
  }

  async #ask<T extends object>({ pipeline }: MongoQuestion): Promise<T[]> {
    const options = { maxTimeMS: SEARCH_MS_MAX, allowDiskUse: true };
    try {
      return await this.#documents.aggregate<T>([...pipeline], options).toArray();
    } catch (error) {
      if (!isOverTime(error)) throw error;
      const advice = 'Ask for less: narrow it by schedule, patient or time.';
      throw fault('too-costly', `The search took too long. ${advice}`, undefined, error);
    }
  }

  async #changed(held: readonly Answer[]): Promise<boolean> {
    const settled = await this.settle(held.map(({ _id }) => _id));
    return held.some(({ revision }, at) => settled[at]?.revision !== revision);
  }

  #tellUnindexed({ indexed }: MongoQuestion, type: string, filter: Filter): void {
    if (!indexed) this.log.warn({ type, params: paramsOf(filter) }, 'unindexed search');
  }
}

function foundOf(answer: Answer, keyFields: readonly string[]): Found[] {
  const document = documentOfCell(answer);
  if (!document) return [];
  return [{ document, position: { keys: keyFields.map((field) => answer[field] ?? null), id: document.id } }];
}

/** The search parameters that a filter names: never its values, which may be a patient's. */
function paramsOf(filter: Filter): string[] {
  switch (filter.kind) {
    case 'all':
    case 'any':
      return [...new Set(filter.of.flatMap(paramsOf))];
    case 'not':
      return paramsOf(filter.of);
    case 'chain':
      return paramsOf(filter.filter).map((param) => `${filter.param}.${param}`);
    case 'has':
      return paramsOf(filter.filter).map((param) => `_has:${filter.sourceType}:${filter.by}:${param}`);
    default:
      return [filter.param];
  }
}
