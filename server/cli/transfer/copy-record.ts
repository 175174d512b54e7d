import type { DocumentKey, Store } from '../../store/index.js';
import { Failure } from '../failure.js';

/** The document by which a store tells that a copy into it is not finished. Its type is no FHIR type. */
export const COPY_KEY: DocumentKey = { type: 'UnfinishedCopy', id: 'copy' };

/** How far a copy has come. */
export interface CopyState {
  /** What is copied, without secrets. */
  readonly source: string;
  /** Where the next page begins in the source; absent: at its beginning. */
  readonly place?: string;
  /** Versions written so far. */
  readonly versions: number;
  /** Whether every page was written, so that only the comparison is missing. */
  readonly written: boolean;
}

type Target = Pick<Store, 'read' | 'scan' | 'commit'>;

/** The progress of a copy, kept in its target, and with it the claim that nobody else writes there. */
export class CopyRecord {
  private constructor(
    private readonly target: Target,
    private readonly name: string,
    private revision: number,
    public state: CopyState,
  ) {}

  /**
   * The record of a copy that was cut short, or a new one where the target is empty; nothing is written yet.
   *
   * @param name of the target, for the person
   * @throws {Failure} for a target that holds anything else
   */
  static async of(target: Target, name: string, source: string): Promise<CopyRecord> {
    const found = await target.read(COPY_KEY);
    if (found) {
      const state = JSON.parse(found.text) as CopyState;
      if (state.source === source) return new CopyRecord(target, name, found.revision, state);
      throw new Failure(
        `The store ${name} holds an unfinished copy of ${state.source}: finish that one, or name an empty store.`,
      );
    }
    if (!(await isEmpty(target))) {
      throw new Failure(
        `The store ${name} holds documents already, and a copy would mix with them: name an empty store; ` +
          'a file or database that is not there yet is made.',
      );
    }
    return new CopyRecord(target, name, 0, { source, versions: 0, written: false });
  }

  /** @throws {Failure} where somebody else copies into the same store */
  async keep(state: CopyState): Promise<void> {
    const { committed } = await this.target.commit([
      {
        ...{ kind: 'put', ...COPY_KEY, expectedRevision: this.revision, updatedMs: 0, deleted: false },
        ...{ text: JSON.stringify(state), index: {}, order: { timeMs: null, text: '' }, keepHistory: false },
      },
    ]);
    this.#refuseOthers(committed);
    this.revision += 1;
    this.state = state;
  }

  /** The copy is whole: from now on the store is one like any other. */
  async remove(): Promise<void> {
    const write = { kind: 'remove', ...COPY_KEY, expectedRevision: this.revision } as const;
    this.#refuseOthers((await this.target.commit([write])).committed);
  }

  #refuseOthers(committed: boolean): void {
    if (!committed) throw new Failure(`Another command copies into the store ${this.name}: wait until it has ended.`);
  }
}

async function isEmpty(store: Pick<Store, 'scan'>): Promise<boolean> {
  let place: string | undefined;
  do {
    const { versions, next } = await store.scan(place, 1);
    if (versions.length > 0) return false;
    place = next;
  } while (place !== undefined);
  return true;
}

/** @throws {Failure} for a store that is itself an unfinished copy */
export async function refuseUnfinished(store: Pick<Store, 'read'>, name: string): Promise<void> {
  if (!(await store.read(COPY_KEY))) return;
  throw new Failure(`The store ${name} is an unfinished copy: run the command that made it again, to its end.`);
}
