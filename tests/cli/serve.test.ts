/** `fhir-slots serve` as a process of its own: its banner, its demo, and how it leaves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle, Slot } from 'fhir/r4.js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { fhirSlots, type Child } from './child.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fhir-slots-serve-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const running: Child[] = [];
afterEach(() => running.splice(0).forEach((child) => child.process.kill('SIGKILL')));

async function serve(args: readonly string[] = [], store = 'sqlite::memory:') {
  const child = fhirSlots(['serve', '--port', '0', '--store-url', store, ...args]);
  running.push(child);
  await child.says('Ctrl-C stops it.');
  const base = /listens on (\S+)/.exec(child.out())![1]!;
  return { child, base, port: Number(new URL(base).port) };
}

const slotsOf = async (url: string) => {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return (((await answer.json()) as Bundle<Slot>).entry ?? []).map(({ resource }) => resource!);
};

test('the banner has the address, the store and a request that works', async () => {
  const { child, base } = await serve();
  expect(child.out().split('\n')).toEqual([
    `fhir-slots 0.1.0 listens on ${base}`,
    'Store: sqlite::memory:',
    `Free times: curl '${base}/Slot'`,
    'Try next:   npx fhir-slots load fixtures/demo/*.json --store-url sqlite::memory:',
    'Ctrl-C stops it.',
    '',
  ]);
  expect(await slotsOf(`${base}/Slot`)).toEqual([]);
});

describe('--demo', () => {
  test('the request of its banner finds free times, and so do the other schedules', async () => {
    const { child, base } = await serve(['--demo']);
    const url = /curl '(.*Slot.*)'/.exec(child.out())![1]!;
    const slots = await slotsOf(url);
    expect(slots.length).toBeGreaterThan(0);
    expect(new Set(slots.map(({ status }) => status))).toEqual(new Set(['free']));
    for (const id of ['demo-berlin', 'demo-vaccination', 'demo-bengaluru']) {
      expect((await slotsOf(`${base}/Slot?schedule=${id}`)).length).toBeGreaterThan(0);
    }
  });

  test('what was changed is still changed after a restart', async () => {
    const store = `sqlite:${folder}/demo.db`;
    const first = await serve(['--demo'], store);
    const url = `${first.base}/Patient/demo-lee`;
    const lee = (await (await fetch(url)).json()) as object;
    const headers = { 'content-type': 'application/fhir+json' };
    const changed = await fetch(url, { method: 'PUT', headers, body: JSON.stringify({ ...lee, gender: 'other' }) });
    expect(changed.status).toBe(200);
    first.child.process.kill('SIGTERM');
    await first.child.ended;

    const second = await serve(['--demo'], store);
    const answer = await fetch(`${second.base}/Patient/demo-lee`);
    expect(await answer.json()).toMatchObject({ gender: 'other' });
  });
});

test('the seed, asked for 20 minutes on the morning of 2023-08-25, gives exactly three times', async () => {
  const store = `sqlite:${folder}/seed.db`;
  await fhirSlots(['load', 'fixtures/seed/schedule.json', '--store-url', store]).ended;
  const { base } = await serve([], store);
  const schedule = 'Location.1-Staff.4150cd20de8a470aa570a852859ac87e';
  const slots = await slotsOf(`${base}/Slot?schedule=${schedule}&start=2023-08-25&end=2023-08-25&duration=20`);
  expect(slots.map(({ start }) => start)).toEqual([
    '2023-08-25T06:15:00-07:00',
    '2023-08-25T06:30:00-07:00',
    '2023-08-25T06:35:00-07:00',
  ]);
});

describe('leaving', () => {
  /** A request whose body is sent in two halves: it is open for as long as the second one is kept back. */
  function halfSent(port: number) {
    const body = '{"resourceType":"Patient","id":"half"}';
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    let answer = '';
    socket.on('data', (text: string) => (answer += text));
    const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(answer)));
    const head = `PUT /Patient/half HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/fhir+json\r\n`;
    socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`);
    return { closed, sendRest: () => socket.write(body.slice(10)) };
  }

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: the open request is answered, then it leaves with 0',
    async (signal) => {
      const { child, base, port } = await serve();
      const open = halfSent(port);
      await fetch(`${base}/health`);
      child.process.kill(signal);
      await pause(200);
      await expect(fetch(`${base}/health`)).rejects.toThrow();
      open.sendRest();
      expect(await open.closed).toMatch(/^HTTP\/1.1 201 /);
      expect(await child.ended).toEqual({ code: 0, signal: null });
    },
  );

  test('without open requests it leaves at once', async () => {
    const { child } = await serve();
    child.process.kill('SIGTERM');
    expect(await child.ended).toEqual({ code: 0, signal: null });
  });

  test('a second signal leaves without waiting, one that follows at once is the same wish', async () => {
    const { child, port, base } = await serve();
    halfSent(port);
    await fetch(`${base}/health`);
    child.process.kill('SIGINT');
    await pause(50);
    child.process.kill('SIGINT');
    await pause(700);
    expect(child.process.exitCode).toBeNull();
    child.process.kill('SIGINT');
    expect(await child.ended).toEqual({ code: 130, signal: null });
  });
});
