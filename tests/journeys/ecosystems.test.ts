/**
 * What clients of other ecosystems send, and what they get: `fixtures/ecosystems/`, each file after the page that it
 * names. GP Connect's strict codes are in `gp-connect.test.ts`.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Slot } from 'fhir/r4.js';
import { loadClinic } from './ecosystem-clinic.js';
import {
  bodyOf,
  includedOf,
  journeyStores,
  linkOf,
  matchesOf,
  startServer,
  type Answer,
  type TestServer,
} from './server.js';

interface Exchange {
  readonly about: string;
  readonly request: {
    readonly method: 'GET' | 'POST';
    readonly url: string;
    readonly form?: string;
    readonly body?: object;
  };
  readonly answer: {
    readonly status: number;
    /** What stands in the body. */
    readonly resource?: object;
    /** Schedule and start of each, in order. */
    readonly slots?: readonly string[];
    readonly included?: readonly string[];
    /** The slots of the next page. */
    readonly next?: readonly string[];
    /** A word of the `diagnostics`. */
    readonly says?: string;
  };
}

const FOLDER = 'fixtures/ecosystems';
const FILES = readdirSync(FOLDER).filter((file) => file !== 'clinic.json');
const exchangesOf = (file: string) =>
  (JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as { readonly exchanges: readonly Exchange[] }).exchanges;

const slotsOf = (answer: Pick<Answer, 'body'>) =>
  matchesOf(answer).map(
    (slot) => `${(slot as Slot).schedule.reference?.replace('Schedule/', '')} ${(slot as Slot).start}`,
  );

describe.each(journeyStores)('clients of other ecosystems on $name', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await loadClinic(server);
  });
  afterAll(() => server.close());

  async function ask({ method, url, form, body }: Exchange['request']): Promise<Answer> {
    if (method === 'GET') return server.get(url);
    const answer = await server.http
      .post(url)
      .type(form === undefined ? 'json' : 'form')
      .send(form ?? body);
    return { status: answer.status, headers: answer.headers, body: bodyOf(answer) };
  }

  describe.each(FILES)('%s', (file) => {
    test.each(exchangesOf(file))('$about', async ({ request, answer: expected }) => {
      const { status, resource, slots, included, next, says } = expected;
      const answer = await ask(request);
      expect(answer.status).toBe(status);
      if (resource) expect(answer.body).toMatchObject(resource);
      if (slots) expect(slotsOf(answer)).toEqual(slots);
      if (included) expect(includedOf(answer).sort()).toEqual(included);
      if (next) expect(slotsOf(await server.get(linkOf(answer, 'next') ?? ''))).toEqual(next);
      if (says !== undefined) expect(answer.body.issue?.[0]?.diagnostics).toContain(says);
    });
  });
});
