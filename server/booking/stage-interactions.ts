import type { FhirResource } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import {
  applyPatch,
  FhirPathGuard,
  parseJson,
  printJson,
  withRelativeBody,
  type ParsedJson,
  type Patch,
} from '../fhir/index.js';
import { checkBody, checkId } from './check-body.js';
import { checkVersion, checkVersionId } from './check-version.js';
import { meetCondition, stageGuard } from './conditional-create.js';
import type { Draft } from './draft.js';
import { countPending, type HoldCountDeps } from './hold-count.js';
import { inside } from './inside.js';
import { patchSlotStatus } from './patch-slot.js';
import { permittedBy } from './permissions.js';
import { standing, versionOf } from './read-resources.js';
import { resourceOf } from './schedule-reader.js';
import { refuseStatusChange } from './status-rules.js';
import { computedSlotFault, stageRemoval, stageWrite, type WriteDeps } from './stage-write.js';
import type { Expected, Param, Patched, Removed, RequestContext, ResourceVersion, Target, Written } from './types.js';

/** What interactions rest on. */
export type InteractionDeps = WriteDeps & HoldCountDeps;

/** The interactions that write, on one draft. Each throws what `Resources` says of it. */
export interface Interactions {
  /** @param id to be given; a new one if absent */
  create(type: string, sent: ParsedJson, condition?: readonly Param[], id?: string): Promise<Written>;
  /** @param newId of what no condition finds and whose body names no id; a new one if absent */
  update(type: string, target: Target, sent: ParsedJson, expected?: Expected, newId?: string): Promise<Written>;
  patch(type: string, target: Target, patch: Patch, ifMatch?: string): Promise<Patched>;
  remove(type: string, target: Target, ifMatch?: string): Promise<Removed | undefined>;
}

/** @param asked the request, before the door: bodies and conditions may name this server by its base */
export function interactionsOn(draft: Draft, deps: InteractionDeps, asked: RequestContext): Interactions {
  const work: Work = { draft, deps, asked, context: inside(asked), guard: new FhirPathGuard() };
  return {
    create: (type, sent, condition, id) => create(work, type, sent, condition, id ?? deps.newId()),
    update: (type, target, sent, expected, newId) =>
      update(work, type, target, entering(type, sent, asked), expected, newId),
    patch: (type, target, patch, ifMatch) => patchOne(work, type, target, patch, ifMatch),
    remove: (type, target, ifMatch) => remove(work, type, target, ifMatch),
  };
}

interface Work {
  readonly draft: Draft;
  readonly deps: InteractionDeps;
  readonly asked: RequestContext;
  readonly context: RequestContext;
  readonly guard: FhirPathGuard;
}

/** A body as it is to be stored, judged. */
interface Entered {
  readonly body: ParsedJson;
  readonly resource: FhirResource;
}

async function create(
  work: Work,
  type: string,
  sent: ParsedJson,
  condition: readonly Param[] | undefined,
  id: string,
): Promise<Written> {
  const { draft, deps, asked } = work;
  const entered = entering(type, sent, asked);
  const met = condition && (await meetCondition(draft, deps, type, condition, asked));
  if (met && 'found' in met) return { ...versionOf(met.found), outcome: 'found' };
  const written = await stageAsked(work, type, id, entered);
  if (met) stageGuard(draft, met.guard, written);
  return written;
}

async function update(
  work: Work,
  type: string,
  target: Target,
  entered: Entered,
  expected: Expected | undefined,
  newId: string | undefined,
): Promise<Written> {
  const { draft, deps, asked } = work;
  if (typeof target === 'string') {
    checkId(entered.resource, target);
    return updateAt(work, type, target, entered, expected);
  }
  const met = await meetCondition(draft, deps, type, target, asked);
  const own = entered.resource.id;
  if ('found' in met) {
    if (own !== undefined) checkId(entered.resource, met.found.id);
    return updateAt(work, type, met.found.id, entered, expected);
  }
  const id = own ?? newId ?? deps.newId();
  const before = await draft.original({ type, id });
  if (before && !before.deleted) {
    throw fault('conflict', `${type}/${id} is there, but does not meet the condition.`, `${type}.id`);
  }
  const written = await updateAt(work, type, id, entered, expected);
  stageGuard(draft, met.guard, written);
  return written;
}

async function updateAt(work: Work, type: string, id: string, entered: Entered, expected: Expected | undefined) {
  await refuseComputed(work, type, id, 'PUT');
  checkVersion(await work.draft.original({ type, id }), { type, id }, expected);
  return stageAsked(work, type, id, entered);
}

/**
 * Writes a resource with a patch applied; one that locks or unlocks a Slot goes its own way. `If-Match` speaks of the
 * version as stored, the patch changes what the draft has made of it: a Slot may be free by an entry before.
 */
async function patchOne(
  work: Work,
  type: string,
  target: Target,
  patch: Patch,
  ifMatch: string | undefined,
): Promise<Patched> {
  const { draft, deps, asked, context, guard } = work;
  const id = await idOf(work, type, target);
  if (id === undefined) throw fault('not-found', `No ${type} meets the condition.`);
  const checkSlot = ({ versionId }: ResourceVersion) => checkVersionId(versionId, { type, id }, ifMatch);
  const isMeta = patch.kind === 'add-meta' || patch.kind === 'delete-meta';
  if (isMeta) await refuseComputed(work, type, id, 'a change of meta');
  const locked =
    type === 'Slot' && !isMeta
      ? await patchSlotStatus(draft, deps, { id, patch, guard, context, checkVersion: checkSlot })
      : undefined;
  if (locked) return locked;
  const before = standing(await draft.original({ type, id }), { type, id });
  checkVersion(before, { type, id }, ifMatch);
  const left = (await draft.get({ type, id })) ?? before;
  const text = printJson(applyPatch(parseJson(left.text).exact, patch, guard));
  if (isMeta && text === left.text) return { ...versionOf(before), outcome: 'unchanged' };
  const patched = parseJson(text);
  // A body that a change of status spoils is told about the change: it is what the caller asked for.
  const [previous] = resourceOf(before);
  if (previous?.resourceType === 'Appointment') refuseStatusChange(previous.status, statusIn(patched));
  const entered = entering(type, patched, asked);
  checkId(entered.resource, id);
  return stageAsked(work, type, id, entered);
}

async function remove(
  work: Work,
  type: string,
  target: Target,
  ifMatch: string | undefined,
): Promise<Removed | undefined> {
  const { draft, deps, context } = work;
  const id = await idOf(work, type, target);
  if (id === undefined) return undefined;
  await refuseComputed(work, type, id, 'DELETE');
  const before = await draft.original({ type, id });
  if (!before || before.deleted) return undefined;
  checkVersion(before, { type, id }, ifMatch);
  const updatedMs = await stageRemoval(draft, deps, before, context.base, permittedBy(context));
  return { type, id, versionId: String(before.revision + 1), updatedMs };
}

/** The id that a target means; undefined where a condition meets nothing. */
async function idOf({ draft, deps, asked }: Work, type: string, target: Target): Promise<string | undefined> {
  if (typeof target === 'string') return target;
  const met = await meetCondition(draft, deps, type, target, asked);
  return 'found' in met ? met.found.id : undefined;
}

async function refuseComputed({ deps }: Work, type: string, id: string, verb: string): Promise<void> {
  if (type === 'Slot' && (await deps.isReservedSlot(id))) throw computedSlotFault(id, verb);
}

/** Writes what a caller asks for; an Appointment that becomes pending counts among the caller's holds. */
async function stageAsked(
  { draft, deps, context }: Work,
  type: string,
  id: string,
  entered: Entered,
): Promise<Written> {
  const permitted = permittedBy(context);
  const change = { type, id, ...entered, base: context.base, bulk: false, permitted };
  const written = await stageWrite(draft, deps, change);
  await countPending(draft, deps, context, written);
  return written;
}

/** @throws {Fault} as `checkBody` */
function entering(type: string, sent: ParsedJson, { base }: RequestContext): Entered {
  const body = withRelativeBody(sent, base);
  return { body, resource: checkBody(type, body, base) };
}

function statusIn({ plain }: ParsedJson): unknown {
  return (plain as { readonly status?: unknown } | null)?.status;
}
