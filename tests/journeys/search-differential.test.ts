/**
 * Every store gives the answers that SQLite in memory gives, to the letter: random resources of every type, random
 * searches with chains, includes, sorts and pages, over HTTP. What SQLite finds is held against the evaluation in
 * memory by tests/store/search.property.test.ts.
 *
 * On a failure fast-check prints the path of the smallest search that differs, and the seed, which makes the resources.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../../server/fhir/index.js';
import { stores, type StoreUnderTest } from '../store/stores.js';
import { resources } from './arbitrary-resources.js';
import { searchPath } from './arbitrary-searches.js';
import { linkOf, startServer, type Answer, type TestServer } from './server.js';

const REFERENCE = 'sqlite, in memory';
const others = stores.filter(({ name, skip }) => name !== REFERENCE && skip === undefined);

const SEARCHES = 400;
/** Two places of one store differ by chance only: there the test is tried rather than the store. */
const SEARCHES_OF_ONE_STORE = 100;
const PAGES_FOLLOWED = 4;
const TIMEOUT_MS = 120_000;
/** One for all stores. */
const seed = Date.now() % 0x7fff_ffff;

const CONTEXT = { base: 'http://127.0.0.1:8080', strict: false };

/** A server with the resources of the seed. */
async function filledServer(store: StoreUnderTest): Promise<TestServer> {
  const server = await startServer(store, '2027-03-15T00:00:00Z');
  const [all = []] = fc.sample(resources, { seed, numRuns: 1 });
  const results = await server.resources.load(
    all.map((one) => ({ body: parseJson(JSON.stringify(one)) })),
    CONTEXT,
  );
  expect(results.flatMap((one) => (one.ok ? [] : [one.fault.message]))).toEqual([]);
  return server;
}

/** The answer to a search and what its next links lead to. */
async function pagesOf(server: TestServer, path: string): Promise<Pick<Answer, 'status' | 'body'>[]> {
  const pages: Pick<Answer, 'status' | 'body'>[] = [];
  for (let next: string | undefined = path; next !== undefined && pages.length < PAGES_FOLLOWED;) {
    const answer = await server.get(next);
    pages.push({ status: answer.status, body: answer.body });
    next = linkOf(answer, 'next');
  }
  return pages;
}

describe.each(others)('searches on $name', (store) => {
  let reference: TestServer | undefined;
  let server: TestServer | undefined;
  beforeAll(async () => {
    const inMemory = stores.find(({ name }) => name === REFERENCE) as StoreUnderTest;
    reference = await filledServer(inMemory);
    server = await filledServer(store);
  });
  afterAll(async () => {
    await reference?.close();
    await server?.close();
  });

  test(
    `answer as on ${REFERENCE}`,
    async () => {
      const numRuns = store.overNetwork ? SEARCHES : SEARCHES_OF_ONE_STORE;
      const seen = { answered: 0, found: 0, included: 0, paged: 0 };
      await fc.assert(
        fc.asyncProperty(searchPath, async (path) => {
          const expected = await pagesOf(reference as TestServer, path);
          const pages = await pagesOf(server as TestServer, path);
          const entries = expected.flatMap(({ body }) => body.entry ?? []);
          if (expected[0]?.status === 200) seen.answered += 1;
          if (entries.some(({ search }) => search?.mode === 'match')) seen.found += 1;
          if (entries.some(({ search }) => search?.mode === 'include')) seen.included += 1;
          if (expected.length > 1) seen.paged += 1;
          expect(pages).toEqual(expected);
        }),
        { seed, numRuns },
      );
      // A generator that finds nothing would prove nothing.
      expect(seen.answered).toBeGreaterThan(numRuns / 2);
      expect(Math.min(seen.found / 5, seen.included, seen.paged)).toBeGreaterThan(numRuns / 50);
    },
    TIMEOUT_MS,
  );
});
