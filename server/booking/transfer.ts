import type { FhirResource, Schedule } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import { isServedType, localReference, type IndexValues } from '../fhir/index.js';
import { naturalOrderOf, UNORDERED, type Filter } from '../search/index.js';
import type { RestoredVersion, Store, StoredVersion } from '../store/index.js';
import { resourceIndex } from './resource-index.js';
import { zoneOfSchedule } from './schedule-facts.js';
import { resourceOf } from './schedule-reader.js';
import { UNIT_TYPE, unitIndex } from './unit-book.js';

/** What the index values of a version rest on beside its text. */
export interface IndexGround {
  /** IANA zone of its bare dates. */
  readonly zone: string;
  /** The base URL under which it was written, where its references name that. */
  readonly base?: string;
}

/** What no search finds. */
const NOT_INDEXED = { index: {}, order: UNORDERED } as const;

/** Whether a reference of a text may be absolute: few are, and only those need a closer look. */
const ABSOLUTE_REFERENCE = /"reference"\s*:\s*"[^"]*:\/\//;
/** An absolute reference as the index has it: the base, then type and id. */
const ABSOLUTE_TARGET = /^(\S+:\/\/\S+)\/[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9\-.]{1,64}$/;

/**
 * Finds out what the index values of a version rest on in the store that it comes from.
 *
 * @param defaultZone the DEFAULT_TIMEZONE of the servers that wrote to this store
 */
export async function groundOf(
  version: StoredVersion,
  source: Pick<Store, 'count' | 'readMany'>,
  defaultZone: string,
): Promise<IndexGround> {
  const { type, text } = version;
  const isSchedule = type === 'Schedule' && text.includes('"planningHorizon"');
  if (!isIndexed(version) || !(isSchedule || ABSOLUTE_REFERENCE.test(text))) return { zone: defaultZone };
  const resource = resourceIn(version);
  const base = await baseOf(resourceIndex(resource, version.id, defaultZone, undefined), version, source);
  const zone = isSchedule ? await zoneOf(resource as Schedule, version.id, base, source, defaultZone) : defaultZone;
  return { zone, ...(base !== undefined && { base }) };
}

/**
 * A version with its index values, made anew from its text.
 *
 * @throws {Fault} `invalid` for a current resource whose text is none of its type
 */
export function indexed(version: StoredVersion, { zone, base }: IndexGround): RestoredVersion {
  if (version.type === UNIT_TYPE && version.current) return { ...version, ...NOT_INDEXED, index: unitIndex(version) };
  if (!isIndexed(version)) return { ...version, ...NOT_INDEXED };
  const index = resourceIndex(resourceIn(version), version.id, zone, base);
  return { ...version, index, order: naturalOrderOf(version.type, index) };
}

/** Other records of ours, what is deleted and what is history have no index values. */
function isIndexed({ type, current, deleted }: StoredVersion): boolean {
  return current && !deleted && isServedType(type);
}

function resourceIn({ type, id, text }: StoredVersion): FhirResource {
  try {
    const resource = JSON.parse(text) as FhirResource | null;
    if (resource?.resourceType === type) return resource;
  } catch {
    // Said below, whatever is wrong with the text.
  }
  throw fault('invalid', `The text of ${type}/${id} is no ${type}.`);
}

/**
 * The base URL under which a resource was written. Servers take requests under several, and no document names its
 * own; but a reference that begins with it is not in the index of the store as it is written.
 *
 * @param index with every absolute reference as it is written
 */
async function baseOf(
  index: IndexValues,
  { type, id }: StoredVersion,
  source: Pick<Store, 'count'>,
): Promise<string | undefined> {
  const asked = new Set<string>();
  for (const [param, values] of Object.entries(index)) {
    for (const value of values) {
      const base = value.kind === 'reference' ? ABSOLUTE_TARGET.exec(value.target)?.[1] : undefined;
      if (value.kind !== 'reference' || base === undefined || asked.has(base)) continue;
      asked.add(base);
      const own: Filter = { kind: 'token', param: '_id', code: id };
      const asWritten: Filter = { kind: 'reference', param, target: value.target };
      if ((await source.count(type, { kind: 'all', of: [own, asWritten] })) === 0) return base;
    }
  }
  return undefined;
}

async function zoneOf(
  schedule: Schedule,
  id: string,
  base: string | undefined,
  source: Pick<Store, 'readMany'>,
  defaultZone: string,
): Promise<string> {
  const actors = resourceIndex(schedule, id, defaultZone, base)['actor'] ?? [];
  const keys = actors.flatMap((value) => (value.kind === 'reference' ? (localReference(value.target, []) ?? []) : []));
  return zoneOfSchedule(schedule, (await source.readMany(keys)).flatMap(resourceOf), defaultZone);
}
