import { createHash } from 'node:crypto';
import { fault } from '../base/fault.js';
import { isEverything, parseSearch } from '../search/index.js';
import type { DocumentKey, Store, StoredDocument } from '../store/index.js';
import { RECORD, type Draft } from './draft.js';
import type { WriteDeps } from './stage-write.js';
import type { Param, RequestContext, Written } from './types.js';

/** The type of the documents that stand for a condition under which something was created. */
const CONDITION_TYPE = 'ConditionalCreate';

/** How often a search is asked again whose find has changed since. */
const SEARCH_TRIES = 3;

/** What a condition met: a resource, or nothing, and then the document that a creation must write along. */
export type ConditionMet = { readonly found: StoredDocument } | { readonly guard: DocumentKey };

/**
 * Looks for the one resource that a conditional interaction means:
 * https://hl7.org/fhir/R4/http.html#ccreate, #cond-update
 *
 * Two equal requests at the same moment both find nothing. So each creation also writes the document of its
 * condition, which was read before the search: the second commit finds it changed, and decides again. A search may be
 * behind a commit whose answer is still out, though its document of the condition is there already: what that one names
 * is read first, from then on a search finds it.
 *
 * @throws {Fault} `ambiguous` where several match, `invalid` for a condition that everything meets
 */
export async function meetCondition(
  draft: Draft,
  deps: WriteDeps,
  type: string,
  condition: readonly Param[],
  context: RequestContext,
): Promise<ConditionMet> {
  const guard = { type: CONDITION_TYPE, id: nameOf(type, condition) };
  await draft.prepare([guard]);
  draft.rely(guard);
  const earlier = await draft.original(guard);
  if (earlier) await deps.store.read(createdUnder(earlier));
  const { filter } = parseSearch(type, condition, {
    nowMs: deps.clock.nowMs(),
    zone: deps.defaultZone,
    ownBases: [context.base],
    strict: true,
    countDefault: 2,
  });
  if (isEverything(filter)) {
    throw fault('invalid', `Which ${type}? A condition needs at least one search parameter, like identifier=a|b.`);
  }
  for (let tries = 1; ; tries++) {
    const [first, second] = await searchTwo(deps.store, type, filter);
    if (second) throw fault('ambiguous', `Several ${type} resources meet the condition; make it narrower.`);
    if (!first) return { guard };
    const found = await draft.original(first.document);
    // What has changed since it was found may not meet the condition any more.
    if (found && (found.revision <= first.document.revision || tries === SEARCH_TRIES)) return { found };
  }
}

/** Stages the document of a condition, naming what was created under it. */
export function stageGuard(draft: Draft, guard: DocumentKey, created: Omit<Written, 'text'>): void {
  draft.put({
    ...guard,
    updatedMs: created.updatedMs,
    text: JSON.stringify({ created: `${created.type}/${created.id}` }),
    ...RECORD,
  });
}

/** What a document of a condition says was created last under it. */
function createdUnder({ text }: StoredDocument): DocumentKey {
  const [type = '', id = ''] = (JSON.parse(text) as { readonly created: string }).created.split('/');
  return { type, id };
}

function searchTwo(store: Store, type: string, filter: Parameters<Store['count']>[1]) {
  return store.search({ type, filter, sort: [], limit: 2 });
}

function nameOf(type: string, condition: readonly Param[]): string {
  const sorted = condition.map(([name, value]) => `${name}=${value}`).sort();
  return createHash('sha256')
    .update(JSON.stringify([type, ...sorted]))
    .digest('hex');
}
