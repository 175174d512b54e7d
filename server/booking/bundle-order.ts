import { setImmediate } from 'node:timers/promises';
import type { Appointment } from 'fhir/r4.js';
import { Fault, fault, type FaultKind } from '../base/fault.js';
import { occupies } from '../claims/index.js';
import type { DocumentKey } from '../store/index.js';
import type { Draft } from './draft.js';
import type { TransactionEntry } from './types.js';

/** How often entries of one transaction wait for others, each time counted: a chain of moves may need every pass. */
export const ENTRY_WAITS_MAX = 2_000;

/** The deletions come first, whatever their order, and then what rests on nothing before what rests on it. */
const WRITE_ORDER: readonly string[] = ['Schedule', 'Slot', 'Appointment'];
const METHOD_ORDER: readonly string[] = ['create', 'update', 'patch'];

/** What another entry may make good: it frees the time, or makes what is missing. */
const MENDED_BY_OTHERS: readonly FaultKind[] = ['conflict', 'rule'];

/** An entry whose resource is known by its id. */
export interface Placed {
  readonly entry: TransactionEntry;
  readonly id: string;
  /** What a condition found: nothing is to be created, or what was found is to be written. */
  readonly isFound: boolean;
  /** The document of a condition that found nothing. */
  readonly guard?: DocumentKey;
}

/** An entry that was refused as things stood. */
interface Waiting {
  readonly place: Placed;
  readonly fault: Fault;
}

/**
 * Stages entries so that the outcome is the same in whatever order they are listed, as
 * https://hl7.org/fhir/R4/http.html#trules demands: one that cannot have a time waits until the others have freed
 * theirs. All must hold together at the end, so each one staged takes from the others nothing that they could have had.
 * Two that each wait for the time of the other are refused.
 *
 * @throws {Fault} what `stage` throws of an entry that no other one makes possible; `too-costly` beyond
 *   {@link ENTRY_WAITS_MAX}
 */
export async function stageInTurns(
  draft: Pick<Draft, 'puts'>,
  placed: readonly Placed[],
  stage: (place: Placed) => Promise<void>,
): Promise<void> {
  let waits = 0;
  for (let left = inOrder(placed); left.length > 0;) {
    const refused = await stageOnce(draft, left, stage);
    const [first] = [...refused].sort((a, b) => a.place.entry.at - b.place.entry.at);
    if (first && refused.length === left.length) throw first.fault;
    waits += refused.length;
    if (waits > ENTRY_WAITS_MAX) throw tooManyWaits();
    // A row of moves, each into the time of the next, comes out in one pass from its end.
    left = refused.map(({ place }) => place).reverse();
  }
}

/** Stages what can be, each once; between two of them others get their turn. @returns those that wait */
async function stageOnce(
  draft: Pick<Draft, 'puts'>,
  left: readonly Placed[],
  stage: (place: Placed) => Promise<void>,
): Promise<readonly Waiting[]> {
  const refused: Waiting[] = [];
  for (const place of left) {
    await setImmediate();
    const { puts } = draft;
    try {
      await stage(place);
    } catch (error) {
      // Of what was staged in part, nothing may be committed.
      if (!(error instanceof Fault) || !mayBeMended(error) || draft.puts > puts) throw error;
      refused.push({ place, fault: error });
    }
  }
  return refused;
}

function mayBeMended({ reasons }: Fault): boolean {
  return reasons.every(({ kind }) => MENDED_BY_OTHERS.includes(kind));
}

function tooManyWaits(): Fault {
  const message = `Entries waited ${ENTRY_WAITS_MAX} times for others to free their time. Send several transactions.`;
  return fault('too-costly', message, 'Bundle.entry');
}

/** What gives its time up goes before what takes one; what is equal goes by id, not by its place in the Bundle. */
function inOrder(placed: readonly Placed[]): readonly Placed[] {
  const deletions = placed.filter(({ entry }) => entry.act.kind === 'delete');
  const writes = placed.filter(({ entry }) => entry.act.kind !== 'delete');
  return [
    ...deletions.sort((a, b) => rankOf(b) - rankOf(a) || byId(a, b)),
    ...writes.sort(
      (a, b) => rankOf(a) - rankOf(b) || takesTime(a) - takesTime(b) || methodOf(a) - methodOf(b) || byId(a, b),
    ),
  ];
}

function rankOf({ entry }: Placed): number {
  return WRITE_ORDER.indexOf(entry.type);
}

function methodOf({ entry }: Placed): number {
  return METHOD_ORDER.indexOf(entry.act.kind);
}

/** 0 for an Appointment that is written without a time, else 1. */
function takesTime({ entry: { type, act } }: Placed): number {
  if (type !== 'Appointment' || act.kind !== 'update') return 1;
  const status = (act.body.plain as Partial<Appointment> | null)?.status;
  return status === undefined || occupies(status) ? 1 : 0;
}

/** New ids were given in the order of the Bundle, and any other would do as well. */
function byId(a: Placed, b: Placed): number {
  if (a.entry.act.kind === 'create' || a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
