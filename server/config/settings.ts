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
  /** Whether a value may carry a password, which is then never printed. */
  readonly secret?: true;
}

/** The least and the greatest body we can be told to accept: one small resource, and what still fits in memory. */
const BODY_BYTES_LEAST = 1_024;
const BODY_BYTES_MOST = 64 * 1_024 * 1_024;

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
    secret: true,
  },
  baseUrl: {
    name: 'BASE_URL',
    parse: parse.baseUrl,
    default: undefined,
    help: 'What links say; without it, the host that the request was sent to',
    secret: true,
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
