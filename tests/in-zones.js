/**
 * `npm test`: the suite, once in each of several zones that the process may run in. What it prints between runs says
 * in which one. Arguments go on to jest: `npm test -- tests/slots`.
 */
import { spawnSync } from 'node:child_process';

/** Behind UTC with clock changes, ahead of it by a half hour, and UTC itself, which runs everything. */
const ZONES = ['UTC', 'America/New_York', 'Asia/Kolkata'];

/** Child processes and the texts of the repo know nothing of our zone. */
const ZONELESS = ['/tests/cli/', '/tests/tidy/'];

const jest = 'node_modules/jest/bin/jest.js';
const failed = ZONES.filter((zone, index) => {
  console.log(`\n=== TZ=${zone}, stores: ${process.env.TEST_MONGODB_URL ? 'SQLite and MongoDB' : 'SQLite'}`);
  const left = index === 0 ? [] : ['--testPathIgnorePatterns', '/node_modules/', ...ZONELESS];
  const run = spawnSync(process.execPath, [jest, ...process.argv.slice(2), '--passWithNoTests', ...left], {
    stdio: 'inherit',
    env: { ...process.env, TZ: zone },
  });
  return run.status !== 0;
});
process.exitCode = failed.length === 0 ? 0 : 1;
