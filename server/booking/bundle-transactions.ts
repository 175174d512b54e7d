import { Fault, fault } from '../base/fault.js';
import { conditionalReferences, isServedType, withResolved, type JsonObject, type ParsedJson } from '../fhir/index.js';
import { stageInTurns, type Placed } from './bundle-order.js';
import { makeComputedSlotReader } from './computed-slot-reader.js';
import { meetCondition, stageGuard } from './conditional-create.js';
import { makeDecide } from './decide.js';
import type { Draft } from './draft.js';
import { storeUnder } from './draft-store.js';
import { inside } from './inside.js';
import { writeDeps, type ResourcesDeps } from './make-resources.js';
import { versionOf } from './read-resources.js';
import { ScheduleReader } from './schedule-reader.js';
import { interactionsOn, type InteractionDeps, type Interactions } from './stage-interactions.js';
import type { RequestContext, Target, TransactionEntry, TransactionResult, Transactions } from './types.js';

/** The service behind transactions of Bundles. */
export function makeTransactions(deps: ResourcesDeps): Transactions {
  const change = makeDecide(deps);
  return {
    transact: (entries, asked) =>
      change(inside(asked), async (draft) => {
        return transactOn({ draft, deps: depsUnder(draft, deps), asked }, entries);
      }),
  };
}

interface Work {
  readonly draft: Draft;
  readonly deps: InteractionDeps;
  readonly asked: RequestContext;
}

/** What decides on an entry sees the entries before it, though nothing is committed yet. */
function depsUnder(draft: Draft, deps: ResourcesDeps): InteractionDeps {
  const store = storeUnder(draft, deps.store);
  const schedules = new ScheduleReader(store, deps.defaultZone);
  const computedSlots = makeComputedSlotReader(store, schedules, deps.clock);
  return { ...writeDeps({ ...deps, store, schedules, computedSlots }), settings: deps.settings };
}

async function transactOn(work: Work, entries: readonly TransactionEntry[]): Promise<readonly TransactionResult[]> {
  const results = new Map<number, TransactionResult>();
  const placed: Placed[] = [];
  for (const entry of entries) {
    const place = await naming(entry, () => placeOf(work, entry));
    if (place) placed.push(place);
    else results.set(entry.at, null);
  }
  refuseOverlaps(placed);
  const resolve = await resolverOf(work, placed);
  const interactions = interactionsOn(work.draft, work.deps, work.asked);
  await stageInTurns(work.draft, placed, async (place) => {
    results.set(place.entry.at, await naming(place.entry, () => stage(work, interactions, place, resolve)));
  });
  return Promise.all(entries.map(async ({ at }) => asLeft(work.draft, results.get(at) ?? null)));
}

/** Which resource an entry is about; undefined where a condition finds nothing to delete. */
async function placeOf(work: Work, entry: TransactionEntry): Promise<Placed | undefined> {
  const { draft, deps, asked } = work;
  const { type, act } = entry;
  const target: Target | undefined = act.kind === 'create' ? act.condition : act.target;
  if (target === undefined) return { entry, id: deps.newId(), isFound: false };
  if (typeof target === 'string') return { entry, id: target, isFound: false };
  const met = await meetCondition(draft, deps, type, target, asked);
  if ('found' in met) return { entry, id: met.found.id, isFound: true };
  if (act.kind === 'delete') return undefined;
  if (act.kind === 'patch') throw fault('not-found', `No ${type} meets the condition.`);
  const own = act.kind === 'update' ? (act.body.plain as { readonly id?: unknown } | null)?.id : undefined;
  const id = typeof own === 'string' ? own : deps.newId();
  const before = await draft.original({ type, id });
  if (before && !before.deleted) throw fault('conflict', `${type}/${id} is there, but does not meet the condition.`);
  return { entry, id, isFound: false, guard: met.guard };
}

/** @throws {Fault} `invalid` where two entries are about one resource, or ask for one under one condition */
function refuseOverlaps(placed: readonly Placed[]): void {
  const met = new Map<string, number>();
  for (const { entry, id, guard } of placed) {
    for (const name of [`${entry.type}/${id}`, ...(guard ? [`${guard.type}/${guard.id}`] : [])]) {
      const other = met.get(name);
      if (other !== undefined) {
        const message = `It is about the same resource as Bundle.entry[${other}]: ask for one thing of each.`;
        throw fault('invalid', message, `Bundle.entry[${entry.at}]`);
      }
      met.set(name, entry.at);
    }
  }
}

/** What the URIs in the Bundle become: those of its entries, and references that name their target by a search. */
async function resolverOf(work: Work, placed: readonly Placed[]): Promise<(uri: string) => string | undefined> {
  const names = new Map<string, string>();
  for (const { entry, id } of placed) {
    if (entry.fullUrl === undefined) continue;
    if (names.has(entry.fullUrl)) throw fault('invalid', 'Two entries have this fullUrl.', `Bundle.entry[${entry.at}]`);
    names.set(entry.fullUrl, `${entry.type}/${id}`);
  }
  for (const { entry } of placed) {
    if (!('body' in entry.act)) continue;
    for (const reference of conditionalReferences(entry.act.body)) {
      if (names.has(reference)) continue;
      names.set(reference, await naming(entry, () => searched(work, reference)));
    }
  }
  return (uri) => names.get(uri);
}

/** What a conditional reference names. @throws {Fault} `ambiguous`, `rule` where nothing meets it */
async function searched({ draft, deps, asked }: Work, reference: string): Promise<string> {
  const [type = '', query = ''] = reference.split(/\?(.*)/s, 2);
  if (!isServedType(type)) throw fault('rule', `The reference ${reference} names a type that is not served here.`);
  if (query.includes('%00')) throw fault('malformed', `The reference ${reference} contains the character U+0000.`);
  const met = await meetCondition(draft, deps, type, [...new URLSearchParams(query)], asked);
  if (!('found' in met)) throw fault('rule', `No ${type} meets the reference ${reference}.`);
  draft.check(met.found);
  return `${type}/${met.found.id}`;
}

async function stage(
  { draft }: Work,
  interactions: Interactions,
  { entry, id, isFound, guard }: Placed,
  resolve: (uri: string) => string | undefined,
): Promise<TransactionResult> {
  const { type, act, ifMatch } = entry;
  if (act.kind === 'delete') return (await interactions.remove(type, id, ifMatch)) ?? null;
  if (act.kind === 'patch') return interactions.patch(type, id, act.patch, ifMatch);
  if (act.kind === 'create' && isFound) {
    const found = await draft.original({ type, id });
    if (!found) throw fault('bug', `${type}/${id} was found and is not there.`);
    draft.check(found);
    return { ...versionOf(found), outcome: 'found' };
  }
  const body = withResolved(act.body, resolve);
  const written =
    act.kind === 'create'
      ? await interactions.create(type, body, undefined, id)
      : await interactions.update(type, id, typeof act.target === 'string' ? body : withId(body, id), ifMatch);
  if (guard) stageGuard(draft, guard, written);
  return written;
}

/** A body that a condition leads to need not name the id. */
function withId(body: ParsedJson, id: string): ParsedJson {
  const named = (tree: unknown) => ('id' in (tree as JsonObject) ? tree : { ...(tree as JsonObject), id });
  return { plain: named(body.plain), exact: named(body.exact) };
}

/** A resource as the whole transaction leaves it: a booking changes the Slot that was written before it. */
async function asLeft(draft: Draft, result: TransactionResult): Promise<TransactionResult> {
  if (result === null || !('text' in result) || !draft.writes(result)) return result;
  const left = await draft.get(result);
  if (!left || left.deleted) return result;
  const { text, updatedMs } = left;
  return { ...result, text, updatedMs, versionId: String(draft.revisionLeft(result)) };
}

/** What an entry is refused for names its place in the Bundle. */
async function naming<T>({ at }: TransactionEntry, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const place = `Bundle.entry[${at}]`;
    const [first, ...others] = error.reasons.map((reason) => ({
      ...reason,
      message: `${place}: ${reason.message}`,
      expression: /^[A-Z]/.test(reason.expression ?? '')
        ? `${place}.resource${reason.expression?.replace(/^[A-Za-z]+/, '') ?? ''}`
        : place,
    }));
    throw first ? new Fault([first, ...others]) : error;
  }
}
