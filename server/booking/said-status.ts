import { Fault } from '../base/fault.js';
import type { BusyStatus, SlotStatus } from '../claims/index.js';
import { applyPatch, isObject, parseJson, type FhirPathGuard, type ParsedJson, type Patch } from '../fhir/index.js';
import type { Placed } from './bundle-order.js';
import type { Draft } from './draft.js';
import { inEntry } from './in-entry.js';
import type { Interactions } from './stage-interactions.js';

/** What an entry of a transaction says of the status of its Slot. */
export interface Said {
  readonly place: Placed;
  readonly status: BusyStatus;
}

const BUSY: readonly unknown[] = ['busy', 'busy-tentative', 'busy-unavailable'] satisfies BusyStatus[];

/**
 * The status with which an entry closes a Slot, to be asked before it is staged; undefined where it says none. A patch
 * that leaves the status alone says nothing; one that rests on it says what it has found.
 *
 * @param patch of the entry, if it is one, as it is applied
 */
export async function saidOf(
  draft: Draft,
  place: Placed,
  patch: Patch | undefined,
  guard: FhirPathGuard,
): Promise<Said | undefined> {
  const { entry, id } = place;
  const { type, act } = entry;
  if (type !== 'Slot') return undefined;
  const body = act.kind === 'update' ? act.body.plain : undefined;
  const status = patch ? patchedStatus(await draft.get({ type, id }), patch, guard) : statusOf(body);
  return BUSY.includes(status) ? { place, status: status as BusyStatus } : undefined;
}

/**
 * A Slot that is sent as its bookings make it does not hold its time by itself; where other entries have given that
 * time up, it does now. So what a transaction closes is closed at its end, whichever entry came first.
 *
 * @throws {Fault} `conflict` for a Slot whose time others have
 */
export async function holdSaid(draft: Draft, interactions: Interactions, said: readonly Said[]): Promise<void> {
  // One that is closed to others by itself would keep the time from one that is to be busy.
  const inOrder = [...said].sort((a, b) => rankOf(a) - rankOf(b) || (a.place.id < b.place.id ? -1 : 1));
  for (const { place, status } of inOrder) {
    const key = { type: 'Slot', id: place.id };
    const left = await draft.get(key);
    if (!left || left.deleted || isHeld(statusOf(parseJson(left.text).plain), status)) continue;
    const body = withStatus(parseJson(left.text), status);
    await inEntry(place.entry.at, () => interactions.update(key.type, key.id, body));
  }
}

/** Busy by a booking or a hold is busy; closed to others is so only by itself. */
function isHeld(left: unknown, said: BusyStatus): boolean {
  return left === said || (said !== 'busy-unavailable' && (left === 'busy' || left === 'busy-tentative'));
}

function rankOf({ status }: Said): number {
  return status === 'busy-unavailable' ? 1 : 0;
}

function patchedStatus(
  left: { readonly text: string; readonly deleted: boolean } | undefined,
  patch: Patch,
  guard: FhirPathGuard,
): unknown {
  if (!left || left.deleted) return undefined;
  const slot = parseJson(left.text);
  try {
    return statusOf(applyPatch(withStatus(slot, 'free').exact, patch, guard));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return statusOf(slot.plain);
  }
}

function statusOf(tree: unknown): unknown {
  return isObject(tree) ? tree['status'] : undefined;
}

function withStatus({ plain, exact }: ParsedJson, status: SlotStatus): ParsedJson {
  const said = (tree: unknown) => (isObject(tree) ? { ...tree, status } : tree);
  return { plain: said(plain), exact: said(exact) };
}
