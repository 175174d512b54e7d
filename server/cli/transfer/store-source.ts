import { groundOf, indexed, type IndexGround } from '../../booking/index.js';
import type { Store, StoredVersion } from '../../store/index.js';
import { versionsOf } from './pages.js';
import { tallyOf } from './tally.js';
import type { VersionSource } from './transfer.js';

/** A version with what its index values rest on. */
export interface GroundedVersion {
  readonly version: StoredVersion;
  readonly ground: IndexGround;
}

/** A page of a store whose versions can be indexed without that store. */
interface GroundedPage {
  readonly versions: readonly GroundedVersion[];
  readonly next?: string;
}

/** All versions of a store from a place on, each with what its index values rest on. */
export async function* groundedVersions(
  store: Store,
  defaultZone: string,
  from?: string,
): AsyncGenerator<GroundedPage> {
  for await (const { versions, next } of versionsOf(store, from)) {
    const grounds = await Promise.all(versions.map((version) => groundOf(version, store, defaultZone)));
    const grounded = versions.map((version, at) => ({ version, ground: grounds[at] ?? { zone: defaultZone } }));
    yield { versions: grounded, ...(next !== undefined && { next }) };
  }
}

/** @param name of the store, without secrets */
export function storeSource(store: Store, name: string, defaultZone: string): VersionSource {
  return {
    name,
    tally: (onRead) => tallyOf(store, onRead),
    async *pages(place) {
      for await (const { versions, ...rest } of groundedVersions(store, defaultZone, place)) {
        yield { versions: versions.map(({ version, ground }) => indexed(version, ground)), ...rest };
      }
    },
  };
}
