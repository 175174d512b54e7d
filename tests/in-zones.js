/**
 * `npm test`: the suite, once in each of several zones that the process may run in. What it prints between runs says
 * in which one, and on which stores. Arguments go on to jest: `npm test -- tests/slots`.
 *
 * MongoDB runs where TEST_MONGODB_URL is set, and in the first zone only: a store gets instants, and no zone reaches
 * it. The last line counts the tests that ran on it: those whose name begins with `mongodb: ` or contains `on mongodb`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Child processes, texts of the repo, what is kept to the letter, and what is given instants know no zone of ours. */
const ZONELESS_FOLDERS = ['auth', 'cli', 'clients', 'config', 'http', 'injection', 'proofs', 'store', 'tidy'];

/** Journeys and doors that are about who may write what, not about days and hours. */
const ZONELESS_FILES = [
  ...['appointment-size', 'bundles', 'c3-booking', 'c3-load', 'c3-moving', 'c3-operations', 'c3-roles', 'c3-statuses'],
  ...[
    'callers',
    'compartments',
    'conditional',
    'history',
    'hosts',
    'idempotency',
    'if-match',
    'interactions',
    'limits',
  ],
  ...['meeting-writers', 'operations-[a-z-]+', 'pending', 'proposal-ids', 'related-resources', 'search-results'],
  ...['search-system', 'store-questions', 'two-servers'],
  ...['door', 'doors', 'locks', 'made-by-others', 'many-bookings', 'rate-limit', 'three-doors', 'webhooks'],
];

const ZONELESS = [
  ...ZONELESS_FOLDERS.map((name) => `/tests/${name}/`),
  ...ZONELESS_FILES.map((name) => `/${name}\\.test\\.ts$`),
];

/**
 * UTC itself runs everything, a zone behind it with clock changes what is about days and hours, and one ahead of it by
 * a half hour the arithmetic of them: what the process's own zone could spoil shows there.
 */
const ZONES = [
  { zone: 'UTC', passedOver: [] },
  { zone: 'America/New_York', passedOver: ZONELESS },
  { zone: 'Asia/Kolkata', passedOver: [...ZONELESS, '/tests/journeys/', '/tests/dialects/'] },
];

const ON_MONGODB = /^mongodb: |\bon mongodb\b/;

/** How long a server may take to answer before its tests are given up: each of them would wait for it. */
const ANSWER_MS = 10_000;

const jest = 'node_modules/jest/bin/jest.js';
const { TEST_MONGODB_URL: mongodbUrl, ...withoutMongodb } = process.env;
if (mongodbUrl) await askMongodb();
const folder = mkdtempSync(join(tmpdir(), 'fhir-slots-tests-'));
const results = join(folder, 'results.json');

const failed = ZONES.filter(({ zone, passedOver }, index) => {
  const first = index === 0;
  const stores = first && mongodbUrl ? 'SQLite and MongoDB' : 'SQLite';
  const why = mongodbUrl ? 'MongoDB ran in the first zone' : 'MongoDB is skipped: TEST_MONGODB_URL is not set';
  console.log(`\n=== TZ=${zone}, stores: ${stores}${stores === 'SQLite' ? ` (${why})` : ''}`);
  const more = first
    ? ['--json', '--outputFile', results]
    : ['--testPathIgnorePatterns', '/node_modules/', ...passedOver];
  const run = spawnSync(
    process.execPath,
    [jest, ...process.argv.slice(2), '--maxWorkers', '100%', '--passWithNoTests', ...more],
    {
      stdio: 'inherit',
      env: { ...(first ? process.env : withoutMongodb), TZ: zone },
    },
  );
  return run.status !== 0;
});

const onMongodb = mongodbUrl ? statusesOnMongodb() : [];
const count = (status) => onMongodb.filter((one) => one === status).length;
console.log(`\non MongoDB: ${count('passed')} passed, ${count('failed')} failed`);
rmSync(folder, { recursive: true });
process.exitCode = failed.length === 0 ? 0 : 1;

/** What became of each test on MongoDB; of none, where jest ended before its results. */
function statusesOnMongodb() {
  if (!existsSync(results)) return [];
  const { testResults } = JSON.parse(readFileSync(results, 'utf8'));
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName }) => ON_MONGODB.test(fullName))
    .map(({ status }) => status);
}

async function askMongodb() {
  const { MongoClient } = await import('mongodb');
  try {
    const client = new MongoClient(mongodbUrl, { serverSelectionTimeoutMS: ANSWER_MS });
    await client.db('admin').command({ ping: 1 });
    await client.close();
  } catch (error) {
    console.log(`\nNo MongoDB answers at TEST_MONGODB_URL: ${error.message}`);
    console.log('\non MongoDB: 0 passed, 0 failed');
    process.exit(1);
  }
}
