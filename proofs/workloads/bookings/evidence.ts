/** What is in the store after the load, read past every server. */
import type { Appointment } from 'fhir/r4.js';
import type { Store, StoredVersion } from '../../../server/store/index.js';
import type { Agendas } from './agendas.js';
import { seenOf, type Seen } from './told.js';

const PAGE = 1_000;

/** One version of an Appointment in the store. */
export interface Version {
  readonly revision: number;
  readonly current: boolean;
  readonly updatedMs: number;
  /** Undefined: with this version it was deleted. */
  readonly seen: Seen | undefined;
}

/** A claim as it stands in a unit; of more than this nothing is looked at. */
export interface StoredClaim {
  readonly by: string;
  readonly kind: string;
  readonly slot?: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly untilMs?: number;
}

export interface Evidence {
  readonly nowMs: number;
  /** Of each Appointment of the run, by its id, the oldest version first. */
  readonly versions: ReadonlyMap<string, readonly Version[]>;
  /** By the id of the unit: `Practitioner/…-d1/43902`. */
  readonly claims: ReadonlyMap<string, readonly StoredClaim[]>;
}

/** Reads every document of the run. */
export async function readEvidence(store: Store, agendas: Agendas, nowMs: number): Promise<Evidence> {
  const timelines = new Set(agendas.places.flatMap((place) => place.timelines));
  const documents = new Map<string, StoredVersion[]>();
  const claims = new Map<string, readonly StoredClaim[]>();
  let place: string | undefined;
  do {
    const page = await store.scan(place, PAGE);
    for (const version of page.versions) {
      const { type, id, text, current } = version;
      if (type === 'Appointment') documents.set(id, [...(documents.get(id) ?? []), version]);
      if (type !== 'Unit' || !current || !timelines.has(id.replace(/\/-?\d+$/, ''))) continue;
      claims.set(id, (JSON.parse(text) as { readonly claims?: readonly StoredClaim[] }).claims ?? []);
    }
    place = page.next;
  } while (place !== undefined);
  const ours = [...documents].filter(([, versions]) => versions.some(({ text }) => text.includes(agendas.marks)));
  const versions = new Map(ours.map(([id, found]) => [id, found.map(versionOf).toSorted(byRevision)]));
  return { nowMs, versions, claims };
}

/** The version that stands now; undefined for a deleted Appointment. */
export function standing(versions: readonly Version[]): Seen | undefined {
  return versions.find(({ current }) => current)?.seen;
}

function versionOf({ revision, current, updatedMs, deleted, text }: StoredVersion): Version {
  return { revision, current, updatedMs, seen: deleted ? undefined : seenOf(JSON.parse(text) as Appointment) };
}

function byRevision(one: Version, other: Version): number {
  return one.revision - other.revision;
}
