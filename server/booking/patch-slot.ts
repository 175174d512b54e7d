import type { Slot } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import { applyPatch, parseJson, printJson, type FhirPathGuard, type JsonObject, type Patch } from '../fhir/index.js';
import type { Draft } from './draft.js';
import { permittedBy } from './permissions.js';
import {
  changeSlot,
  lockEnd,
  ownClaim,
  stageLock,
  stageUnlock,
  type SlotAct,
  type SlotChangeDeps,
} from './slot-locks.js';
import { slotLeft } from './slots-left.js';
import { computedSlotFault } from './stage-write.js';
import { without } from './without.js';
import type { Patched, RequestContext, ResourceVersion } from './types.js';

/** A patch of a Slot, and what it rests on. */
export interface SlotPatch {
  readonly id: string;
  readonly patch: Patch;
  readonly guard: FhirPathGuard;
  readonly context: RequestContext;
  /** @throws {Fault} `stale` where `If-Match` names another version than this one */
  readonly checkVersion: (version: ResourceVersion) => void;
}

/**
 * A patch that changes nothing but the status of a Slot from `free` to `busy-tentative` is a lock without a key, of
 * default length; back to `free` it unlocks (design §6). All else is no matter of claims.
 *
 * @returns undefined for a patch of a stored Slot that is written as any other
 * @throws {Fault} `method` for any other patch of a computed Slot, `conflict` where others have its time
 */
export async function patchSlotStatus(
  draft: Draft,
  deps: SlotChangeDeps,
  asked: SlotPatch,
): Promise<Patched | undefined> {
  const { id, context, checkVersion } = asked;
  const isComputed = await deps.isReservedSlot(id);
  if (isComputed && !(await deps.isComputedSlot(id, context.base)))
    throw fault('not-found', `Slot/${id} does not exist.`);
  const before = await slotLeft(draft, deps, id, context.base);
  if (!before) return undefined;
  const status = statusAlone(before.text, asked);
  if (status !== 'free' && status !== 'busy-tentative') {
    if (isComputed) throw computedSlotFault(id, 'PATCH');
    return undefined;
  }
  const permitted = permittedBy(context);
  const wasFree = (JSON.parse(before.text) as Slot).status === 'free';
  const act = async (slot: SlotAct): Promise<{ readonly isDone: boolean }> => {
    const lock = await ownClaim(slot, 'locked');
    // A stored Slot that was written busy is written so, or free, again.
    const isWritten = status === 'free' || (await ownClaim(slot, 'busy')) !== undefined;
    if (!isComputed && !lock && isWritten) return { isDone: false };
    checkVersion(before);
    if (status === 'busy-tentative') await stageLock(slot, lockEnd(deps.clock, deps.settings, undefined));
    else if (lock) await stageUnlock(slot);
    else if (!wasFree) throw fault('conflict', `Slot/${id} is not locked, but taken or disabled.`, 'Slot.status');
    return { isDone: true };
  };
  const { slot, isDone } = await changeSlot(draft, deps, { slotId: id, permitted, context }, act);
  return isDone ? { ...slot, outcome: 'updated' } : undefined;
}

/** The status that a patch sets, where it changes nothing besides. */
function statusAlone(text: string, { patch, guard }: SlotPatch): unknown {
  const { exact } = parseJson(text);
  const patched = applyPatch(exact, patch, guard) as JsonObject;
  const isAlone = printJson(without(patched, 'status')) === printJson(without(exact as JsonObject, 'status'));
  return isAlone ? patched['status'] : undefined;
}
