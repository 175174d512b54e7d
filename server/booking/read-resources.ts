import { fault } from '../base/fault.js';
import type { DocumentKey, Store, StoredDocument } from '../store/index.js';
import type { ComputedSlotReader } from './computed-slot-reader.js';
import type { ResourceVersion, Resources } from './types.js';

/** Reads of single resources, computed slots among them. */
export function makeReads(store: Store, computedSlots: ComputedSlotReader): Pick<Resources, 'read' | 'version'> {
  return {
    async read(type, id, context) {
      const found = await store.read({ type, id });
      const computed = !found && type === 'Slot' ? await computedSlots.find(id, context.base) : undefined;
      return computed ?? versionOf(standing(found, { type, id }));
    },

    async version(type, id, versionId) {
      const revision = /^[1-9]\d{0,14}$/.test(versionId) ? Number(versionId) : 0;
      const found = revision > 0 ? await store.version({ type, id }, revision) : undefined;
      if (!found) throw fault('not-found', `${type}/${id} has no version '${versionId}'.`);
      return versionOf(standing(found, { type, id }));
    },
  };
}

/** The document, if a resource stands there. @throws {Fault} `not-found`, `gone` */
export function standing(found: StoredDocument | undefined, { type, id }: DocumentKey): StoredDocument {
  if (!found) throw fault('not-found', `${type}/${id} does not exist.`);
  if (found.deleted) throw fault('gone', `${type}/${id} was deleted.`);
  return found;
}

function versionOf({ type, id, revision, updatedMs, text }: StoredDocument): ResourceVersion {
  return { type, id, versionId: String(revision), updatedMs, text };
}
