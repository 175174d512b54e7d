import type { Clock } from '../base/clock.js';
import { fault } from '../base/fault.js';
import type { Interval } from '../base/interval.js';
import { SERVED_TYPES } from '../fhir/index.js';
import { BACK_PARAM, CURSOR_PARAM } from '../search/index.js';
import { compareVersions, type HistoryQuery, type Store, type StoredVersion } from '../store/index.js';
import { encodePlace, readHistoryQuestion, type HistoryPlace, type HistoryQuestion } from './history-question.js';
import { storePassedOf, storePassedOfType } from './passed-versions.js';
import type { Histories, HistoryAnswer, HistoryScope } from './types.js';

export interface HistoryDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly defaultZone: string;
}

/** Versions that one `_at` looks at, since what was current then may have been written long before. */
export const AT_VERSIONS_MAX = 10_000;

/** The types whose resources change by themselves. */
const CHANGING_TYPES: readonly string[] = ['Appointment', 'Slot'];

/** The service behind every history: https://hl7.org/fhir/R4/http.html#history */
export function makeHistories(deps: HistoryDeps): Histories {
  return {
    async history(scope, params, { strict }) {
      const question = readHistoryQuestion(params, deps.defaultZone, strict);
      await storePassed(deps, scope);
      const found = await versionsOf(deps.store, scope, question);
      if (found.length === 0) await refuseUnknown(deps.store, scope);
      return answerOf(found, question);
    },
  };
}

/** What has changed by itself is a version as any other, and is stored before it is listed. */
async function storePassed(deps: HistoryDeps, { type, id }: HistoryScope): Promise<void> {
  const types = CHANGING_TYPES.filter((one) => type === undefined || type === one);
  for (const one of types)
    await (id === undefined ? storePassedOfType(deps, one) : storePassedOf(deps, [{ type: one, id }]));
}

/** One version more than a page holds, where there are so many. */
async function versionsOf(store: Store, scope: HistoryScope, question: HistoryQuestion): Promise<StoredVersion[]> {
  const { at, count } = question;
  if (!at) return pageOf(store, scope, question, count + 1);
  const found: StoredVersion[] = [];
  let after = question.after;
  for (let looked = 0; ; looked += count + 1) {
    if (looked > AT_VERSIONS_MAX) {
      const advice = 'Ask for one resource, or for a time that is nearer.';
      throw fault('too-costly', `_at looks at no more than ${AT_VERSIONS_MAX} versions. ${advice}`, '_at');
    }
    const page = await pageOf(store, scope, { ...question, ...(after && { after }) }, count + 1);
    const wasCurrent = await Promise.all(page.map((version) => wasCurrentAt(store, version, at)));
    found.push(...page.filter((_, place) => wasCurrent[place]));
    after = page.at(-1);
    if (page.length <= count || found.length > count) return found.slice(0, count + 1);
  }
}

async function pageOf(store: Store, { type, id }: HistoryScope, question: HistoryQuestion, limit: number) {
  const types = type === undefined ? SERVED_TYPES : [type];
  const pages = await Promise.all(
    types.map((one) =>
      store.history({ type: one, ...(id !== undefined && { id }), ...boundsOf(one, question), limit }),
    ),
  );
  const found = pages.flat().sort(comparePlaces);
  return question.before ? found.slice(-limit) : found.slice(0, limit);
}

function comparePlaces(a: HistoryPlace, b: HistoryPlace): number {
  if (a.updatedMs !== b.updatedMs || a.type === b.type) return compareVersions(a, b);
  return a.type < b.type ? 1 : -1;
}

/** What a question asks of one type: of the others, a place bounds only the time. */
function boundsOf(
  type: string,
  { sinceMs, at, after, before }: HistoryQuestion,
): Pick<HistoryQuery, 'sinceMs' | 'untilMs' | 'after' | 'before'> {
  if (before) {
    // Of a type that comes later within a millisecond, only what is of a later one.
    const updatedMs = type > before.type ? before.updatedMs : before.updatedMs + 1;
    const place = type === before.type ? before : { updatedMs, id: '', revision: 0 };
    return { ...(sinceMs !== undefined && { sinceMs }), before: place };
  }
  const since = sinceMs === undefined ? {} : { sinceMs };
  const endMs = at ? at.endMs - 1 : Infinity;
  if (!after) return { ...since, ...(at && { untilMs: endMs }) };
  if (type === after.type) return { ...since, ...(at && { untilMs: endMs }), after };
  return { ...since, untilMs: Math.min(endMs, type < after.type ? after.updatedMs : after.updatedMs - 1) };
}

/** Whether a version, which was written before the end of a time, was the current one at some moment of it. */
async function wasCurrentAt(store: Store, version: StoredVersion, { startMs }: Interval): Promise<boolean> {
  if (version.current || version.updatedMs >= startMs) return true;
  const next = await store.version(version, version.revision + 1);
  return next === undefined || next.updatedMs > startMs;
}

/** A resource that never was has no history, not an empty one. @throws {Fault} `not-found` */
async function refuseUnknown(store: Store, { type, id }: HistoryScope): Promise<void> {
  if (type === undefined || id === undefined || (await store.read({ type, id }))) return;
  throw fault('not-found', `${type}/${id} does not exist, or is computed and keeps no versions.`);
}

function answerOf(found: readonly StoredVersion[], question: HistoryQuestion): HistoryAnswer {
  const { applied, count, after, before, at } = question;
  const shown = before ? found.slice(-count) : found.slice(0, count);
  const isMore = found.length > shown.length;
  const last = isMore || before ? shown.at(-1) : undefined;
  const first = at === undefined && (before ? isMore : after) ? shown[0] : undefined;
  const whole = after === undefined && before === undefined && last === undefined;
  const kept = applied.filter(([name]) => name !== CURSOR_PARAM && name !== BACK_PARAM);
  return {
    ...(whole && { total: shown.length }),
    self: applied,
    ...(last && { next: [...kept, [CURSOR_PARAM, encodePlace(last)]] }),
    ...(first && { prev: [...kept, [BACK_PARAM, encodePlace(first)]] }),
    versions: shown.map(({ type, id, revision, updatedMs, text, deleted }) => ({
      ...{ type, id, versionId: String(revision), updatedMs, text },
      change: deleted ? 'deleted' : revision === 1 ? 'created' : 'updated',
    })),
  };
}
