/** The team of worker processes: who ends by itself, hangs or stands still is told of. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Team } from '../../proofs/harness/team.js';

let folder: string;
let team: Team;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fhir-slots-team-'));
});
// A test that failed must leave no process behind, or jest never ends.
afterEach(() => team.stop());
afterAll(() => rmSync(folder, { recursive: true }));

/** Makes `team` one of two at two fronts, of workers that do what the code says. */
async function startTeam(code: string): Promise<void> {
  const program = join(folder, 'worker.cjs');
  writeFileSync(program, `const { worker, place } = JSON.parse(process.argv[2]); ${code}`);
  const run = { id: 'test', documents: 4 };
  const options = { workload: 'none', places: ['a', 'b'], run, processes: 2, seed: 'seed', journals: folder };
  team = new Team(options, { program, stopMsMax: 500, standstillMsMax: 1_000 });
  await team.start();
}

const ADVANCES = 'let acknowledged = 0; setInterval(() => process.send({ acknowledged: acknowledged++ }), 5);';
const STOPS = "process.on('message', () => process.exit(0));";

test('workers that work and stop are no offence, and neither is one that was killed', async () => {
  await startTeam(ADVANCES + STOPS);
  await team.kill(1);
  await team.progress();
  await team.stop();
  expect(team.offences).toEqual([]);
});

test('a worker that ends by itself is named, with what it said', async () => {
  await startTeam(`${ADVANCES} ${STOPS} if (place === 'b') throw new Error('no more')`);
  await team.stop();
  expect(team.offences).toEqual([expect.stringMatching(/^w1-0 ended by itself, 1: [^]*no more/)]);
});

test('a worker that does not stop is named, and killed', async () => {
  await startTeam(`${ADVANCES} if (place === 'a') { ${STOPS} } else process.on('message', () => {})`);
  await team.stop();
  expect(team.offences).toEqual(['w1-0 hangs: it did not stop within 0.5 s.']);
});

test('a worker that does not get on is named; at the other front all is well', async () => {
  await startTeam(`${STOPS} if (place === 'a') { ${ADVANCES} } else process.send({ acknowledged: 7 })`);
  await team.progress('a');
  expect(team.offences).toEqual([]);
  await team.progress();
  await team.stop();
  expect(team.offences).toEqual(['w1-0 at b hangs: it has not got on within 1 s.']);
});
