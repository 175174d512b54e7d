/** `fhir-slots check` as a person runs it. */
import { afterAll, expect, jest, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../server/open-store.js';
import { run, StoreUrls } from './store-urls.js';

// Each command is a process that starts on a machine that others use too.
jest.setTimeout(60_000);

const urls = new StoreUrls();
afterAll(() => urls.remove());

const room = (id: string, more: object = {}) => ({
  ...{ resourceType: 'Schedule', id, actor: [{ display: 'Room' }] },
  ...more,
});
const slot = (id: string, schedule: string, start: string, end: string) => ({
  ...{ resourceType: 'Slot', id, schedule: { reference: `Schedule/${schedule}` }, status: 'free' },
  ...{ start: `2999-03-15T${start}:00Z`, end: `2999-03-15T${end}:00Z` },
});
const appointment = (id: string, more: object) => ({
  ...{
    resourceType: 'Appointment',
    id,
    status: 'booked',
    participant: [{ actor: { display: 'Q' }, status: 'accepted' }],
  },
  ...{ start: '2999-03-15T13:00:00Z', end: '2999-03-15T13:30:00Z' },
  ...more,
});

async function loaded(...resources: object[]): Promise<Record<string, string>> {
  const environment = { STORE_URL: urls.next('sqlite') };
  const file = join(tmpdir(), `fhir-slots-check-${process.pid}.ndjson`);
  await writeFile(file, resources.map((resource) => JSON.stringify(resource)).join('\n'));
  expect(await run(['load', file], environment)).toMatchObject({ code: 0 });
  return environment;
}

test('a store where all is well: nothing found, exit code 0', async () => {
  const taken = appointment('a1', { slot: [{ reference: 'Slot/A' }] });
  const environment = await loaded(room('s1'), slot('A', 's1', '13:00', '13:30'), taken);
  expect(await run(['check'], environment)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/: 0 found\n$/) as unknown,
  });
  expect(await run(['check', '--conflicts'], environment)).toMatchObject({ code: 0 });
});

test('an Appointment that claims nothing is listed', async () => {
  const { code, out } = await run(['check'], await loaded(appointment('a1', {})));
  expect(code).toBe(1);
  expect(out).toContain('Appointment/a1 is booked without the time of any Schedule.');
});

test('a claim that is gone is found', async () => {
  const taken = appointment('a1', { slot: [{ reference: 'Slot/A' }] });
  const environment = await loaded(room('s1'), slot('A', 's1', '13:00', '13:30'), taken);
  const store = await openStore(environment['STORE_URL'] ?? '');
  const query = { type: 'Unit', filter: { kind: 'all', of: [] }, sort: [], limit: 9 } as const;
  for (const { document } of await store.search(query)) {
    const { revision: expectedRevision, type, id } = document;
    await store.commit([{ kind: 'remove', expectedRevision, type, id }]);
  }
  await store.close();
  expect(await run(['check'], environment)).toMatchObject({
    code: 1,
    out: expect.stringContaining('Appointment/a1') as unknown,
  });
});

test('a Schedule that lies where its actors no longer are is found, and told how to mend it', async () => {
  const doctor = { resourceType: 'Practitioner', id: 'p1' };
  const environment = await loaded(doctor, room('s1', { actor: [{ reference: 'Practitioner/p1' }] }));
  expect(await run(['check'], environment)).toMatchObject({ code: 0 });
  const { code, out } = await run(['check', '--exclusive-actors', 'none'], environment);
  expect(code).toBe(1);
  expect(out).toContain(
    'Schedule/s1 takes the time of Practitioner/p1, but by its actors that of Schedule/s1: PUT it again as it is.\n',
  );
});

test('with --conflicts: the Appointments that their Schedule collides with', async () => {
  const taken = appointment('a1', { slot: [{ reference: 'Slot/A' }] });
  const closed = { planningHorizon: { end: '2999-03-14' } };
  const environment = await loaded(room('s1'), slot('A', 's1', '13:00', '13:30'), taken);
  await writeFile(join(tmpdir(), 'closed.ndjson'), JSON.stringify(room('s1', closed)));
  await run(['load', join(tmpdir(), 'closed.ndjson')], environment);
  expect(await run(['check'], environment)).toMatchObject({ code: 0 });
  const { code, out } = await run(['check', '--conflicts'], environment);
  expect(code).toBe(1);
  expect(out).toContain('Appointment/a1 on Schedule/s1 collides with the planningHorizon of Schedule/s1.\n');
});

test('a store that is not there', async () => {
  expect(await run(['check'], { STORE_URL: urls.next('sqlite') })).toMatchObject({ code: 1, out: '' });
});
