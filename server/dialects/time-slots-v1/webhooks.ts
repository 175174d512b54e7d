import { createHmac } from 'node:crypto';
import type { Clock } from '../../base/clock.js';
import { utcText } from './times.js';

/** What happened to a booking. */
export type BookingEvent = 'bookings.create' | 'bookings.update' | 'bookings.delete';

/** Tells whoever listens. Never waits, and never fails. @param booking as JSON @param service its number */
export type Tell = (event: BookingEvent, booking: object, service: number) => void;

/** Who listens. */
export interface Webhook {
  readonly url: string;
  /** Absent: all services. */
  readonly service?: number;
  /** Absent: all events. */
  readonly events?: readonly string[];
}

/** Sends one message. @returns the status of the answer @throws {Error} where there is none within time */
export type Post = (url: string, body: string, headers: Readonly<Record<string, string>>) => Promise<number>;

export interface WebhooksDeps {
  readonly webhooks: readonly Webhook[];
  /** Signs the bodies; absent: they are not signed. */
  readonly secret?: string;
  readonly clock: Clock;
  readonly post: Post;
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  readonly log: { error(fields: object, message: string): void };
}

/** The pauses between the tries of one message: the reference wants up to five tries. */
const PAUSES_MS = [1_000, 5_000, 30_000, 120_000];

/** So many messages may be on their way; beyond, new ones are dropped and logged, since nobody takes the old ones. */
export const MESSAGES_MAX = 1_000;

/**
 * Tells webhooks of bookings (the reference's section 5.6). What is on its way lies in memory: a server that stops
 * forgets it, and receivers must cope with repeats and gaps alike.
 */
export function makeWebhooks(deps: WebhooksDeps): Tell {
  const { webhooks, secret, clock, log } = deps;
  let underWay = 0;
  return (event, booking, service) => {
    const listening = webhooks.filter((one) => listensTo(one, event, service));
    if (listening.length === 0) return;
    const body = JSON.stringify({ event_type: event, bookings: [booking], timestamp: utcText(clock.nowMs()) });
    const signature = secret === undefined ? {} : { 'X-Webhook-Signature': signatureOf(body, secret) };
    const headers = { 'Content-Type': 'application/json', ...signature };
    for (const { url } of listening) {
      if (underWay >= MESSAGES_MAX) {
        log.error({ event }, 'webhook message dropped: too many are on their way');
        continue;
      }
      underWay += 1;
      void deliver(deps, url, body, headers).then((isDelivered) => {
        underWay -= 1;
        if (!isDelivered) log.error({ event }, 'webhook message given up');
      });
    }
  };
}

function listensTo({ service, events }: Webhook, event: BookingEvent, number: number): boolean {
  return (service === undefined || service === number) && (events?.includes(event) ?? true);
}

function signatureOf(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

async function deliver(
  { post, wait }: WebhooksDeps,
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<boolean> {
  for (const pauseMs of [...PAUSES_MS, undefined]) {
    const status = await post(url, body, headers).catch(() => 0);
    if (status >= 200 && status < 300) return true;
    if (pauseMs !== undefined) await wait(pauseMs);
  }
  return false;
}

/** How long a receiver may take. */
const ANSWER_MS = 5_000;

/** Sends by HTTP. Redirects are not followed: a receiver is where the settings say. */
export const postByHttp: Post = async (url, body, headers) => {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const answer = await fetch(url, { method: 'POST', body, headers, signal, redirect: 'manual' });
  await answer.body?.cancel();
  return answer.status;
};
