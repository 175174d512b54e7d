import * as parse from './parsers.js';
import type { Parser } from './parsers.js';

/** One row of the table. */
export interface Setting<T> {
  /** The environment variable. The flag is the same in kebab case: see `flagOf`. */
  readonly name: string;
  readonly parse: Parser<T>;
  /** As one would write it; undefined: nothing, and the value is undefined. */
  readonly default: string | undefined;
  /** One sentence without a full stop, fit for a table. */
  readonly help: string;
  /** `part`: a URL, whose passwords are never printed; `whole`: nothing of the value is. */
  readonly secret?: 'part' | 'whole';
}

/** The least and the greatest body we can be told to accept: one small resource, and what still fits in memory. */
const BODY_BYTES_LEAST = 1_024;
const BODY_BYTES_MOST = 64 * 1_024 * 1_024;

/** A booking that takes a day to be made is none; a lock for longer is a Slot that was written busy. */
const HOLD_MINUTES_MOST = 1_440;
const LOCK_HOURS_MOST = 744;
const LOCK_MINUTES_MOST = LOCK_HOURS_MOST * 60;
const HOLDS_MOST = 100_000;
const PROXIES_MOST = 16;

/** What can be in one place at a time (design §4). A PractitionerRole counts as its Practitioner. */
const EXCLUSIVE_ACTORS = ['Practitioner', 'Device', 'Location', 'HealthcareService'] as const;

/** Whether a dialect answers, or a rule holds. */
const SWITCH = ['on', 'off'] as const;

/** What ReserveKit's reference leaves open, the recommended first; its plans are in the reference, 5.5. */
const WEEK_STARTS = ['monday', 'sunday'] as const;
const ERROR_STYLES = ['flat', 'object'] as const;
const PLANS = ['off', 'starter', 'developer', 'growth'] as const;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Every setting there is. The key is its name in code and, in kebab case, its flag. */
export const SETTINGS = {
  port: {
    name: 'PORT',
    parse: parse.integerBetween(0, 65_535),
    default: '8080',
    help: 'Port to listen on; 0 takes any free one',
  },
  host: {
    name: 'HOST',
    parse: parse.host,
    default: '127.0.0.1',
    help: 'Address to listen on; 0.0.0.0 is every network of this machine',
  },
  storeUrl: {
    name: 'STORE_URL',
    parse: parse.storeUrl,
    default: 'sqlite:./fhir-slots.db',
    help: 'Where the data are; sqlite::memory: keeps them until the server stops',
    secret: 'part',
  },
  baseUrl: {
    name: 'BASE_URL',
    parse: parse.baseUrl,
    default: undefined,
    help: 'What links say; without it, the host that the request was sent to',
    secret: 'part',
  },
  defaultTimezone: {
    name: 'DEFAULT_TIMEZONE',
    parse: parse.zone,
    default: 'UTC',
    help: 'Zone of a Schedule that names none, and of bare dates',
  },
  logLevel: {
    name: 'LOG_LEVEL',
    parse: parse.oneOf(LOG_LEVELS),
    default: 'info',
    help: `Least level that is logged: ${LOG_LEVELS.join(', ')}`,
  },
  corsOrigin: {
    name: 'CORS_ORIGIN',
    parse: parse.corsOrigin,
    default: '*',
    help: 'Origins whose pages may call us, with commas between; * is any',
  },
  bodyBytesMax: {
    name: 'BODY_BYTES_MAX',
    parse: parse.integerBetween(BODY_BYTES_LEAST, BODY_BYTES_MOST),
    default: '1048576',
    help: 'Longest request body, in bytes',
  },
  trustProxy: {
    name: 'TRUST_PROXY',
    parse: parse.integerBetween(0, PROXIES_MOST),
    default: '0',
    help: 'Proxies before us, whose X-Forwarded-For tells the address of a caller without a key',
  },
  exclusiveActors: {
    name: 'EXCLUSIVE_ACTORS',
    parse: parse.someOf(EXCLUSIVE_ACTORS),
    default: 'Practitioner,Device',
    help: `Types of actors whose Schedules share one time: some of ${EXCLUSIVE_ACTORS.join(', ')}, or none`,
  },
  holdMinutesDefault: {
    name: 'HOLD_MINUTES_DEFAULT',
    parse: parse.integerBetween(1, HOLD_MINUTES_MOST),
    default: '5',
    help: 'Minutes that a hold lasts when nobody says',
  },
  holdMinutesMax: {
    name: 'HOLD_MINUTES_MAX',
    parse: parse.integerBetween(1, HOLD_MINUTES_MOST),
    default: '60',
    help: 'Minutes that a hold lasts at most; longer ones are cut, and told',
  },
  holdsPerCallerMax: {
    name: 'HOLDS_PER_CALLER_MAX',
    parse: parse.integerBetween(1, HOLDS_MOST),
    default: '50',
    help: 'Holds that one caller has at a time',
  },
  lockMinutesDefault: {
    name: 'LOCK_MINUTES_DEFAULT',
    parse: parse.integerBetween(1, LOCK_MINUTES_MOST),
    default: '5',
    help: 'Minutes that a lock without a key lasts',
  },
  lockHoursMax: {
    name: 'LOCK_HOURS_MAX',
    parse: parse.integerBetween(1, LOCK_HOURS_MOST),
    default: '24',
    help: 'Hours ahead that a lock ends at most',
  },
  gpconnectStrict: {
    name: 'GPCONNECT_STRICT',
    parse: parse.oneOf(SWITCH),
    default: 'off',
    help: 'Whether Slots are searched, Appointments written and requests refused as GP Connect has it: on, off',
  },
  overbookedApi: {
    name: 'OVERBOOKED_API',
    parse: parse.oneOf(SWITCH),
    default: 'on',
    help: 'Whether /resources, /slots and /bookings answer clients of Overbooked: on, off',
  },
  reservekitApi: {
    name: 'RESERVEKIT_API',
    parse: parse.oneOf(SWITCH),
    default: 'on',
    help: 'Whether /v1 answers clients of ReserveKit: on, off',
  },
  reservekitWeekStart: {
    name: 'RESERVEKIT_WEEK_START',
    parse: parse.oneOf(WEEK_STARTS),
    default: 'monday',
    help: `Which day ReserveKit counts as 0: ${WEEK_STARTS.join(', ')}`,
  },
  reservekitErrors: {
    name: 'RESERVEKIT_ERRORS',
    parse: parse.oneOf(ERROR_STYLES),
    default: 'flat',
    help: 'How ReserveKit tells errors: flat for its SDKs, object as its documentation shows',
  },
  reservekitStrictWeekday: {
    name: 'RESERVEKIT_STRICT_WEEKDAY',
    parse: parse.oneOf(SWITCH),
    default: 'off',
    help: 'Whether ReserveKit refuses dates off the weekday of a time slot: on, off',
  },
  reservekitPlan: {
    name: 'RESERVEKIT_PLAN',
    parse: parse.oneOf(PLANS),
    default: 'off',
    help: `How many requests a key of ReserveKit may make: ${PLANS.join(', ')}`,
  },
  reservekitWebhooks: {
    name: 'RESERVEKIT_WEBHOOKS',
    parse: parse.webhooks,
    default: undefined,
    help: 'Where ReserveKit tells of bookings, as a JSON list of url, service_id and events',
    secret: 'whole',
  },
  reservekitWebhookSecret: {
    name: 'RESERVEKIT_WEBHOOK_SECRET',
    parse: parse.text,
    default: undefined,
    help: 'What signs the messages to these URLs',
    secret: 'whole',
  },
} as const satisfies Record<string, Setting<unknown>>;

export type SettingKey = keyof typeof SETTINGS;

/** The values, as the parsers give them. */
export type Settings = { readonly [K in SettingKey]: SettingValue<(typeof SETTINGS)[K]> };

type SettingValue<S extends Setting<unknown>> =
  ReturnType<S['parse']> | (S['default'] extends undefined ? undefined : never);

/** `STORE_URL` is `--store-url`. */
export function flagOf(setting: Setting<unknown>): string {
  return `--${setting.name.toLowerCase().replaceAll('_', '-')}`;
}
