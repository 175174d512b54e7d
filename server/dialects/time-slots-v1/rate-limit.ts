import type { Clock } from '../../base/clock.js';
import { ApiError } from './errors.js';

/** How many requests a key may make. */
export interface Plan {
  readonly perSecond: number;
  /** At once, after a pause. */
  readonly burst: number;
  /** In a calendar month of UTC. */
  readonly perMonth: number;
}

/** The plans of the reference's section 5.5; the last one has no figure for the month there. */
export const PLANS = {
  starter: { perSecond: 5, burst: 10, perMonth: 10_000 },
  developer: { perSecond: 10, burst: 20, perMonth: 50_000 },
  growth: { perSecond: 20, burst: 50, perMonth: Infinity },
} as const satisfies Readonly<Record<string, Plan>>;

/** So many keys are counted; of more, the one that came first is forgotten, and begins anew. */
export const KEYS_MAX = 10_000;

/** What an answer says of the limit, or the refusal. */
export interface RateAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly refusal?: ApiError;
}

interface Counted {
  /** Requests that may come at once, as of `atMs`. */
  readonly tokens: number;
  readonly atMs: number;
  readonly month: string;
  readonly inMonth: number;
}

/** Counts the requests of each key, in the memory of this server. */
export class RateLimit {
  readonly #counted = new Map<string, Counted>();

  constructor(
    private readonly plan: Plan,
    private readonly clock: Clock,
  ) {}

  /** Counts one request of a key. */
  take(key: string): RateAnswer {
    const { perSecond, burst, perMonth } = this.plan;
    const nowMs = this.clock.nowMs();
    const { tokens, month, inMonth } = this.#asOf(key, nowMs);
    const isOverMonth = inMonth >= perMonth;
    const passes = tokens >= 1 && !isOverMonth;
    const left = passes ? tokens - 1 : tokens;
    this.#keep(key, { tokens: left, atMs: nowMs, month, inMonth: passes ? inMonth + 1 : inMonth });
    const secondsToFull = Math.ceil((burst - left) / perSecond);
    const headers = {
      'X-RateLimit-Limit': String(burst),
      'X-RateLimit-Remaining': String(Math.floor(left)),
      'X-RateLimit-Reset': String(Math.ceil(nowMs / 1_000) + secondsToFull),
    };
    if (passes) return { headers };
    const retryAfterSeconds = isOverMonth ? secondsToNextMonth(nowMs) : Math.ceil((1 - tokens) / perSecond);
    const code = isOverMonth ? 'api_limit_exceeded' : 'rate_limit_exceeded';
    const message = isOverMonth ? 'API limit of this month exceeded' : 'Rate limit exceeded';
    const refusal = new ApiError(code, message, { retryAfterSeconds });
    return { headers: { ...headers, 'Retry-After': String(retryAfterSeconds) }, refusal };
  }

  #asOf(key: string, nowMs: number): Omit<Counted, 'atMs'> {
    const { perSecond, burst } = this.plan;
    const month = monthOf(nowMs);
    const known = this.#counted.get(key);
    if (!known) return { tokens: burst, month, inMonth: 0 };
    const gained = (Math.max(0, nowMs - known.atMs) / 1_000) * perSecond;
    const tokens = Math.min(burst, known.tokens + gained);
    return { tokens, month, inMonth: known.month === month ? known.inMonth : 0 };
  }

  #keep(key: string, counted: Counted): void {
    if (!this.#counted.has(key) && this.#counted.size >= KEYS_MAX) {
      for (const oldest of this.#counted.keys()) {
        this.#counted.delete(oldest);
        break;
      }
    }
    this.#counted.set(key, counted);
  }
}

function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 'YYYY-MM'.length);
}

function secondsToNextMonth(nowMs: number): number {
  const now = new Date(nowMs);
  return Math.ceil((Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - nowMs) / 1_000);
}
