/**
 * `fhir-slots copy`, as a person runs it: everything comes over and is found as before, a copy that was cut short goes
 * on, and nothing is mixed or half right without being told.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { openConnection } from '../../server/store/sqlite/connection.js';
import { key, put } from '../store/documents.js';
import { fhirSlots } from './child.js';
import { answersOf, fill, fillMany, versionsIn } from './copy-content.js';
import { run, StoreUrls, WAYS, within } from './store-urls.js';

const urls = new StoreUrls();
afterAll(() => urls.remove());

/** Enough that there is a middle: a line is told for each 5,000 versions. */
const MANY = 8_000;
/** With their history and a unit. */
const ALL = 8_801;

const copy = (from: string, to: string, ...more: string[]) => run(['copy', '--from', from, '--to', to, ...more]);

describe.each(WAYS)('copy $name', ({ from, to }) => {
  test('every version comes over as it is, and every search has the same answer', async () => {
    const [source, target] = [urls.next(from), urls.next(to)];
    await within(source, fill);
    const { code, out, err } = await copy(source, target);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const versions = await within(source, versionsIn);
    expect(await within(target, versionsIn)).toEqual(versions);
    expect(await within(target, answersOf)).toEqual(await within(source, answersOf));
    expect(out).toMatch(/^type +versions +hash +in the target\n/);
    expect(out).toMatch(/^Patient +7 +[0-9a-f]{16} +the same$/m);
    expect(out).toMatch(/^Unit +3 +[0-9a-f]{16} +the same$/m);
    expect(out).toMatch(new RegExp(`^${versions.length} versions in \\d+\\.\\d s \\(\\d+ per second\\)$`, 'm'));
    expect(out).toMatch(/Both hold the same\.\n$/);
  });

  test('killed in the middle and run again, it goes on and holds the same in the end', async () => {
    const [source, target] = [urls.next(from), urls.next(to)];
    await within(source, (store) => fillMany(store, MANY));
    const killed = fhirSlots(['copy', '--from', source, '--to', target]);
    killed.process.stderr.on('data', () => killed.err().includes('copying: ') && killed.process.kill('SIGKILL'));
    expect((await killed.ended).signal).toBe('SIGKILL');
    expect((await within(target, versionsIn)).length).toBeLessThan(ALL);
    const half = await run(['export', '--from', target]);
    expect(half).toMatchObject({ code: 1, out: '' });
    expect(half.err).toMatch(/ is an unfinished copy: run the command that made it again, to its end\.\n$/);
    const again = await copy(source, target);
    expect(again.code).toBe(0);
    expect(again.err).toMatch(/Going on after \d+ versions of an earlier run\./);
    expect(again.out).toMatch(/^Patient +8800 +\w+ +the same$/m);
    expect(Number(/^(\d+) versions in/m.exec(again.out)?.[1])).toBeLessThan(ALL);
    expect(await within(target, versionsIn)).toEqual(await within(source, versionsIn));
  }, 120_000);

  test('into a store that holds anything else it does not go', async () => {
    const [source, target] = [urls.next(from), urls.next(to)];
    await within(source, (store) => store.commit([put('Slot/a')]));
    await within(target, (store) => store.commit([put('Slot/b')]));
    const { code, out, err } = await copy(source, target);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^fhir-slots: The store .* holds documents already, and a copy would mix with them: name an /);
    expect((await within(target, versionsIn)).map(({ id }) => id)).toEqual(['b']);
  });
});

describe('a copy that is not the same is told', () => {
  const [source, target] = [urls.next('sqlite'), urls.next('sqlite')];

  /** A copy that was killed on its way. */
  const cutShort = async () => {
    await within(source, (store) => fillMany(store, MANY));
    const killed = fhirSlots(['copy', '--from', source, '--to', target]);
    killed.process.stderr.on('data', () => killed.err().includes('copying: ') && killed.process.kill('SIGKILL'));
    await killed.ended;
  };

  test('by type, when the source was changed behind the place where the copy was cut short', async () => {
    await cutShort();
    await within(source, (store) => store.commit([put('Patient/p0', { expectedRevision: 2 })]));
    const { code, out, err } = await copy(source, target);
    expect(code).toBe(1);
    expect(out).toMatch(/^Patient +8801 +\w+ +not the same: 880\d \w+$/m);
    expect(out).toMatch(/^Unit +1 +\w+ +the same$/m);
    expect(err).toMatch(
      /^fhir-slots: The copy is not the same in Patient\. Stop the servers of both stores, empty the target, and /m,
    );
  }, 60_000);

  test('and the target stays marked, for that source alone', async () => {
    const other = urls.next('sqlite');
    await within(other, (store) => store.commit([put('Slot/a')]));
    const refused = await copy(other, target);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(
      /holds an unfinished copy of sqlite:\/.*\.db: finish that one, or name an empty store\./,
    );
    const asSource = await copy(target, urls.next('sqlite'));
    expect(asSource.err).toMatch(/ is an unfinished copy: run the command that made it again/);
    expect((await within(target, (store) => store.read(key('UnfinishedCopy/copy'))))?.text).not.toContain('"place"');
  });

  test('while it goes on, when the source is written to', async () => {
    const [from, to] = [urls.next('sqlite'), urls.next('sqlite')];
    await within(from, (store) => fillMany(store, MANY));
    await within(from, async (store) => {
      const child = fhirSlots(['copy', '--from', from, '--to', to]);
      let wrote: Promise<unknown> | undefined;
      child.process.stderr.on('data', () => {
        if (child.err().includes('copying: ')) wrote ??= store.commit([put('Patient/p0', { expectedRevision: 2 })]);
      });
      expect((await child.ended).code).toBe(1);
      expect(await wrote).toEqual({ committed: true });
      expect(child.err()).toMatch(
        /^fhir-slots: The source was written to meanwhile\. Stop the servers of both stores/m,
      );
    });
  }, 60_000);
});

describe('what is not understood or not there', () => {
  test('without --to it says so, and ends with 2', async () => {
    const { code, err } = await run(['copy', '--from', 'sqlite::memory:']);
    expect(code).toBe(2);
    expect(err).toMatch(/required option '--to <store>' not specified/);
  });

  test('a source that is not there is not made', async () => {
    const [source, target] = [urls.next('sqlite'), urls.next('sqlite')];
    for (let times = 0; times < 2; times++) {
      const { code, err } = await copy(source, target);
      expect(code).toBe(1);
      expect(err).toMatch(/^fhir-slots: The store sqlite:.* \(--from\) cannot be opened: There is no file .*\.db\.\n$/);
    }
  });

  test('a source without documents is not copied', async () => {
    const [source, target] = [urls.next('sqlite'), urls.next('sqlite')];
    openConnection(source.slice('sqlite:'.length)).close();
    const { code, err } = await copy(source, target);
    expect(code).toBe(1);
    expect(err).toMatch(/holds no documents: there is nothing to copy\.\n$/);
  });

  test('a store into itself, whatever its path is called', async () => {
    const source = urls.next('sqlite');
    const { code, err } = await copy(source, source.replace(/\/([^/]+)$/, '/./$1'));
    expect({ code, err }).toEqual({ code: 2, err: 'fhir-slots: --from and --to name the same store.\n' });
  });

  test.each([
    ['--from', 'mongodb://me:s3cret@db/a/b', 'sqlite::memory:'],
    ['--to', 'sqlite::memory:', 'mongodb://me:s3cret@db/slots?x y'],
    ['--to', 'sqlite::memory:', 'mongodb:me:s3cret@db/slots'],
  ])('%s that is malformed, and no secret is shown', async (flag, from, to) => {
    const { code, out, err } = await copy(from, to);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(new RegExp(`^fhir-slots: ${flag} must be a URL .* not "mongodb:.*\\*\\*\\*@db`));
    expect(err).not.toContain('s3cret');
  });
});
