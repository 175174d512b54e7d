import type { Clock } from '../../base/clock.js';
import type { ErrorStyle } from './errors.js';
import { PLANS, type Plan } from './rate-limit.js';
import type { WeekStart } from './time-slot.js';
import { makeWebhooks, postByHttp, type Post, type Tell, type Webhook } from './webhooks.js';

/** What the reference leaves to whoever runs the server. */
export interface TimeSlotsSettings {
  /** Which day 0 is. */
  readonly weekStart: WeekStart;
  readonly errorStyle: ErrorStyle;
  /** A date that is not of the weekday of its time slot is refused. */
  readonly strictWeekday: boolean;
  /** How many requests a key may make; absent: any number. */
  readonly plan?: Plan;
}

/** The same as it is set; what is absent is as the reference recommends. */
export interface TimeSlotsChoices {
  readonly weekStart?: WeekStart;
  readonly errorStyle?: ErrorStyle;
  readonly strictWeekday?: 'on' | 'off';
  readonly plan?: 'off' | keyof typeof PLANS | Plan;
  /** Who is told of bookings, and what signs the messages. */
  readonly webhooks?: readonly Webhook[] | undefined;
  readonly webhookSecret?: string | undefined;
  /** How messages are sent; absent: by HTTP. */
  readonly post?: Post;
}

/** The settings that choices come to. */
export function settingsOf({
  weekStart,
  errorStyle,
  strictWeekday,
  plan = 'off',
}: TimeSlotsChoices): TimeSlotsSettings {
  const chosen = typeof plan === 'string' ? (plan === 'off' ? undefined : PLANS[plan]) : plan;
  return {
    weekStart: weekStart ?? 'monday',
    errorStyle: errorStyle ?? 'flat',
    strictWeekday: strictWeekday === 'on',
    ...(chosen && { plan: chosen }),
  };
}

/** Who tells of bookings. */
export function tellOf(
  { webhooks = [], webhookSecret, post = postByHttp }: TimeSlotsChoices,
  deps: { readonly clock: Clock; readonly log: { error(fields: object, message: string): void } },
): Tell {
  const secret = webhookSecret === undefined ? {} : { secret: webhookSecret };
  return makeWebhooks({ ...deps, webhooks, ...secret, post, wait: waitByTimer });
}

/** Waits without keeping the process alive. */
function waitByTimer(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
