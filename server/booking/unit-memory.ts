import { readUnit, type Unit } from '../claims/index.js';
import type { DocumentKey } from '../store/index.js';
import { forgetOldest } from './forget-oldest.js';
import type { SeenDocuments } from './seen-documents.js';

/** How many unit days are remembered. */
const UNITS_REMEMBERED_MAX = 50_000;

/** Units that were read before: used again as long as the store names the same revision. */
export class UnitMemory {
  readonly #units = new Map<string, { readonly revision: number; readonly unit: Unit }>();

  /**
   * Moves into `units` what is remembered with the revision that was seen.
   *
   * @returns the keys of those that have to be read
   */
  recall<K extends DocumentKey>(keys: readonly K[], seen: SeenDocuments, units: Map<string, Unit>): readonly K[] {
    return keys.filter((key) => {
      const revision = seen.revision(key);
      if (revision === 0 || units.has(key.id)) return false;
      const known = this.#units.get(key.id);
      if (!known || known.revision !== revision) return true;
      units.set(key.id, known.unit);
      return false;
    });
  }

  /** Moves into `units` what was read of these, and remembers it. What is not there is left out. */
  keep(keys: readonly DocumentKey[], seen: SeenDocuments, units: Map<string, Unit>): void {
    for (const key of keys) {
      const document = seen.document(key);
      if (!document || units.has(key.id)) continue;
      const unit = readUnit(document.text);
      units.set(key.id, unit);
      forgetOldest(this.#units, UNITS_REMEMBERED_MAX);
      this.#units.set(key.id, { revision: document.revision, unit });
    }
  }
}
