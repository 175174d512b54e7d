import type { Clock } from '../base/clock.js';
import { Fault, fault } from '../base/fault.js';
import type { NewId } from '../base/ids.js';
import { applyJsonPatch, parseJson, printJson, type ParsedJson } from '../fhir/index.js';
import type { DocumentKey, Store, StoredDocument } from '../store/index.js';
import { checkBody, checkId } from './check-body.js';
import type { ComputedSlotReader } from './computed-slot-reader.js';
import { meetCondition, stageGuard } from './conditional-create.js';
import { decideAndCommit } from './draft.js';
import { loadBatch } from './load-batch.js';
import { readComputedSlotId } from './slot-id.js';
import { stageRemoval, stageWrite, type WriteDeps } from './stage-write.js';
import type { Param, RequestContext, ResourceVersion, Resources, Written } from './types.js';

export interface ResourcesDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly defaultZone: string;
  readonly computedSlots: ComputedSlotReader;
}

/** The service behind every read and write of single resources. */
export function makeResources(deps: ResourcesDeps): Resources {
  const { store, newId, computedSlots } = deps;
  const writing: WriteDeps = {
    ...deps,
    isComputedSlot: async (id, base) => (await computedSlots.find(id, base)) !== undefined,
  };

  async function create(type: string, body: ParsedJson, context: RequestContext, condition?: readonly Param[]) {
    const resource = checkBody(type, body);
    const id = newId();
    return decideAndCommit(store, async (draft) => {
      const met = condition && (await meetCondition(draft, writing, type, condition, context));
      if (met && 'found' in met) return met.found;
      const written = await stageWrite(draft, writing, { type, id, body, resource, base: context.base, bulk: false });
      if (met) stageGuard(draft, met.guard, written);
      return written;
    });
  }

  async function update(type: string, id: string, body: ParsedJson, context: RequestContext, ifMatch?: string) {
    const resource = checkBody(type, body);
    checkId(resource, id);
    await refuseComputed(type, id, context.base, 'PUT');
    return decideAndCommit(store, async (draft) => {
      checkVersion(await draft.original({ type, id }), { type, id }, ifMatch);
      return stageWrite(draft, writing, { type, id, body, resource, base: context.base, bulk: false });
    });
  }

  async function patch(type: string, id: string, operations: ParsedJson, context: RequestContext, ifMatch?: string) {
    await refuseComputed(type, id, context.base, 'PATCH');
    return decideAndCommit(store, async (draft): Promise<Written> => {
      const before = standing(await draft.original({ type, id }), { type, id });
      checkVersion(before, { type, id }, ifMatch);
      const patched = applyJsonPatch(parseJson(before.text).exact, operations.exact);
      const body = parseJson(printJson(patched));
      const resource = checkBody(type, body);
      checkId(resource, id);
      return stageWrite(draft, writing, { type, id, body, resource, base: context.base, bulk: false });
    });
  }

  async function remove(type: string, id: string, context: RequestContext, ifMatch?: string) {
    await refuseComputed(type, id, context.base, 'DELETE');
    return decideAndCommit(store, async (draft) => {
      const before = await draft.original({ type, id });
      if (!before || before.deleted) return undefined;
      checkVersion(before, { type, id }, ifMatch);
      const updatedMs = await stageRemoval(draft, writing, before, context.base);
      return { type, id, versionId: String(before.revision + 1), updatedMs };
    });
  }

  async function refuseComputed(type: string, id: string, base: string, verb: string): Promise<void> {
    if (type !== 'Slot' || !readComputedSlotId(id) || !(await computedSlots.find(id, base))) return;
    throw fault(
      'method',
      `Slot/${id} is computed from the rules of its Schedule: ${verb} is not for it; change the rules.`,
    );
  }

  async function read(type: string, id: string, context: RequestContext): Promise<ResourceVersion> {
    const found = await store.read({ type, id });
    const computed = !found && type === 'Slot' ? await computedSlots.find(id, context.base) : undefined;
    return computed ?? versionOf(standing(found, { type, id }));
  }

  async function version(type: string, id: string, versionId: string): Promise<ResourceVersion> {
    const revision = /^[1-9]\d{0,14}$/.test(versionId) ? Number(versionId) : 0;
    const found = revision > 0 ? await store.version({ type, id }, revision) : undefined;
    if (!found) throw fault('not-found', `${type}/${id} has no version '${versionId}'.`);
    return versionOf(standing(found, { type, id }));
  }

  return { read, version, create, update, patch, remove, load: (items, context) => loadBatch(writing, items, context) };
}

/** @throws {Fault} `not-found`, `gone` */
function standing(found: StoredDocument | undefined, { type, id }: DocumentKey): StoredDocument {
  if (!found) throw fault('not-found', `${type}/${id} does not exist.`);
  if (found.deleted) throw fault('gone', `${type}/${id} was deleted.`);
  return found;
}

/** @throws {Fault} `stale` where `If-Match` names another version than the one that stands */
function checkVersion(found: StoredDocument | undefined, { type, id }: DocumentKey, ifMatch: string | undefined): void {
  const versionId = found && !found.deleted ? String(found.revision) : undefined;
  if (ifMatch === undefined || ifMatch === versionId) return;
  throw new Fault({
    kind: 'stale',
    message: `If-Match names version ${ifMatch} of ${type}/${id}, the current one is ${versionId ?? 'none'}; read it again.`,
  });
}

function versionOf({ type, id, revision, updatedMs, text }: StoredDocument): ResourceVersion {
  return { type, id, versionId: String(revision), updatedMs, text };
}
