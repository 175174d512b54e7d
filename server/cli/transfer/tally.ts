import { createHash } from 'node:crypto';
import type { Store, StoredVersion } from '../../store/index.js';
import { versionsOf } from './pages.js';

/** How many versions of one type there are, and a hash of them all. */
export interface TypeTally {
  readonly versions: number;
  /** SHA-256 of each version, added up modulo 2^256: the same in whatever order they come. 64 hex digits. */
  readonly hash: string;
}

const HASH_BITS = 256;
const HASH_DIGITS = 64;

/** Counts and hashes versions by type: two stores with equal tallies hold the same. */
export class Tally {
  readonly #types = new Map<string, { versions: number; sum: bigint }>();
  versions = 0;

  add({ type, id, revision, updatedMs, deleted, current, text }: StoredVersion): void {
    const content = JSON.stringify([type, id, revision, updatedMs, deleted, current, text]);
    const hash = BigInt(`0x${createHash('sha256').update(content).digest('hex')}`);
    const before = this.#types.get(type) ?? { versions: 0, sum: 0n };
    this.#types.set(type, {
      versions: before.versions + 1,
      sum: BigInt.asUintN(HASH_BITS, before.sum + hash),
    });
    this.versions += 1;
  }

  /** By type, in the order of their names. */
  types(): Readonly<Record<string, TypeTally>> {
    const names = [...this.#types.keys()].sort();
    return Object.fromEntries(
      names.map((name) => {
        const { versions, sum } = this.#types.get(name)!;
        return [name, { versions, hash: sum.toString(16).padStart(HASH_DIGITS, '0') }];
      }),
    );
  }
}

/** @param onRead told how many versions were read since it was told last */
export async function tallyOf(store: Pick<Store, 'scan'>, onRead: (versions: number) => void): Promise<Tally> {
  const tally = new Tally();
  for await (const { versions } of versionsOf(store)) {
    for (const version of versions) tally.add(version);
    onRead(versions.length);
  }
  return tally;
}

/** Whether two tallies say the same of a type. */
export function isSame(a: TypeTally | undefined, b: TypeTally | undefined): boolean {
  return a?.versions === b?.versions && a?.hash === b?.hash;
}

/** The types of which two tallies say something else. */
export function differences(a: Tally, b: Tally): readonly string[] {
  const [left, right] = [a.types(), b.types()];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
  return names.filter((name) => !isSame(left[name], right[name]));
}
