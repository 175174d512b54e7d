import type { Clock } from '../base/clock.js';
import { Fault } from '../base/fault.js';
import type { NewId } from '../base/ids.js';
import { applyJsonPatch, parseJson, printJson, withRelativeBody, type ParsedJson } from '../fhir/index.js';
import type { DocumentKey, Store, StoredDocument } from '../store/index.js';
import { checkBody, checkId } from './check-body.js';
import type { ComputedSlotReader } from './computed-slot-reader.js';
import { meetCondition, stageGuard } from './conditional-create.js';
import { makeDecide } from './decide.js';
import { inside } from './inside.js';
import type { Draft } from './draft.js';
import { loadBatch } from './load-batch.js';
import { patchSlotStatus } from './patch-slot.js';
import { permittedBy } from './permissions.js';
import { makeReads, standing } from './read-resources.js';
import { resourceOf, type ScheduleReader } from './schedule-reader.js';
import { refuseStatusChange } from './status-rules.js';
import type { ExclusiveActor } from './types.js';
import { computedSlotFault, stageRemoval, stageWrite, type WriteDeps } from './stage-write.js';
import type { BookingSettings, Param, Patched, RequestContext, Resources, ResourceVersion } from './types.js';

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
    scheduleIdOf: (key) => computedSlots.scheduleIdOf(key),
  };
}

/** The service behind every read and write of single resources. */
export function makeResources(deps: ResourcesDeps): Resources {
  const { store, newId, computedSlots } = deps;
  const writing = writeDeps(deps);
  const change = makeDecide(deps);

  async function create(type: string, sent: ParsedJson, asked: RequestContext, condition?: readonly Param[]) {
    const { resource, body, context } = entering(type, sent, asked);
    const id = newId();
    return change(context, async (draft) => {
      const met = condition && (await meetCondition(draft, writing, type, condition, asked));
      if (met && 'found' in met) return met.found;
      const written = await stageWrite(draft, writing, {
        type,
        id,
        body,
        resource,
        base: context.base,
        bulk: false,
        permitted: permittedBy(context),
      });
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
      const rest = { base: context.base, bulk: false, permitted: permittedBy(context) };
      return stageWrite(draft, writing, { type, id, body, resource, ...rest });
    });
  }

  async function patch(type: string, id: string, operations: ParsedJson, context: RequestContext, ifMatch?: string) {
    const patching = { ...writing, settings: deps.settings };
    const request = { type, id, operations, context, ifMatch };
    return change(inside(context), (draft) => patchResource(draft, patching, request));
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
  const permitted = permittedBy(context);
  return stageWrite(draft, deps, { type, id, body, resource, base: within.base, bulk: false, permitted });
}

/** A body as it is to be stored, judged, and the context that counts from there on. @throws {Fault} as `checkBody` */
function entering(type: string, sent: ParsedJson, context: RequestContext) {
  const body = withRelativeBody(sent, context.base);
  return { body, resource: checkBody(type, body, context.base), context: inside(context) };
}

function statusIn({ plain }: ParsedJson): unknown {
  return (plain as { readonly status?: unknown } | null)?.status;
}

/** @throws {Fault} `stale` where `If-Match` names another version than the one that stands */
function checkVersion(found: StoredDocument | undefined, { type, id }: DocumentKey, ifMatch: string | undefined): void {
  checkVersionId(found && !found.deleted ? String(found.revision) : undefined, { type, id }, ifMatch);
}

function checkVersionId(versionId: string | undefined, { type, id }: DocumentKey, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch === versionId) return;
  throw new Fault({
    kind: 'stale',
    message: `If-Match names ${type}/${id} version ${ifMatch}, current is ${versionId ?? 'none'}; read it again.`,
  });
}
