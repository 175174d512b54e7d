import { createHash } from 'node:crypto';
import { fault } from '../base/fault.js';
import type { Caller, Idempotency } from '../booking/index.js';

/** The longest `Idempotency-Key`: a UUID has 36. */
export const IDEMPOTENCY_KEY_CHARACTERS_MAX = 255;

/** A string of structured fields (RFC 9651 §3.3.3), as the draft asks; bare, as most clients send it. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
const BARE = /^[\x21\x23-\x2b\x2d-\x7e]+$/;

/** What of a request must be the same when its key comes again. */
interface Repeatable {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly body: string | undefined;
}

/**
 * The header `Idempotency-Key`: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 *
 * Callers without an API key share one room of keys: on its second try a client may come from another address. Keys are
 * long and random, so that nobody meets another's by chance.
 * @throws {Fault} `invalid`
 */
export function idempotencyOf(
  header: string | readonly string[] | undefined,
  caller: Caller | undefined,
  { method, url, body }: Repeatable,
): { readonly idempotency?: Idempotency } {
  if (header === undefined) return {};
  const key = keyIn(String(header));
  const room = caller && !caller.byAddress ? ['key', caller.name] : ['none'];
  return { idempotency: { id: hashOf([...room, key]), fingerprint: hashOf([method, url, body ?? '']) } };
}

function keyIn(header: string): string {
  const key = QUOTED.exec(header)?.[1] ?? BARE.exec(header)?.[0] ?? '';
  if (key.length >= 1 && key.length <= IDEMPOTENCY_KEY_CHARACTERS_MAX) return key;
  const shape = `1 to ${IDEMPOTENCY_KEY_CHARACTERS_MAX} characters of ASCII, in quotes, such as a UUID`;
  throw fault('invalid', `Idempotency-Key is one key: ${shape}.`, 'Idempotency-Key');
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
