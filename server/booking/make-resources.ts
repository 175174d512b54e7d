import type { Clock } from '../base/clock.js';
import type { NewId } from '../base/ids.js';
import { applyJsonPatch, parseJson, printJson, withRelativeBody, type ParsedJson } from '../fhir/index.js';
import type { DocumentKey, Store } from '../store/index.js';
import { checkBody, checkId } from './check-body.js';
import { checkVersion, checkVersionId } from './check-version.js';
import type { ComputedSlotReader } from './computed-slot-reader.js';
import { meetCondition, stageGuard } from './conditional-create.js';
import { makeDecide } from './decide.js';
import { inside } from './inside.js';
import type { Draft } from './draft.js';
import { countPending, type HoldCountDeps } from './hold-count.js';
import { loadBatch } from './load-batch.js';
import { patchSlotStatus } from './patch-slot.js';
import { permittedBy } from './permissions.js';
import { makeReads, standing } from './read-resources.js';
import { resourceOf, type ScheduleReader } from './schedule-reader.js';
import { refuseStatusChange } from './status-rules.js';
import type { ExclusiveActor } from './types.js';
import { computedSlotFault, stageRemoval, stageWrite, type Change, type WriteDeps } from './stage-write.js';
import type { BookingSettings, Param, Patched, RequestContext, Resources, ResourceVersion, Written } from './types.js';

export interface ResourcesDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly defaultZone: string;
  readonly computedSlots: ComputedSlotReader;
  readonly schedules: ScheduleReader;
  readonly exclusiveActors: readonly ExclusiveActor[];
  readonly settings: BookingSettings;
}

/** What writing rests on, from what there is. */
export function writeDeps(deps: Omit<ResourcesDeps, 'settings'>): WriteDeps {
  const { computedSlots } = deps;
  return {
    ...deps,
    isComputedSlot: async (id, base) => (await computedSlots.find(id, base)) !== undefined,
    isReservedSlot: (id) => computedSlots.isReserved(id),
    isReservedProposal: (id) => computedSlots.isReservedProposal(id),
    scheduleIdOf: (key) => computedSlots.scheduleIdOf(key),
  };
}

/** The service behind every read and write of single resources. */
export function makeResources(deps: ResourcesDeps): Resources {
  const { store, newId, computedSlots } = deps;
  const writing = writeDeps(deps);
  const asking = { ...writing, settings: deps.settings };
  const change = makeDecide(deps);

  async function create(type: string, sent: ParsedJson, asked: RequestContext, condition?: readonly Param[]) {
    const { resource, body, context } = entering(type, sent, asked);
    const id = newId();
    return change(context, async (draft) => {
      const met = condition && (await meetCondition(draft, writing, type, condition, asked));
      if (met && 'found' in met) return met.found;
      const written = await stageAsked(draft, asking, { type, id, body, resource }, context);
      if (met) stageGuard(draft, met.guard, written);
      return written;
    });
  }

  async function update(type: string, id: string, sent: ParsedJson, asked: RequestContext, ifMatch?: string) {
    const { resource, body, context } = entering(type, sent, asked);
    checkId(resource, id);
    await refuseComputed(type, id, 'PUT');
    return change(context, async (draft) => {
      checkVersion(await draft.original({ type, id }), { type, id }, ifMatch);
      return stageAsked(draft, asking, { type, id, body, resource }, context);
    });
  }

  async function patch(type: string, id: string, operations: ParsedJson, context: RequestContext, ifMatch?: string) {
    const request = { type, id, operations, context, ifMatch };
    return change(inside(context), (draft) => patchResource(draft, asking, request));
  }

  async function remove(type: string, id: string, asked: RequestContext, ifMatch?: string) {
    await refuseComputed(type, id, 'DELETE');
    const context = inside(asked);
    return change(context, async (draft) => {
      const before = await draft.original({ type, id });
      if (!before || before.deleted) return undefined;
      checkVersion(before, { type, id }, ifMatch);
      const updatedMs = await stageRemoval(draft, writing, before, context.base, permittedBy(context));
      return { type, id, versionId: String(before.revision + 1), updatedMs };
    });
  }

  async function refuseComputed(type: string, id: string, verb: string): Promise<void> {
    if (type === 'Slot' && (await computedSlots.isReserved(id))) throw computedSlotFault(id, verb);
  }

  return {
    ...makeReads(store, computedSlots, deps.clock),
    create,
    update,
    patch,
    remove,
    load: (items, context) => loadBatch(writing, items, context),
  };
}

interface PatchRequest extends DocumentKey {
  readonly operations: ParsedJson;
  readonly context: RequestContext;
  readonly ifMatch: string | undefined;
}

/** Writes a resource with a patch applied; one that locks or unlocks a Slot goes its own way. */
async function patchResource(
  draft: Draft,
  deps: WriteDeps & { readonly settings: BookingSettings },
  { type, id, operations, context, ifMatch }: PatchRequest,
): Promise<Patched> {
  const checkSlot = ({ versionId }: ResourceVersion) => checkVersionId(versionId, { type, id }, ifMatch);
  const slotPatch = { id, operations, context: inside(context), checkVersion: checkSlot };
  const locked = type === 'Slot' ? await patchSlotStatus(draft, deps, slotPatch) : undefined;
  if (locked) return locked;
  const before = standing(await draft.original({ type, id }), { type, id });
  checkVersion(before, { type, id }, ifMatch);
  const patched = parseJson(printJson(applyJsonPatch(parseJson(before.text).exact, operations.exact)));
  // A body that a change of status spoils is told about the change: it is what the caller asked for.
  const [previous] = resourceOf(before);
  if (previous?.resourceType === 'Appointment') refuseStatusChange(previous.status, statusIn(patched));
  const { resource, body, context: within } = entering(type, patched, context);
  checkId(resource, id);
  return stageAsked(draft, deps, { type, id, body, resource }, within);
}

/** Writes what a caller asks for; an Appointment that becomes pending counts among the caller's holds. */
async function stageAsked(
  draft: Draft,
  deps: WriteDeps & HoldCountDeps,
  asked: Pick<Change, 'type' | 'id' | 'body' | 'resource'>,
  context: RequestContext,
): Promise<Written> {
  const permitted = permittedBy(context);
  const written = await stageWrite(draft, deps, { ...asked, base: context.base, bulk: false, permitted });
  await countPending(draft, deps, context, written);
  return written;
}

/** A body as it is to be stored, judged, and the context that counts from there on. @throws {Fault} as `checkBody` */
function entering(type: string, sent: ParsedJson, context: RequestContext) {
  const body = withRelativeBody(sent, context.base);
  return { body, resource: checkBody(type, body, context.base), context: inside(context) };
}

function statusIn({ plain }: ParsedJson): unknown {
  return (plain as { readonly status?: unknown } | null)?.status;
}
