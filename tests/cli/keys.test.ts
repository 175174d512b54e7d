/** `fhir-slots keys` as a person runs it, beside a running server. */
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { fhirSlots } from './child.js';
import { run, StoreUrls } from './store-urls.js';

// Each command is a process that starts on a machine that others use too.
jest.setTimeout(60_000);

const KINDS = process.env['TEST_MONGODB_URL'] ? (['sqlite', 'mongodb'] as const) : (['sqlite'] as const);
const urls = new StoreUrls();
afterAll(() => urls.remove());

describe.each(KINDS)('keys on %s', (kind) => {
  test('a key is shown once, works on a running server, is listed, and ends when it is revoked', async () => {
    const environment = { STORE_URL: urls.next(kind) };
    const server = fhirSlots(['serve', '--port', '0'], environment);
    await server.says('Ctrl-C stops it.');
    const [, address = ''] = /listens on (\S+)/.exec(server.out()) ?? [];
    const statusWith = async (key: string) =>
      (await fetch(`${address}/Patient`, { headers: { Authorization: `Bearer ${key}` } })).status;

    const made = await run(['keys', 'create', '--name', 'front desk', '--right', 'override'], environment);
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^fsk_[\w-]{43}\n$/) as unknown });
    expect(made.err).toMatch(/the key of front desk \(id [0-9a-f]{12}, rights: override\).*not shown again/s);
    const key = made.out.trim();
    expect(made.err).not.toContain(key);
    expect(await statusWith(key)).toBe(200);

    const listed = await run(['keys', 'list'], environment);
    expect(listed.out.split('\n')[1]).toMatch(
      new RegExp(`^[0-9a-f]{12} {2}front desk {8}override {2}…${key.slice(-4)} +20\\S+Z$`),
    );
    expect(listed.out).not.toContain(key.slice(-5));

    const ofBrowsers = await run(['keys', 'create', '--name', 'a site', '--kind', 'public'], environment);
    expect(ofBrowsers).toMatchObject({ code: 0, out: expect.stringMatching(/^pk_[0-9a-f]{64}\n$/) as unknown });
    expect(ofBrowsers.err).toMatch(/the key of a site \(id [0-9a-f]{12}, public, no rights\).*Bearer pk_…/s);
    const slots = await fetch(`${address}/slots`, { headers: { Authorization: `Bearer ${ofBrowsers.out.trim()}` } });
    expect(slots.status).toBe(200);

    const revoked = await run(['keys', 'revoke', 'front desk'], environment);
    expect(revoked.out).toMatch(/^Revoked the key of front desk \(id [0-9a-f]{12}, rights: override\)\.\n$/);
    expect(await statusWith(key)).toBe(401);
    expect((await run(['keys', 'list'], environment)).out.split('\n')[1]).toMatch(/Z {2}20\S+Z$/);
    server.process.kill('SIGTERM');
    await server.ended;
  });
});

describe('what is refused', () => {
  const sqlite = () => ({ STORE_URL: urls.next('sqlite') });

  test.each([
    ['a key without a name', ['create'], 2, /--name <name>/],
    [
      'a right that there is not',
      ['create', '--name', 'a', '--right', 'all'],
      2,
      /--right must be one of override, not "all"/,
    ],
    [
      'a kind that there is not',
      ['create', '--name', 'a', '--kind', 'private'],
      2,
      /--kind must be one of public, secret, not "private"/,
    ],
    ['a name that cannot be one', ['create', '--name', ''], 2, /A name has 1 to 64 visible characters/],
    ['no verb', [], 2, /Usage: fhir-slots keys/],
    ['a store that is not there', ['list'], 1, /There is no file/],
  ])('%s', async (_, args, exit, message) => {
    const { code, out, err } = await run(['keys', ...args], sqlite());
    expect({ code, out }).toEqual({ code: exit, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test('a store in memory, which this command alone would see', async () => {
    const { code, err } = await run(['keys', 'create', '--name', 'a'], { STORE_URL: 'sqlite::memory:' });
    expect(code).toBe(1);
    expect(err).toBe('fhir-slots: A store in memory is seen by its server alone: name another (STORE_URL).\n');
  });

  test('revoking what is not there, and a name that two have', async () => {
    const environment = sqlite();
    const create = () => run(['keys', 'create', '--name', 'twin'], environment);
    const ids = [await create(), await create()].map(({ err }) => /id ([0-9a-f]{12})/.exec(err)?.[1] ?? '');
    expect(await run(['keys', 'revoke', 'nobody'], environment)).toMatchObject({ code: 1, out: '' });
    const both = await run(['keys', 'revoke', 'twin'], environment);
    expect(both.code).toBe(1);
    for (const id of ids) expect(both.err).toContain(id);
    expect((await run(['keys', 'revoke', ids[0] ?? ''], environment)).code).toBe(0);
    expect((await run(['keys', 'revoke', 'twin'], environment)).code).toBe(0);
  });
});
