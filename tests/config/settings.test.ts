/** The table of settings: what each takes, where it comes from, and that nothing bad gets past the start. */
import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../server/base/fault.js';
import { describeSettings, flagOf, readSettings, SETTINGS } from '../../server/config/index.js';

const refusalOf = (flags: Record<string, unknown>, environment: Record<string, string>) => {
  try {
    readSettings(flags, environment);
    return undefined;
  } catch (error) {
    return error as Fault;
  }
};

test('without flags and environment, the defaults are in force', () => {
  const { values, origins } = readSettings({}, {});
  expect(values).toEqual({
    port: 8080,
    host: '127.0.0.1',
    storeUrl: 'sqlite:./fhir-slots.db',
    baseUrl: undefined,
    defaultTimezone: 'UTC',
    logLevel: 'info',
    corsOrigin: '*',
    bodyBytesMax: 1_048_576,
    trustProxy: 0,
    exclusiveActors: ['Practitioner', 'Device'],
    holdMinutesDefault: 5,
    holdMinutesMax: 60,
    holdsPerCallerMax: 50,
    lockMinutesDefault: 5,
    lockHoursMax: 24,
    gpconnectStrict: 'off',
    overbookedApi: 'on',
    reservekitApi: 'on',
    reservekitWeekStart: 'monday',
    reservekitErrors: 'flat',
    reservekitStrictWeekday: 'off',
    reservekitPlan: 'off',
    reservekitWebhooks: undefined,
    reservekitWebhookSecret: undefined,
  });
  expect(new Set(Object.values(origins))).toEqual(new Set(['default']));
});

test('a flag beats the environment, the environment the default, and an empty variable counts as not set', () => {
  const { values, origins } = readSettings({ port: '1' }, { PORT: '2', HOST: '::1', LOG_LEVEL: '', BASE_URL: '' });
  expect(values).toMatchObject({ port: 1, host: '::1', logLevel: 'info', baseUrl: undefined });
  expect(origins).toMatchObject({ port: 'flag', host: 'environment', logLevel: 'default' });
});

test('the result is frozen', () => {
  const settings = readSettings({}, {});
  expect([settings, settings.values, settings.origins, settings.values.exclusiveActors].every(Object.isFrozen)).toBe(
    true,
  );
});

describe('values that are taken', () => {
  test.each([
    ['PORT', '0', 'port', 0],
    ['PORT', '65535', 'port', 65_535],
    ['HOST', '0.0.0.0', 'host', '0.0.0.0'],
    ['STORE_URL', 'sqlite::memory:', 'storeUrl', 'sqlite::memory:'],
    ...[
      'mongodb://127.0.0.1:27017/slots',
      'mongodb://127.0.0.1:27017/',
      'mongodb://127.0.0.1/?tls=true',
      'mongodb://me:w%40rd@a.example,b.example:27018,[::1]:27019/slots?replicaSet=rs0&w=majority',
      'mongodb+srv://me:word@cluster0.example.net/slots?retryWrites=true',
    ].map((url) => ['STORE_URL', url, 'storeUrl', url] as const),
    ['BASE_URL', 'https://fhir.example.org/r4/', 'baseUrl', 'https://fhir.example.org/r4'],
    ['DEFAULT_TIMEZONE', 'Asia/Kolkata', 'defaultTimezone', 'Asia/Kolkata'],
    ['LOG_LEVEL', 'silent', 'logLevel', 'silent'],
    [
      'CORS_ORIGIN',
      'https://a.example, http://b.example:3000',
      'corsOrigin',
      ['https://a.example', 'http://b.example:3000'],
    ],
    ['BODY_BYTES_MAX', '1024', 'bodyBytesMax', 1024],
    ['BODY_BYTES_MAX', '67108864', 'bodyBytesMax', 67_108_864],
    ['TRUST_PROXY', '16', 'trustProxy', 16],
    ['EXCLUSIVE_ACTORS', 'Location, Practitioner', 'exclusiveActors', ['Practitioner', 'Location']],
    ['EXCLUSIVE_ACTORS', 'none', 'exclusiveActors', []],
    ['HOLD_MINUTES_DEFAULT', '60', 'holdMinutesDefault', 60],
    ['HOLD_MINUTES_MAX', '1440', 'holdMinutesMax', 1_440],
    ['HOLDS_PER_CALLER_MAX', '1', 'holdsPerCallerMax', 1],
    ['LOCK_MINUTES_DEFAULT', '1440', 'lockMinutesDefault', 1_440],
    ['LOCK_HOURS_MAX', '744', 'lockHoursMax', 744],
    ['OVERBOOKED_API', 'off', 'overbookedApi', 'off'],
    ['RESERVEKIT_API', 'off', 'reservekitApi', 'off'],
    ['RESERVEKIT_WEEK_START', 'sunday', 'reservekitWeekStart', 'sunday'],
    ['RESERVEKIT_ERRORS', 'object', 'reservekitErrors', 'object'],
    ['RESERVEKIT_STRICT_WEEKDAY', 'on', 'reservekitStrictWeekday', 'on'],
    ['RESERVEKIT_PLAN', 'growth', 'reservekitPlan', 'growth'],
    ['RESERVEKIT_WEBHOOKS', '[]', 'reservekitWebhooks', []],
    [
      'RESERVEKIT_WEBHOOKS',
      '[{"url":"https://example.org/hook","service_id":31,"events":["bookings.create"]}]',
      'reservekitWebhooks',
      [{ url: 'https://example.org/hook', service: 31, events: ['bookings.create'] }],
    ],
    ['RESERVEKIT_WEBHOOK_SECRET', 'whsec', 'reservekitWebhookSecret', 'whsec'],
  ])('%s=%s', (name, text, key, value) => {
    expect(readSettings({}, { [name]: text }).values).toMatchObject({ [key]: value });
  });
});

describe('values that are refused, naming the variable or the flag', () => {
  const bad = [
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80a'],
    ['PORT', '1e3'],
    ['HOST', 'http://localhost'],
    ['HOST', 'a b'],
    ['STORE_URL', './fhir-slots.db'],
    ['STORE_URL', 'sqlite:'],
    ['STORE_URL', 'mongodb://'],
    ['STORE_URL', 'mongodb:///slots'],
    ['STORE_URL', 'mongodb://a.example:port/slots'],
    ['STORE_URL', 'mongodb://a.example/slots/more'],
    ['STORE_URL', 'mongodb+srv://a.example,b.example/slots'],
    ['STORE_URL', 'mongodb:127.0.0.1/slots'],
    ['STORE_URL', 'MongoDB://a.example/slots'],
    ['BASE_URL', 'fhir.example.org'],
    ['BASE_URL', 'ftp://fhir.example.org'],
    ['BASE_URL', 'https://fhir.example.org/?a=b'],
    ['BASE_URL', 'https://me:word@fhir.example.org'],
    ['DEFAULT_TIMEZONE', 'Mars/Olympus'],
    ['DEFAULT_TIMEZONE', '+05:30'],
    ['LOG_LEVEL', 'loud'],
    ['CORS_ORIGIN', 'example.org'],
    ['CORS_ORIGIN', 'https://a.example/path'],
    ['BODY_BYTES_MAX', '1023'],
    ['BODY_BYTES_MAX', '67108865'],
    ['BODY_BYTES_MAX', '1 MiB'],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '17'],
    ['EXCLUSIVE_ACTORS', 'Patient'],
    ['EXCLUSIVE_ACTORS', 'practitioner'],
    ['EXCLUSIVE_ACTORS', 'Practitioner,'],
    ['EXCLUSIVE_ACTORS', 'none,Device'],
    ['HOLD_MINUTES_DEFAULT', '0'],
    ['HOLD_MINUTES_MAX', '1441'],
    ['HOLDS_PER_CALLER_MAX', '0'],
    ['LOCK_MINUTES_DEFAULT', '0'],
    ['LOCK_HOURS_MAX', '745'],
    ['OVERBOOKED_API', 'no'],
    ['RESERVEKIT_API', 'true'],
    ['RESERVEKIT_WEEK_START', 'tuesday'],
    ['RESERVEKIT_ERRORS', 'nested'],
    ['RESERVEKIT_STRICT_WEEKDAY', 'yes'],
    ['RESERVEKIT_PLAN', 'free'],
    ['RESERVEKIT_WEBHOOKS', 'https://example.org/hook'],
    ['RESERVEKIT_WEBHOOKS', '{}'],
    ['RESERVEKIT_WEBHOOKS', '[null]'],
    ['RESERVEKIT_WEBHOOKS', '[{"url":"ftp://example.org"}]'],
    ['RESERVEKIT_WEBHOOKS', '[{"url":"https://example.org","service_id":0}]'],
    ['RESERVEKIT_WEBHOOKS', '[{"url":"https://example.org","events":["all"]}]'],
    ['RESERVEKIT_WEBHOOKS', '[{"url":"https://example.org","secret":"x"}]'],
  ] as const;

  test.each(bad)('%s=%s', (name, text) => {
    const refusal = refusalOf({}, { [name]: text });
    expect(refusal).toBeInstanceOf(Fault);
    expect(refusal?.message).toMatch(new RegExp(`^${name} must be `));
  });

  test.each(bad)('the flag of %s with %s', (name, text) => {
    const [key, setting] = Object.entries(SETTINGS).find(([, one]) => one.name === name)!;
    expect(refusalOf({ [key]: text }, {})?.message).toMatch(new RegExp(`^${flagOf(setting)} must be `));
  });
});

describe('what holds when nobody says is within what holds at most', () => {
  test.each([
    [{ HOLD_MINUTES_DEFAULT: '61' }, 'HOLD_MINUTES_DEFAULT must be at most what HOLD_MINUTES_MAX allows, 60 minutes'],
    [{ HOLD_MINUTES_MAX: '4' }, 'HOLD_MINUTES_DEFAULT must be at most what HOLD_MINUTES_MAX allows, 4 minutes'],
    [{ LOCK_MINUTES_DEFAULT: '1441' }, 'LOCK_MINUTES_DEFAULT must be at most what LOCK_HOURS_MAX allows, 1440 minutes'],
  ])('%j', (environment, message) => {
    expect(refusalOf({}, environment)?.message).toContain(message);
  });
});

describe('a password in the store URL is never shown', () => {
  const storeUrl = 'mongodb://me:s3cret/p@ss@db.example.org/slots';

  test('by the list of settings', () => {
    const text = describeSettings(readSettings({ storeUrl }, {}));
    expect(text).toContain('mongodb://***@db.example.org/slots');
    expect(text).not.toMatch(/s3cret|p@ss/);
  });

  test('nor one in an option, nor one in a URL that lacks its slashes', () => {
    const options = 'w=1&tlsCertificateKeyFilePassword=s3cret&authMechanismProperties=AWS_SESSION_TOKEN:s3cret';
    const text = describeSettings(readSettings({ storeUrl: `mongodb://db.example.org/slots?${options}` }, {}));
    expect(text).toContain(
      'mongodb://db.example.org/slots?w=1&tlsCertificateKeyFilePassword=***&authMechanismProperties=*** ',
    );
    for (const url of ['mongodb:me:s3cret@db/slots', 'mongodb:/me:s3cret@db/slots']) {
      expect(refusalOf({ storeUrl: url }, {})?.message).toMatch(/not "mongodb:\*\*\*@db\/slots"\.$/);
    }
    expect(describeSettings(readSettings({ storeUrl: 'sqlite:./me@home/a.db' }, {}))).toContain('./me@home/a.db');
  });

  test('by a refusal', () => {
    expect(refusalOf({ storeUrl: 'MONGO://me:s3cret@db' }, {})?.message).not.toContain('s3cret');
  });
});

test('nor is one in the base URL, which is refused', () => {
  for (const text of ['https://me:s3cret@fhir.example.org', 'http://me:s3cret/p@ss@h/', 'ftp://me:s3cret@h']) {
    expect(refusalOf({}, { BASE_URL: text })?.message).toMatch(/^BASE_URL must be .* not ".*\*\*\*@/);
    expect(refusalOf({}, { BASE_URL: text })?.message).not.toMatch(/s3cret|p@ss/);
  }
});

test('each setting is listed with its value, where it came from and its help', () => {
  const lines = describeSettings(readSettings({ port: '9' }, { LOG_LEVEL: 'warn' })).split('\n');
  expect(lines).toHaveLength(Object.keys(SETTINGS).length);
  expect(lines.find((line) => line.startsWith('PORT '))).toMatch(/^PORT +9 +flag +Port to listen on/);
  expect(lines.find((line) => line.startsWith('LOG_LEVEL '))).toMatch(/warn +environment/);
  expect(lines.find((line) => line.startsWith('BASE_URL '))).toMatch(/\(none\) +default/);
});
