/** `npm run crash`, short: processes are killed, and all is as they said. The long one restarts the database too. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { proofStores, type ProofPlace } from './places.js';
import { figure, proof } from './program.js';

const SECONDS_MAX = 120;

describe.each(proofStores)('crash on $name', ({ newPlace, skip }) => {
  let place: ProofPlace;
  beforeAll(() => {
    if (skip === undefined) place = newPlace();
  });
  afterAll(async () => place?.remove());

  (skip === undefined ? test : test.skip)(
    `processes killed at random moments leave all or nothing${skip ? `: ${skip}` : ''}`,
    async () => {
      const few = ['--kills=8', '--every=100', '--processes=3', '--documents=12'];
      const said = await proof('crash', ['--store', place.url, ...few]);
      expect(said.text).toContain('Nothing is wrong.');
      expect(said.code).toBe(0);
      expect(figure(said, 'processes killed')).toBe(8);
      expect(figure(said, 'cut short')).toBeGreaterThan(0);
      expect(figure(said, 'commits acknowledged')).toBeGreaterThan(0);
    },
    SECONDS_MAX * 1_000,
  );

  (skip === undefined ? test : test.skip)(
    'servers killed in the midst of bookings: every acknowledged one is there, and no refused one',
    async () => {
      const few = ['--workload=bookings', '--kills=4', '--every=300', '--processes=2', '--documents=4'];
      const said = await proof('crash', ['--store', place.url, ...few]);
      expect(said.text).toContain('Nothing is wrong.');
      expect(said.code).toBe(0);
      expect(figure(said, 'cut short')).toBeGreaterThan(0);
      expect(figure(said, 'commits acknowledged')).toBeGreaterThan(0);
    },
    SECONDS_MAX * 1_000,
  );
});

describe('crash and what takes things away', () => {
  let folder: string;
  let place: ProofPlace;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fhir-slots-crash-'));
    place = proofStores[0]!.newPlace();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await place.remove();
  });

  test(
    'the commands run as often as asked, each away before its back, and the workers get on after each',
    async () => {
      const log = join(folder, 'log');
      const say = (word: string) => `echo ${word} >> ${log}`;
      const said = await proof('crash', [
        ...['--store', place.url, '--store-also', place.url, '--kills=1', '--processes=2', '--every=50'],
        ...['--restarts=2', '--database-down', say('down'), '--database-up', say('up')],
        ...['--cuts=1', '--cut', say('cut'), '--mend', say('mend')],
      ]);
      expect(said.text).toContain('processes killed 1, database restarts 2, fronts cut off 1');
      expect(said.text).toContain('Nothing is wrong.');
      const pairs = readFileSync(log, 'utf8').match(/\w+\n\w+\n/g);
      expect(pairs?.toSorted()).toEqual(['cut\nmend\n', 'down\nup\n', 'down\nup\n']);
    },
    SECONDS_MAX * 1_000,
  );

  test(
    'a database that comes back with something else in it is found out: exit code 1, and the journals stay',
    async () => {
      const harm = join(folder, 'harm.js');
      const driver = join(process.cwd(), 'node_modules/@photostructure/sqlite');
      writeFileSync(
        harm,
        `const { DatabaseSync } = require(${JSON.stringify(driver)});
         const store = new DatabaseSync(${JSON.stringify(place.url.slice('sqlite:'.length))});
         store.exec('PRAGMA busy_timeout = 5000');
         store.exec("DELETE FROM resource WHERE row = (SELECT max(row) FROM resource WHERE type = 'Receipt')");`,
      );
      const restart = ['--restarts=1', '--database-down', `node ${harm}`, '--database-up', 'true'];
      const said = await proof('crash', ['--store', place.url, '--kills=0', '--processes=2', ...restart]);
      expect(said.code).toBe(1);
      expect(said.text).toMatch(/- \S+ was acknowledged, and its receipt is not there\./);
      const journals = /the journals are in (\S+)/.exec(said.text)?.[1] ?? '';
      expect(readdirSync(join(journals, 'journals'))).toHaveLength(2);
      rmSync(journals, { recursive: true });
    },
    SECONDS_MAX * 1_000,
  );

  test.each([
    ['restarts without commands', ['--restarts=1'], '--restarts needs --database-down and --database-up'],
    ['a cut without a second front', ['--cuts=1', '--cut=true', '--mend=true'], '--cuts needs --store-also'],
  ])('%s are refused', async (_, args, words) => {
    const said = await proof('crash', args);
    expect(said.text).toContain(words);
    expect(said.code).toBe(1);
  });
});
