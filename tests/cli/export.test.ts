/**
 * `fhir-slots export` and `import`: a store as a file and back, and a file that is not whole or not ours is refused
 * before anything is written. The command `indexes` beside them.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JSON_BYTES_MAX } from '../../server/cli/load/load-files.js';
import { exportLines } from '../../server/cli/transfer/export-lines.js';
import { EXPORT_LINE_BYTES_MAX } from '../../server/cli/transfer/read-export.js';
import { Tally } from '../../server/cli/transfer/tally.js';
import { openConnection } from '../../server/store/sqlite/connection.js';
import type { Store } from '../../server/store/index.js';
import { put } from '../store/documents.js';
import { fhirSlots } from './child.js';
import { answersOf, fill, fillMany, versionsIn } from './copy-content.js';
import { run, StoreUrls, WAYS, within } from './store-urls.js';

const urls = new StoreUrls();
afterAll(() => urls.remove());
/** Enough that there is a middle: a line is told for each 5,000 versions. */
const MANY = 8_000;
let files = 0;
const newFile = (ending = '.ndjson') => join(urls.folder, `export-${(files += 1)}${ending}`);

describe.each(WAYS)('export and import $name', ({ from, to }) => {
  test.each(['.ndjson', '.ndjson.gz'])('to a file %s and back, with every version and every answer', async (ending) => {
    const [source, target, file] = [urls.next(from), urls.next(to), newFile(ending)];
    // The file says the zone of its bare dates: whoever imports it does not have to know.
    const zone = 'Asia/Kolkata';
    await within(source, (store) => fill(store, zone));
    const written = await run(['export', '--from', source, file, '--default-timezone', zone]);
    expect(written).toMatchObject({ code: 0, out: '' });
    expect(written.err).toMatch(/^\d+ versions in \d+\.\d s \(\d+ per second\)\n$/);
    const { code, out } = await run(['import', file, '--to', target]);
    expect(code).toBe(0);
    expect(out).toMatch(/^Patient +7 +[0-9a-f]{16} +the same$/m);
    expect(await within(target, versionsIn)).toEqual(await within(source, versionsIn));
    const answers = (store: Store) => answersOf(store, zone);
    expect(await within(target, answers)).toEqual(await within(source, answers));
  });

  test('killed in the middle of an import and run again, it goes on', async () => {
    const [source, target, file] = [urls.next(from), urls.next(to), newFile()];
    await within(source, (store) => fillMany(store, MANY));
    await run(['export', '--from', source, file]);
    const killed = fhirSlots(['import', file, '--to', target]);
    killed.process.stderr.on('data', () => killed.err().includes('copying: ') && killed.process.kill('SIGKILL'));
    expect((await killed.ended).signal).toBe('SIGKILL');
    const again = await run(['import', file, '--to', target]);
    expect(again.code).toBe(0);
    expect(again.err).toMatch(/Going on after \d+ versions of an earlier run\./);
    expect(await within(target, versionsIn)).toEqual(await within(source, versionsIn));
  }, 60_000);
});

describe('what export writes', () => {
  const source = urls.next('sqlite');
  beforeAll(() => within(source, fill));

  test('without a file, on standard output: a head, one line a version with its text as it is, an end', async () => {
    const { code, out } = await run(['export'], { STORE_URL: source });
    expect(code).toBe(0);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const versions = await within(source, versionsIn);
    expect(lines[0]).toEqual({ export: 'fhir-slots', format: 1, defaultTimezone: 'UTC' });
    expect(lines.at(-1)).toMatchObject({ end: true, versions: versions.length });
    const told = lines.slice(1, -1).map((line) => ({ ...line, base: undefined, zone: undefined }));
    expect(told).toEqual(
      expect.arrayContaining(versions.map((version) => ({ ...version, base: undefined, zone: undefined }))),
    );
    expect(told).toHaveLength(versions.length);
  });

  test('with --resources, current resources that load reads', async () => {
    const target = urls.next('sqlite');
    const file = newFile('.ndjson.gz');
    expect(await run(['export', '--resources', '--from', source, file])).toMatchObject({ code: 0 });
    const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
    const resources = lines.map((line) => JSON.parse(line) as { resourceType: string; id: string });
    const names = resources.map(({ resourceType, id }) => `${resourceType}/${id}`);
    expect(names).toContain('Patient/q1');
    expect(names).not.toContain('Slot/D');
    expect(new Set(names).size).toBe(names.length);
    const { code, out } = await run(['load', '--store-url', target, '--base-url', 'http://127.0.0.1:8080', file]);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(`^${names.length} created, 0 .* 0 refused`) });
  });

  test('a file that is there is left alone', async () => {
    const file = newFile();
    writeFileSync(file, 'mine');
    const { code, err } = await run(['export', '--from', source, file]);
    expect({ code, err }).toEqual({
      code: 1,
      err: `fhir-slots: The file ${file} is there already: name another, or remove it.\n`,
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test('killed in the middle, no file has the name', async () => {
    const many = urls.next('sqlite');
    await within(many, (store) => fillMany(store, MANY));
    const file = newFile();
    const killed = fhirSlots(['export', '--from', many, file]);
    killed.process.stderr.on('data', () => killed.err().includes('writing: ') && killed.process.kill('SIGKILL'));
    expect((await killed.ended).signal).toBe('SIGKILL');
    expect(existsSync(file)).toBe(false);
  });

  test('a store that is written to meanwhile is told', async () => {
    const many = urls.next('sqlite');
    await within(many, async (store) => {
      await fillMany(store, MANY);
      const child = fhirSlots(['export', '--from', many, newFile()]);
      let wrote: Promise<unknown> | undefined;
      const write = put('Patient/p0', { expectedRevision: 2 });
      child.process.stderr.on('data', () => {
        wrote ??= store.commit([write]);
      });
      expect((await child.ended).code).toBe(1);
      await wrote;
      expect(child.err()).toMatch(/fhir-slots: The store was written to meanwhile, in Patient: .*export again\.\n$/);
    });
  });
});

describe('what import refuses, before it makes a store', () => {
  let whole = '';
  let lines: readonly string[] = [];
  beforeAll(async () => {
    const source = urls.next('sqlite');
    await within(source, fill);
    whole = (await run(['export', '--from', source])).out;
    lines = whole.trimEnd().split('\n');
  });

  const refusal = async (content: string | Buffer) => {
    const [file, target] = [newFile(), urls.next('sqlite')];
    writeFileSync(file, content);
    const { code, out, err } = await run(['import', file, '--to', target]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(existsSync(target.slice('sqlite:'.length))).toBe(false);
    return err.replace(file, 'FILE');
  };
  const joined = (some: readonly string[]) => some.map((line) => `${line}\n`).join('');

  test('a file without its last line', async () => {
    expect(await refusal(joined(lines.slice(0, -1)))).toBe(
      'fhir-slots: The file FILE is cut off: its last line, which has the counts and hashes, is missing. ' +
        'Export again.\n',
    );
  });

  test('a file that ends within a line', async () => {
    expect(await refusal(whole.slice(0, whole.length / 2))).toMatch(
      /^fhir-slots: FILE:\d+: .* cut off or damaged\.\n$/,
    );
  });

  test('gzip that ends too early', async () => {
    const zipped = gzipSync(whole);
    expect(await refusal(zipped.subarray(0, zipped.length - 20))).toBe(
      'fhir-slots: The file FILE is cut off or damaged: unexpected end of file.\n',
    );
  });

  test('a file that lost a line, or of which one was changed', async () => {
    const at = lines.findIndex((line) => line.includes('"type":"Patient"'));
    const message = /^fhir-slots: The file FILE does not hold what its last line says of Patient: it was changed or /;
    expect(await refusal(joined(lines.toSpliced(at, 1)))).toMatch(message);
    const changed = lines[at]!.replace('"revision":', '"revision":1');
    expect(await refusal(joined(lines.with(at, changed)))).toMatch(message);
  });

  test('a file with something after its end', async () => {
    expect(await refusal(joined([...lines, lines[1]!]))).toMatch(
      /^fhir-slots: FILE:\d+: Something follows the last line/,
    );
  });

  test.each([
    ['an empty file', ''],
    ['resources', '{"resourceType":"Patient","id":"p1"}\n'],
    ['no JSON', 'hello\n'],
  ])('%s', async (_, content) => {
    expect(await refusal(content)).toBe(
      'fhir-slots: The file FILE is no export of a store; resources in NDJSON are read by the command load.\n',
    );
  });

  test('an export of a newer program', async () => {
    const head = '{"export":"fhir-slots","format":2,"defaultTimezone":"UTC"}\n';
    expect(await refusal(head)).toMatch(/has format 2; this program knows 1\. Use a newer program\.\n$/);
  });

  test('a line that is no version', async () => {
    const broken = '{"type":"Slot","id":"a","revision":0,"updatedMs":1,"deleted":false,"current":true,"text":"{}"}';
    expect(await refusal(joined([lines[0]!, broken, lines.at(-1)!]))).toMatch(
      /^fhir-slots: FILE:2: The line is no version/,
    );
  });

  test('a file that is not there, and a store with documents', async () => {
    const gone = await run(['import', 'nowhere.ndjson', '--to', 'sqlite::memory:']);
    expect(gone).toMatchObject({ code: 1, err: 'fhir-slots: There is no file nowhere.ndjson.\n' });
    const [file, target] = [newFile(), urls.next('sqlite')];
    writeFileSync(file, whole);
    await within(target, (store) => store.commit([put('Slot/a')]));
    expect((await run(['import', file], { STORE_URL: target })).err).toMatch(/holds documents already/);
  });
});

test('the longest text that can be written fits into a line', async () => {
  /** Bytes of the line of a version whose text is this. */
  const lineOf = async (text: string) => {
    const key = { type: 'HealthcareService', id: 'x'.repeat(64), revision: 1, updatedMs: 1 };
    const versions = [{ ...key, deleted: true, current: true, text }];
    const store = { ...({} as Store), scan: () => Promise.resolve({ versions }) };
    const groups: string[] = [];
    for await (const group of exportLines(store, 'UTC', new Tally(), () => undefined)) groups.push(group);
    return Buffer.byteLength(groups[1] ?? '');
  };
  const empty = await lineOf('');
  const costs = ['"', '\\', 'é', '😀', 'a'].map(async (one) => ((await lineOf(one)) - empty) / Buffer.byteLength(one));
  const costliest = Math.max(...(await Promise.all(costs)));
  expect(empty + costliest * JSON_BYTES_MAX).toBeLessThanOrEqual(EXPORT_LINE_BYTES_MAX);
});

describe('indexes', () => {
  test('lists those that are there, missing, and not ours', async () => {
    const url = urls.next('sqlite');
    const connection = openConnection(url.slice('sqlite:'.length));
    const all = await run(['indexes', '--store-url', url]);
    expect(all.code).toBe(0);
    expect(all.out).toMatch(/^there +resource +resource_by_id +type, id$/m);
    expect(all.out).toMatch(/^there +resource +resource_in_order +type, order_ms, order_text, id WHERE deleted = 0$/m);
    expect(all.out).toMatch(/^7 indexes of sqlite:.*\.db, none is missing$/m);
    connection.exec('DROP INDEX value_of_row; CREATE INDEX theirs ON resource(updated_ms)');
    connection.close();
    const some = await run(['indexes'], { STORE_URL: url });
    expect(some.code).toBe(1);
    expect(some.out).toMatch(/^missing +value +value_of_row +row, param, lo, hi$/m);
    expect(some.out).toMatch(/^unknown to us +resource +theirs +updated_ms$/m);
    expect(some.out).toMatch(/, 1 missing or being built$/m);
  });

  test('of a store that is not there, which is not made', async () => {
    const url = urls.next('sqlite');
    const { code, err } = await run(['indexes', '--store-url', url]);
    expect(code).toBe(1);
    expect(err).toMatch(/\(STORE_URL\) cannot be opened: There is no file /);
    expect(existsSync(url.slice('sqlite:'.length))).toBe(false);
  });
});
