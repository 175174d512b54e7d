import { fault } from '../base/fault.js';
import {
  conditionalReferences,
  FhirPathGuard,
  isObject,
  isServedType,
  placeholderReferences,
  withResolved,
  type ParsedJson,
  type Patch,
} from '../fhir/index.js';
import { stageInTurns, type Placed } from './bundle-order.js';
import { makeComputedSlotReader } from './computed-slot-reader.js';
import { meetCondition, stageGuard } from './conditional-create.js';
import { makeDecide } from './decide.js';
import type { Draft } from './draft.js';
import { storeUnder } from './draft-store.js';
import { inEntry } from './in-entry.js';
import { inside } from './inside.js';
import { writeDeps, type ResourcesDeps } from './make-resources.js';
import { versionOf } from './read-resources.js';
import { holdSaid, saidOf, type Said } from './said-status.js';
import { ScheduleReader } from './schedule-reader.js';
import { interactionsOn, type InteractionDeps, type Interactions } from './stage-interactions.js';
import type { RequestContext, Target, TransactionEntry, TransactionResult, Transactions } from './types.js';

/** `[root][type]/[id]`: https://hl7.org/fhir/R4/references.html#regex */
const RESTFUL_URL = /^(https?:\/\/.+\/)[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/;
/** What a URI names, and a fragment of it; a version stands between them. */
const PARTS_OF_URI = /^([^#]*?)(?:\/_history\/[A-Za-z0-9.-]{1,64})?(#.*)?$/s;

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
    const place = await inEntry(entry.at, () => placeOf(work, entry));
    if (place) placed.push(place);
    else results.set(entry.at, null);
  }
  refuseOverlaps(placed);
  const resolve = await resolverOf(work, placed);
  const interactions = interactionsOn(work.draft, work.deps, work.asked);
  const guard = new FhirPathGuard();
  const said: Said[] = [];
  await stageInTurns(work.draft, placed, async (place) => {
    const { entry } = place;
    const patch = patchOf(entry, resolve);
    const saying = await saidOf(work.draft, place, patch, guard);
    results.set(entry.at, await inEntry(entry.at, () => stage(work, interactions, place, patch, resolve)));
    if (saying) said.push(saying);
  });
  await holdSaid(work.draft, interactions, said);
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

/** What a URI in an entry becomes; undefined for one that stays. */
type Resolve = (uri: string, entry: TransactionEntry) => string | undefined;

/** What the URIs in the Bundle become: those of its entries, and references that name their target by a search. */
async function resolverOf(work: Work, placed: readonly Placed[]): Promise<Resolve> {
  const names = new Map<string, string>();
  for (const { entry, id } of placed) {
    if (entry.fullUrl === undefined) continue;
    if (names.has(entry.fullUrl)) throw fault('invalid', 'Two entries have this fullUrl.', `Bundle.entry[${entry.at}]`);
    names.set(entry.fullUrl, `${entry.type}/${id}`);
  }
  for (const { entry } of placed) {
    const body = resourceIn(entry);
    for (const reference of body ? conditionalReferences(body) : []) {
      if (names.has(reference)) continue;
      names.set(reference, await inEntry(entry.at, () => searched(work, reference)));
    }
  }
  return (uri, { fullUrl }) => names.get(uri) ?? resolvedIn(names, uri, RESTFUL_URL.exec(fullUrl ?? '')?.[1]);
}

/**
 * A relative reference is one below the root of its entry's own fullUrl. A version is one of the sender's, and goes; a
 * fragment stays. https://hl7.org/fhir/R4/bundle.html#references
 */
function resolvedIn(names: ReadonlyMap<string, string>, uri: string, root: string | undefined): string | undefined {
  const [, bare = '', fragment = ''] = PARTS_OF_URI.exec(uri) ?? [];
  if (bare === '') return undefined;
  const found = (root === undefined ? undefined : names.get(`${root}${bare}`)) ?? names.get(bare);
  return found === undefined ? undefined : `${found}${fragment}`;
}

/** @throws {Fault} `rule` for a reference to an entry that the Bundle does not have: stored, it could lead nowhere */
function refusePlaceholders(body: ParsedJson): void {
  const [open] = placeholderReferences(body);
  if (open === undefined) return;
  throw fault('rule', `No entry has the fullUrl ${open.slice(0, 200)}, which a reference names.`);
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
  patch: Patch | undefined,
  resolve: Resolve,
): Promise<TransactionResult> {
  const { type, act, expected } = entry;
  const ifMatch = expected ?? undefined;
  if (act.kind === 'delete') return (await interactions.remove(type, id, ifMatch)) ?? null;
  if (act.kind === 'patch') {
    if (patch?.kind === 'fhirpath') refusePlaceholders(patch.body);
    return interactions.patch(type, id, patch ?? act.patch, ifMatch);
  }
  if (act.kind === 'create' && isFound) {
    const found = await draft.original({ type, id });
    if (!found) throw fault('bug', `${type}/${id} was found and is not there.`);
    draft.check(found);
    return { ...versionOf(found), outcome: 'found' };
  }
  const body = withResolved(act.body, (uri) => resolve(uri, entry));
  refusePlaceholders(body);
  const written =
    act.kind === 'create'
      ? await interactions.create(type, body, undefined, id)
      : await interactions.update(type, id, typeof act.target === 'string' ? body : withId(body, id), expected);
  if (guard) stageGuard(draft, guard, written);
  return written;
}

/** The resource that an entry brings. Patches but a FHIRPath Patch are opaque. */
function resourceIn({ act }: TransactionEntry): ParsedJson | undefined {
  if (act.kind === 'patch') return act.patch.kind === 'fhirpath' ? act.patch.body : undefined;
  return 'body' in act ? act.body : undefined;
}

/** The patch of an entry, whose values may refer to others; undefined where it is none. */
function patchOf(entry: TransactionEntry, resolve: Resolve): Patch | undefined {
  if (entry.act.kind !== 'patch') return undefined;
  const { patch } = entry.act;
  return patch.kind === 'fhirpath' ? { ...patch, body: withResolved(patch.body, (uri) => resolve(uri, entry)) } : patch;
}

/** A body that a condition leads to need not name the id. */
function withId(body: ParsedJson, id: string): ParsedJson {
  // What is no resource is refused for that, as everywhere.
  const named = (tree: unknown) => (isObject(tree) && !('id' in tree) ? { ...tree, id } : tree);
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
