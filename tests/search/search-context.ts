import { Fault } from '../../server/base/fault.js';
import type { SearchContext } from '../../server/search/index.js';

export const BASE = 'http://slots.example/fhir';

/** 2027-03-01T00:00Z, UTC, one base. */
export const CONTEXT: SearchContext = {
  nowMs: Date.parse('2027-03-01T00:00:00Z'),
  zone: 'UTC',
  ownBases: [BASE],
  strict: false,
  countDefault: 50,
};

/** The query string of a request as pairs, decoded as a server decodes it: `+` is a space. */
export function params(query: string): [string, string][] {
  return [...new URLSearchParams(query)];
}

/** The kind, parameter and text of the refusal that a call throws. */
export function refusal(call: () => unknown): { kind: string; expression: string | undefined; message: string } {
  try {
    call();
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return { kind: thrown.kind, expression: thrown.reasons[0]?.expression, message: thrown.message };
  }
  throw new Error('Nothing was refused.');
}
