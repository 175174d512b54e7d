import { isZone } from '../zones/index.js';

/** Reads the text of one setting. @throws {Error} with a text that ends the sentence "PORT must be …" */
export type Parser<T> = (text: string) => T;

/** @throws {Error} always: what the setting must be. */
function refuse(mustBe: string): never {
  throw new Error(mustBe);
}

/** A whole number, digits only, between two bounds that are allowed themselves. */
export function integerBetween(least: number, most: number): Parser<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    return value >= least && value <= most ? value : refuse(`a whole number from ${least} to ${most}`);
  };
}

/** A host name or an IP address to listen on, without port and scheme. */
export const host: Parser<string> = (text) =>
  /^[A-Za-z0-9_.:%-]{1,253}$/.test(text) ? text : refuse('a host name or an IP address, without scheme and port');

/**
 * One host or several, then the database, if it is named. Users and passwords are left to the driver, which says what
 * has to be escaped in them: https://www.mongodb.com/docs/manual/reference/connection-string/
 */
const MONGO_HOST = String.raw`(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.%-]+)(?::\d{1,5})?`;
const MONGO_URL = new RegExp(
  String.raw`^(?:mongodb://(?:\S+@)?${MONGO_HOST}(?:,${MONGO_HOST})*|mongodb\+srv://(?:\S+@)?[A-Za-z0-9_.-]+)` +
    String.raw`(?:/(?:[A-Za-z0-9_-]{1,63})?(?:\?\S*)?)?$`,
);

/** The scheme decides which store opens it; whether that store knows the rest shows when it is opened. */
export const storeUrl: Parser<string> = (text) => {
  if (/^mongodb\b/i.test(text) && !MONGO_URL.test(text)) {
    refuse('a URL such as mongodb://db1:27017,db2:27017/slots or mongodb+srv://db.example.org/slots');
  }
  if (/^[a-z][a-z0-9+]+:\S.*$/s.test(text)) return text;
  return refuse('a URL such as sqlite:./fhir-slots.db, sqlite::memory: or mongodb://127.0.0.1:27017/slots');
};

/** An absolute http or https URL; a slash at its end is dropped, since paths are appended with one. */
export const baseUrl: Parser<string> = (text) => {
  const url = /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  const plain = url && !url.search && !url.hash && !url.username && !url.password;
  return plain ? text.replace(/\/+$/, '') : refuse('an http or https URL without query, fragment and password');
};

/** An IANA zone. */
export const zone: Parser<string> = (text) =>
  isZone(text) ? text : refuse('an IANA time zone such as UTC or Europe/Berlin');

/** `*`, or one origin or several with commas between them, as browsers send them. */
export const corsOrigin: Parser<'*' | readonly string[]> = (text) => {
  if (text === '*') return '*';
  const origins = text.split(',').map((origin) => origin.trim());
  const valid = origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin);
  return valid ? Object.freeze(origins) : refuse('* or origins such as https://book.example.org, with commas between');
};

/** One of a few words. */
export function oneOf<const W extends string>(words: readonly W[]): Parser<W> {
  return (text) => words.find((word) => word === text) ?? refuse(`one of ${words.join(', ')}`);
}

/** Some of a few words, with commas between; `none` for none of them. */
export function someOf<const W extends string>(words: readonly W[]): Parser<readonly W[]> {
  return (text) => {
    const named = text === 'none' ? [] : text.split(',').map((word) => word.trim());
    const known = words.filter((word) => named.includes(word));
    const valid = new Set(named).size === known.length;
    return valid ? Object.freeze(known) : refuse(`none, or some of ${words.join(', ')} with commas between`);
  };
}

/** Where ReserveKit's events of bookings go. */
export interface WebhookSetting {
  readonly url: string;
  readonly service?: number;
  readonly events?: readonly string[];
}

const WEBHOOK_EVENTS = ['bookings.create', 'bookings.update', 'bookings.delete'];
const WEBHOOKS_FORM =
  'a JSON list such as [{"url":"https://example.org/hook","service_id":31,"events":["bookings.create"]}]';

/** A list in JSON of URLs with what they want to hear: of one service or all, some events or all. */
export const webhooks: Parser<readonly WebhookSetting[]> = (text) => {
  const list = jsonOf(text);
  if (!Array.isArray(list)) return refuse(WEBHOOKS_FORM);
  return Object.freeze(list.map(webhookOf));
};

function webhookOf(one: unknown): WebhookSetting {
  const { url, service_id: service, events, ...rest } = (one ?? {}) as Readonly<Record<string, unknown>>;
  const isUrl = typeof url === 'string' && /^https?:\/\//.test(url) && URL.canParse(url);
  const isService = service === undefined || (Number.isSafeInteger(service) && (service as number) > 0);
  const isEvents =
    events === undefined || (Array.isArray(events) && events.every((name) => WEBHOOK_EVENTS.includes(name as string)));
  if (!isUrl || !isService || !isEvents || Object.keys(rest).length > 0) return refuse(WEBHOOKS_FORM);
  return {
    url,
    ...(service !== undefined && { service: service as number }),
    ...(events !== undefined && { events: events as readonly string[] }),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Any text that is not empty. */
export const text: Parser<string> = (value) => value;
