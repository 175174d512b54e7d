import type { Clock } from '../base/clock.js';
import { fault } from '../base/fault.js';
import type { DocumentKey, Store, StoredDocument } from '../store/index.js';
import { asOf, passedVersions } from './as-of.js';
import type { ComputedSlotReader } from './computed-slot-reader.js';
import { BASE_INSIDE } from './inside.js';
import type { ResourceVersion, Resources } from './types.js';

/** Reads of single resources as they are now, computed slots and proposals among them. */
export function makeReads(
  store: Store,
  computedSlots: ComputedSlotReader,
  clock: Clock,
): Pick<Resources, 'read' | 'version'> {
  /** A version that came by itself, and that nobody has stored yet. */
  async function passedVersion(key: DocumentKey, revision: number): Promise<StoredDocument | undefined> {
    const current = await store.read(key);
    return current && passedVersions(current, clock.nowMs()).find((version) => version.revision === revision);
  }

  return {
    async read(type, id) {
      const found = await store.read({ type, id });
      const unstored = found ? undefined : await unstoredOf(computedSlots, type, id, BASE_INSIDE);
      return unstored ?? versionOf(asOf(standing(found, { type, id }), clock.nowMs()));
    },

    async version(type, id, versionId) {
      const revision = /^[1-9]\d{0,14}$/.test(versionId) ? Number(versionId) : 0;
      const key = { type, id };
      // The other way round, a version that is stored meanwhile would be missed both times.
      const found =
        revision > 0 ? ((await passedVersion(key, revision)) ?? (await store.version(key, revision))) : undefined;
      if (!found) throw fault('not-found', `${type}/${id} has no version '${versionId}'.`);
      return versionOf(standing(found, key));
    },
  };
}

/** A computed slot, or an Appointment that `$find` proposes. */
async function unstoredOf(computedSlots: ComputedSlotReader, type: string, id: string, base: string) {
  if (type === 'Slot') return computedSlots.find(id, base);
  return type === 'Appointment' ? computedSlots.findProposal(id, base) : undefined;
}

/** The document, if a resource stands there. @throws {Fault} `not-found`, `gone` */
export function standing(found: StoredDocument | undefined, { type, id }: DocumentKey): StoredDocument {
  if (!found) throw fault('not-found', `${type}/${id} does not exist.`);
  if (found.deleted) throw fault('gone', `${type}/${id} was deleted.`);
  return found;
}

/** A stored document as one version of its resource. */
export function versionOf({
  type,
  id,
  revision,
  updatedMs,
  text,
}: Omit<StoredDocument, 'deleted'>): ResourceVersion & { readonly updatedMs: number } {
  return { type, id, versionId: String(revision), updatedMs, text };
}
