/**
 * What `load` makes of files: which resources it finds in them, how it names what it refuses, and what it rewrites.
 * The resources themselves are judged elsewhere: here a stand-in takes all but Observations.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JSON_BYTES_MAX, loadFiles } from '../../server/cli/load/load-files.js';
import { recordingResources } from './recording-resources.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fhir-slots-load-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const UUID = '4b8e1c3a-6f0d-4a55-9d5c-0b1b1f6a2e11';
const patientObject = (id: string) => ({ resourceType: 'Patient', id });
const patient = (id: string) => JSON.stringify(patientObject(id));

/** Writes contents to files a, b, …, loads them, and tells what happened, with the folder taken out of messages. */
async function load(contents: readonly (string | Buffer)[], recording = recordingResources()) {
  const files = contents.map((content, index) => {
    const file = join(folder, 'abcdef'[index]!);
    writeFileSync(file, content);
    return file;
  });
  const refused: string[] = [];
  let bytes = 0;
  const summary = await loadFiles(files, {
    ...recording,
    clock: { nowMs: () => 0 },
    newId: () => 'made-up',
    context: { base: 'http://localhost', strict: false },
    report: {
      read: (more) => (bytes += more),
      done: () => undefined,
      refused: (line) => refused.push(line.replace(`${folder}/`, '')),
    },
  });
  return { summary, refused, bytes, ...recording, keys: [...recording.texts.keys()] };
}

const bundle = (entry: unknown[], type = 'collection') => ({ resourceType: 'Bundle', type, entry });

describe('what a file may be', () => {
  test.each([
    ['one resource on a line', patient('p1'), ['Patient/p1']],
    ['one resource on many lines', JSON.stringify(patientObject('p1'), null, 2), ['Patient/p1']],
    ['NDJSON', `${patient('p1')}\n${patient('p2')}\n`, ['Patient/p1', 'Patient/p2']],
    ['NDJSON without an end of line at the end', `${patient('p1')}\n${patient('p2')}`, ['Patient/p1', 'Patient/p2']],
    [
      'NDJSON with blank lines and CR LF',
      `\r\n${patient('p1')}\r\n\r\n${patient('p2')}\r\n`,
      ['Patient/p1', 'Patient/p2'],
    ],
    ['NDJSON with a byte order mark', `\ufeff${patient('p1')}\n${patient('p2')}`, ['Patient/p1', 'Patient/p2']],
    ['gzip, whatever its name', gzipSync(`${patient('p1')}\n${patient('p2')}\n`), ['Patient/p1', 'Patient/p2']],
    ['a Bundle', JSON.stringify(bundle([{ resource: patientObject('p1') }])), ['Patient/p1']],
    ['a Bundle on many lines', JSON.stringify(bundle([{ resource: patientObject('p1') }]), null, 2), ['Patient/p1']],
    ['an empty Bundle', '{"resourceType":"Bundle","type":"collection"}', []],
    [
      'NDJSON of Bundles',
      `${JSON.stringify(bundle([{ resource: patientObject('p1') }]))}\n${patient('p2')}`,
      ['Patient/p1', 'Patient/p2'],
    ],
  ])('%s', async (_, content, keys) => {
    const loaded = await load([content]);
    expect(loaded.refused).toEqual([]);
    expect(loaded.keys).toEqual(keys);
    expect(loaded.bytes).toBe(Buffer.from(content as string).length);
  });

  test.each(['collection', 'transaction', 'batch', 'searchset', 'document', 'history'])(
    'a Bundle of type %s',
    async (type) => {
      const loaded = await load([JSON.stringify(bundle([{ resource: patientObject('p1') }], type))]);
      expect(loaded.keys).toEqual(['Patient/p1']);
    },
  );
});

describe('what is refused is named by its place, and the rest is loaded', () => {
  test('a line of NDJSON, in the first line too', async () => {
    const broken = '{"resourceType":"Patient","id":"p';
    const { refused, keys } = await load([`${broken}\n${patient('p2')}\n\n[1]\n${patient('p5')}\n${broken}`]);
    expect(refused.map((line) => line.split(' ')[0])).toEqual(['a:1:', 'a:4:', 'a:6:']);
    expect(keys).toEqual(['Patient/p2', 'Patient/p5']);
  });

  test.each([
    ['no JSON', '{"resourceType": "Patient",\n "id": }', /^a: /],
    ['an empty file', '', /^a: The file is empty\.$/],
    ['no resource', '{"id": "p1"}', /^a: .*resourceType is missing/],
    ['a resource without id', '{"resourceType":"Patient"}', /^a: The Patient has no id/],
    [
      'an entry that the server refuses',
      JSON.stringify(
        bundle([{ resource: patientObject('p1') }, { resource: { resourceType: 'Observation', id: 'o' } }]),
      ),
      /^a: entry\[1\]: Not a type of ours\.$/,
    ],
    [
      'an entry without a resource',
      JSON.stringify(bundle([{ request: { method: 'DELETE', url: 'Patient/p1' } }])),
      /^a: entry\[0\]: The entry has no resource/,
    ],
    ['entries that are no list', '{"resourceType":"Bundle","entry":{}}', /^a: Bundle.entry is not a list/],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), /^a: The line is not UTF-8/],
    [
      'gzip that ends too early',
      gzipSync(patient('p1')).subarray(0, 20),
      /^a: The file cannot be read any further: unexpected end of file\.$/,
    ],
  ])('%s', async (_, content, line) => {
    const { refused, summary } = await load([content, patient('p9')]);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatch(line);
    expect(summary.refused).toBe(1);
  });

  const filled = (length: number) => patient('p1').padEnd(length, ' ');

  test('a line over JSON_BYTES_MAX', async () => {
    const { refused, keys } = await load([`${filled(JSON_BYTES_MAX + 1)}\n${patient('p2')}`]);
    expect(refused).toEqual([`a:1: The line is longer than ${JSON_BYTES_MAX} bytes.`]);
    expect(keys).toEqual(['Patient/p2']);
  });

  test('a JSON text of several lines over JSON_BYTES_MAX, and the next file is loaded', async () => {
    const { refused, keys } = await load([filled(JSON_BYTES_MAX).replace(':', ':\n'), patient('p2')]);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain(`may have ${JSON_BYTES_MAX} bytes`);
    expect(keys).toEqual(['Patient/p2']);
  });

  test('but not one as long as that', async () => {
    const [one, several] = [filled(JSON_BYTES_MAX), filled(JSON_BYTES_MAX - 1).replace(':', ':\n')];
    expect((await load([one])).keys).toEqual(['Patient/p1']);
    expect((await load([several])).keys).toEqual(['Patient/p1']);
  }, 60_000);

  test('an OperationOutcome that a search brought along is no data and no fault', async () => {
    const outcome = { resource: { resourceType: 'OperationOutcome', issue: [] }, search: { mode: 'outcome' } };
    const { refused, keys } = await load([
      JSON.stringify(bundle([outcome, { resource: patientObject('p1') }], 'searchset')),
    ]);
    expect({ refused, keys }).toEqual({ refused: [], keys: ['Patient/p1'] });
  });
});

describe('ids and references within a Bundle', () => {
  const appointment = (extra: object) => ({
    resourceType: 'Appointment',
    identifier: [{ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${UUID}` }],
    participant: [{ actor: { reference: `urn:uuid:${UUID}` } }],
    ...extra,
  });

  test('a urn:uuid becomes Type/id, before and after its entry, and an identifier stays as it is', async () => {
    const { texts, refused } = await load([
      JSON.stringify(
        bundle([
          { resource: appointment({ id: 'a1' }) },
          { fullUrl: `urn:uuid:${UUID}`, resource: { resourceType: 'Patient', id: 'p1' } },
          { resource: appointment({ id: 'a2' }) },
        ]),
      ),
    ]);
    expect(refused).toEqual([]);
    for (const id of ['a1', 'a2']) {
      expect(JSON.parse(texts.get(`Appointment/${id}`)!)).toEqual(
        appointment({ id, participant: [{ actor: { reference: 'Patient/p1' } }] }),
      );
    }
  });

  test('numbers keep their digits, whatever is rewritten beside them', async () => {
    const first = '{"resourceType":"Location","position":{"longitude":1.50,"latitude":2}}';
    const reference = `"partOf":{"reference":"urn:uuid:${UUID}"}`;
    const second = `{"resourceType":"Location","id":"l2",${reference},"position":{"longitude":0.10}}`;
    const entries = `{"fullUrl":"urn:uuid:${UUID}","resource":${first}},{"resource":${second}}`;
    const text = `{"resourceType":"Bundle","type":"batch","entry":[${entries}]}`;
    const { texts } = await load([text]);
    expect(texts.get(`Location/${UUID}`)).toBe(
      `{"resourceType":"Location","id":"${UUID}","position":{"longitude":1.50,"latitude":2}}`,
    );
    expect(texts.get('Location/l2')).toBe(
      `{"resourceType":"Location","id":"l2","partOf":{"reference":"Location/${UUID}"},"position":{"longitude":0.10}}`,
    );
  });

  test.each([
    ['its urn:uuid', { fullUrl: `urn:uuid:${UUID}` }, UUID],
    ['the URL it would be put to', { request: { method: 'PUT', url: 'Patient/p7' } }, 'p7'],
    ['a new one', { request: { method: 'POST', url: 'Patient' } }, 'made-up'],
  ])('an entry without an id gets %s', async (_, entry, id) => {
    const { keys } = await load([JSON.stringify(bundle([{ ...entry, resource: { resourceType: 'Patient' } }]))]);
    expect(keys).toEqual([`Patient/${id}`]);
  });

  test('the urn:uuid of one Bundle means nothing in another', async () => {
    const first = bundle([{ fullUrl: `urn:uuid:${UUID}`, resource: { resourceType: 'Patient', id: 'p1' } }]);
    const { texts } = await load([
      JSON.stringify(first),
      JSON.stringify(bundle([{ resource: appointment({ id: 'a1' }) }])),
    ]);
    expect(texts.get('Appointment/a1')).toContain(`"reference":"urn:uuid:${UUID}"`);
  });
});

describe('references are looked at after the last file', () => {
  const slot = (id: string, schedule: string) =>
    JSON.stringify({ resourceType: 'Slot', id, schedule: { reference: `Schedule/${schedule}` } });

  test('one to a later file is fine, one to nothing is named with its place and how often it is met', async () => {
    const { refused, summary } = await load([
      [slot('s1', 'later'), slot('s2', 'never'), slot('s3', 'never')].join('\n'),
      '{"resourceType":"Schedule","id":"later"}',
    ]);
    expect(refused).toEqual([
      'a:2: Slot/s2 refers to Schedule/never, which is not on this server; so do 1 other references.',
    ]);
    expect(summary).toMatchObject({ created: 4, refused: 0, dangling: 1 });
  });

  test('one to a computed Slot is fine although it was never stored', async () => {
    const appointment = { resourceType: 'Appointment', id: 'a', slot: [{ reference: 'Slot/computed-1' }] };
    expect((await load([JSON.stringify(appointment)])).refused).toEqual([]);
  });
});

describe('loading again', () => {
  test('what is the same makes nothing new, what is different is updated', async () => {
    const recording = recordingResources();
    await load([`${patient('p1')}\n${patient('p2')}`], recording);
    const changed = '{"resourceType":"Patient","id":"p2","active":true}';
    const { summary } = await load([`${patient('p1')}\n${changed}\n${patient('p3')}`], recording);
    expect(summary).toMatchObject({ created: 1, updated: 1, unchanged: 1, refused: 0 });
  });

  test('many resources go in batches of 1,000', async () => {
    const { batches } = await load([Array.from({ length: 2_201 }, (_, n) => patient(`p${n}`)).join('\n')]);
    expect(batches).toEqual([1_000, 1_000, 201]);
  });
});
