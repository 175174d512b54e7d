/** The commands as a person runs them: what they say, with which exit code, and never with a stack trace. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fhirSlots } from './child.js';

const PATIENT = '{"resourceType":"Patient","id":"p1"}\n';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fhir-slots-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(args: readonly string[], environment: Record<string, string> = {}, input = '') {
  const child = fhirSlots(args, environment);
  child.process.stdin.end(input);
  const { code } = await child.ended;
  return { code, out: child.out(), err: child.err() };
}

describe('what is not understood ends with 2 and one line', () => {
  test.each([
    ['an unknown flag', ['serve', '--prot', '1'], {}, /unknown option '--prot'/],
    ['an unknown command', ['sevre'], {}, /unknown command 'sevre'/],
    ['load without a file', ['load'], {}, /missing required argument 'file'/],
    ['a bad flag', ['serve', '--port', 'x'], {}, /--port must be a whole number from 0 to 65535, not "x"\./],
    ['a bad variable', ['serve'], { DEFAULT_TIMEZONE: 'Mars' }, /DEFAULT_TIMEZONE must be an IANA time zone/],
    [
      'a store that no driver knows',
      ['serve', '--store-url', 'oracle://me:s3cret@db'],
      {},
      /oracle:\/\/\*\*\*@db \(STORE_URL\)/,
    ],
  ])('%s', async (_, args, environment, message) => {
    const { code, out, err } = await run(args, environment);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at |s3cret/);
    expect(err.trim().split('\n').length).toBeLessThanOrEqual(2);
  });
});

describe('what cannot be done ends with 1 and one line', () => {
  test('a port in use', async () => {
    const blocker = createServer().listen(0, '127.0.0.1').unref();
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as { port: number };
    const { code, err } = await run(['serve', '--port', `${port}`, '--store-url', 'sqlite::memory:']);
    blocker.close();
    expect(code).toBe(1);
    expect(err).toBe(
      `fhir-slots: Port ${port} of 127.0.0.1 is in use. Choose another with --port, or stop what listens there.\n`,
    );
  });

  test.each([
    ['serve', ['serve', '--port', '0']],
    ['load', ['load', 'fixtures/demo/patients.json']],
  ])('%s with a store that cannot be written', async (_, args) => {
    const { code, err } = await run(args, { STORE_URL: `sqlite:${folder}/no/such/folder/a.db` });
    expect(code).toBe(1);
    expect(err).toMatch(/^fhir-slots: The store sqlite:.*a\.db \(STORE_URL\) cannot be opened: .+\n$/);
  });

  test.each([
    ['a file that is not there', 'nowhere.ndjson', 'There is no file nowhere.ndjson.'],
    ['a folder', 'fixtures', 'fixtures is a folder: name the files in it.'],
  ])('load with %s', async (_, file, message) => {
    const { code, err } = await run(['load', file], { STORE_URL: 'sqlite::memory:' });
    expect({ code, err }).toEqual({ code: 1, err: `fhir-slots: ${message}\n` });
  });
});

test('--version tells ours, --help the commands and the exit codes', async () => {
  expect(await run(['--version'])).toEqual({ code: 0, out: '0.1.0\n', err: '' });
  const { code, out } = await run(['--help']);
  expect(code).toBe(0);
  expect(out).toMatch(/serve[\s\S]*load[\s\S]*config[\s\S]*Exit codes: 0 done/);
});

test('config tells each setting, where it came from, and no password', async () => {
  const { code, out } = await run(['config', '--port', '99'], { STORE_URL: 'mongodb://me:s3cret@db/x' });
  expect(code).toBe(0);
  expect(out).toMatch(/^PORT +99 +flag +\S/m);
  expect(out).toMatch(/^STORE_URL +mongodb:\/\/\*\*\*@db\/x +environment/m);
  expect(out).not.toContain('s3cret');
});

test('a reader of the output that goes away does not break the command', async () => {
  const child = fhirSlots(['config']);
  child.process.stdout.destroy();
  expect((await child.ended).code).toBe(0);
  expect(child.err()).toBe('');
});

describe('load', () => {
  test('tells what it did; a second time nothing changes', async () => {
    const store = { STORE_URL: `sqlite:${folder}/twice.db` };
    const files = ['clinic', 'patients', 'schedules'].map((name) => `fixtures/demo/${name}.json`);
    const first = await run(['load', ...files, 'fixtures/seed/schedule.json'], store);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/^18 created, 0 updated, 0 unchanged, 0 refused in \d+\.\d s \(\d+ per second\)\n$/);
    const second = await run(['load', ...files, 'fixtures/seed/schedule.json'], store);
    expect(second.out).toMatch(/^0 created, 0 updated, 18 unchanged, 0 refused/);
  });

  test('reads standard input, names refused lines and ends with 1', async () => {
    const bad = '{"resourceType":"Patient","id":"p2","gender":"robot"}\n';
    const { code, out, err } = await run(['load', '-'], { STORE_URL: 'sqlite::memory:' }, PATIENT + bad);
    expect(code).toBe(1);
    expect(out).toMatch(/^1 created, 0 updated, 0 unchanged, 1 refused/);
    expect(err).toMatch(/^-:2: .*gender.*\n$/);
  });

  test('a Slot whose Schedule never comes is named', async () => {
    const slot = { resourceType: 'Slot', id: 's', schedule: { reference: 'Schedule/none' }, status: 'free' };
    const times = { start: '2027-01-01T09:00:00Z', end: '2027-01-01T10:00:00Z' };
    const file = join(folder, 'slot.json');
    writeFileSync(file, JSON.stringify({ ...slot, ...times }));
    const { code, err } = await run(['load', file], { STORE_URL: 'sqlite::memory:' });
    expect(code).toBe(1);
    expect(err).toContain('Slot/s refers to Schedule/none, which is not on this server.');
  });
});
