/** `npm run contend`, short: several processes on one store, and all is as they say. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { proofStores, type ProofPlace } from './places.js';
import { figure, proof } from './program.js';

const SECONDS_MAX = 60;

describe.each(proofStores)('contend on $name', ({ newPlace, skip }) => {
  let place: ProofPlace;
  beforeAll(() => {
    if (skip === undefined) place = newPlace();
  });
  afterAll(async () => place?.remove());

  (skip === undefined ? test : test.skip)(
    `three processes on five documents: what was acknowledged is there, all or nothing${skip ? `: ${skip}` : ''}`,
    async () => {
      const said = await proof('contend', ['--store', place.url, '--seconds=2', '--processes=3', '--documents=5']);
      expect(said.text).toContain('Nothing is wrong.');
      expect(said.code).toBe(0);
      expect(figure(said, 'commits acknowledged')).toBeGreaterThan(10);
      expect(figure(said, 'refused')).toBeGreaterThan(0);
      expect(said.text).toContain('3 processes, 5 documents');
    },
    SECONDS_MAX * 1_000,
  );

  (skip === undefined ? test : test.skip)(
    'two servers sell few times to many clients: none twice, and all is as they answered',
    async () => {
      const some = ['--workload=bookings', '--operations=150', '--processes=2', '--documents=4'];
      const said = await proof('contend', ['--store', place.url, ...some]);
      expect(said.text).toContain('Nothing is wrong.');
      expect(said.code).toBe(0);
      expect(figure(said, 'operations answered')).toBeGreaterThanOrEqual(150);
      expect(figure(said, 'refused')).toBeGreaterThan(0);
    },
    SECONDS_MAX * 1_000,
  );

  (skip === undefined ? test : test.skip)(
    'clients of FHIR, Overbooked and ReserveKit want the same doctors: none is sold twice, and all three agree',
    async () => {
      const some = ['--workload=apis', '--operations=150', '--processes=2', '--documents=4'];
      const said = await proof('contend', ['--store', place.url, ...some]);
      expect(said.text).toContain('Nothing is wrong.');
      expect(said.code).toBe(0);
      for (const kind of ['overbooked: book', 'reservekit: book', 'post']) {
        expect(figure(said, kind)).toBeGreaterThan(0);
      }
    },
    SECONDS_MAX * 1_000,
  );

  (skip === undefined ? test : test.skip)(
    'two fronts of one store, and a second run on it',
    async () => {
      const fronts = ['--store', place.url, '--store-also', place.url];
      const said = await proof('contend', [...fronts, '--seconds=1', '--processes=2']);
      expect(said.text).toContain('Nothing is wrong.');
      expect(figure(said, 'commits acknowledged')).toBeGreaterThan(0);
    },
    SECONDS_MAX * 1_000,
  );
});

describe('what contend is told', () => {
  test.each([
    ['an unknown option', ['--second=1'], '--second'],
    ['no number', ['--seconds=soon'], "--seconds is a whole number, not 'soon'"],
    [
      'a workload that is not there',
      ['--workload=naps'],
      "There is no workload 'naps'. There are: apis, bookings, transfers.",
    ],
    ['too few times', ['--workload=bookings', '--documents=3'], 'Bookings need 4 to 16 documents.'],
    ['too few documents', ['--documents=3'], 'Transfers need 4 documents or more.'],
    ['a second front without a first', ['--store-also=sqlite:x.db'], '--store-also is a second front'],
  ])('%s is refused', async (_, args, words) => {
    const said = await proof('contend', args);
    expect(said.text).toContain(words);
    expect(said.code).toBe(1);
  });

  test(
    'a secret in the URL is not printed',
    async () => {
      const said = await proof('contend', ['--store=mongodb://user:pa%40ss@127.0.0.1:1/x']);
      expect(said.text).toContain('mongodb://…@127.0.0.1:1/x');
      expect(said.text).not.toMatch(/pa(?:%40|@)ss/);
      expect(said.code).toBe(1);
    },
    SECONDS_MAX * 1_000,
  );
});
