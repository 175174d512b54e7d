import { isLive, takesPlace } from './live.js';
import { conflict, type ClaimRefusal, type ClaimRequest } from './refusal.js';
import type { Claim } from './types.js';

/** What a key or a caller's name opens. */
export type Opener = Pick<ClaimRequest, 'keyHash' | 'caller'>;

/**
 * Whether somebody opens a lock or a hold by the key it was made with. A lock without a key opens to the caller who
 * made it, and to all when nobody knows who that was; a hold without a key is opened by nothing.
 */
export function opens(claim: Claim, { keyHash, caller }: Opener): boolean {
  if (claim.keyHash !== undefined) return claim.keyHash === keyHash;
  return claim.kind === 'locked' && (claim.owner === undefined || claim.owner === caller);
}

/** Why a lock stays closed to a request: whoever wants a lock of his own meets one, and brings no wrong key. */
export function refusalOfLock(lock: Claim, request: Opener & Pick<ClaimRequest, 'kind'>): ClaimRefusal {
  const isWrong = request.kind !== 'locked' && isWrongKey(lock, request);
  return { ...conflict(isWrong ? 'wrong-key' : 'locked', lock.slot), ...(isWrong && { kind: 'forbidden' }) };
}

/**
 * Why holds leave no place. A booking may bring the key of one of them; the key of a new hold is its own.
 *
 * @param holds of the time asked for, none of which the request opens
 */
export function refusalOfHolds(
  holds: readonly Claim[],
  request: Opener & Pick<ClaimRequest, 'kind'>,
  slot: string | undefined,
): ClaimRefusal {
  const isWrong = request.kind === 'booked' && holds.some((hold) => isWrongKey(hold, request));
  return { ...conflict(isWrong ? 'wrong-key' : 'held', slot), ...(isWrong && { kind: 'forbidden' }) };
}

/**
 * Why somebody may not act on a lock or hold (book, renew, confirm, move, release, unlock it): one refusal for each of
 * its live claims that asks for another key than came. Claims that somebody booked ask for none.
 *
 * @param by `Appointment/a1` of a hold, `Slot/x` of a lock
 */
export function keyRefusals(
  claims: readonly Claim[],
  by: string,
  opener: Opener,
  nowMs: number,
): readonly ClaimRefusal[] {
  const asking = claims.filter((claim) => {
    if (claim.by !== by || !isLive(claim, nowMs)) return false;
    return claim.kind === 'locked' ? !opens(claim, opener) : asksForKey(claim, opener);
  });
  return asking.map((claim) =>
    takesPlace(claim)
      ? refusalOfHolds([claim], { ...opener, kind: 'booked' }, claim.slot)
      : refusalOfLock(claim, { ...opener, kind: 'booked' }),
  );
}

/** The same for the holds that a request has already or frees. A new lock is asked for its key where the old one is. */
export function ownKeyRefusals(
  claims: readonly Claim[],
  request: ClaimRequest,
  nowMs: number,
): readonly ClaimRefusal[] {
  if (request.kind === 'locked') return [];
  return [request.by, ...(request.freeing ?? [])].flatMap((by) => keyRefusals(claims, by, request, nowMs));
}

/** The holder of a hold without a key acts on it by its id. */
function asksForKey(claim: Claim, { keyHash }: Opener): boolean {
  return claim.kind === 'held' && claim.keyHash !== undefined && claim.keyHash !== keyHash;
}

function isWrongKey(claim: Claim, { keyHash }: Opener): boolean {
  return keyHash !== undefined && claim.keyHash !== undefined && claim.keyHash !== keyHash;
}
