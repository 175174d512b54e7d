/** What comes again under the same Idempotency-Key has one effect, and gets the first answer. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Fault } from '../../server/base/fault.js';
import { decideAndCommit, RECORD, type Draft } from '../../server/booking/draft.js';
import { once } from '../../server/booking/idempotency.js';
import type { Idempotency, RequestContext, Written } from '../../server/booking/index.js';
import type { Store, Write } from '../../server/store/index.js';
import { stores, type Place } from '../store/stores.js';

const HOUR_MS = 3_600_000;
const clock = { ms: 0, nowMs: () => clock.ms };
const REQUEST: Idempotency = { id: 'caller-and-key', fingerprint: 'POST /Appointment {}' };
const context = (idempotency?: Idempotency): RequestContext => ({
  ...{ base: 'http://h', strict: false },
  ...(idempotency && { idempotency }),
});

let place: Place;
let store: Store;
let commits: (readonly Write[])[];
/** How many were made: the effect that must not come twice. */
let made: number;
let powerIsOn = true;

beforeEach(async () => {
  place = await stores.find(({ name }) => name === 'sqlite, in memory')!.newPlace();
  store = await place.open();
  [clock.ms, commits, made] = [Date.parse('2027-03-15T13:00:00Z'), [], 0];
  const commit = store.commit.bind(store);
  store.commit = (writes) => {
    commits.push(writes);
    return powerIsOn ? commit(writes) : Promise.reject(new Error('the power went'));
  };
});
afterEach(async () => {
  await store.close();
  await place.remove();
});

/** Makes an Appointment under a new id each time that it is carried out. */
const make = async (draft: Draft): Promise<Written> => {
  const id = `a${(made += 1)}`;
  const key = { type: 'Appointment', id };
  await draft.prepare([key]);
  const text = `{"resourceType":"Appointment","id":"${id}"}`;
  draft.put({ ...key, ...RECORD, updatedMs: clock.ms, text });
  return { ...key, versionId: '1', updatedMs: clock.ms, text, outcome: 'created' };
};
const send = (idempotency: Idempotency | undefined, decide: (draft: Draft) => Promise<Written | undefined> = make) =>
  decideAndCommit(store, once(context(idempotency), clock, decide));
const appointments = () => store.count('Appointment', { kind: 'all', of: [] });

test('without a key each request is one of its own, and nothing is kept', async () => {
  expect([(await send(undefined))?.id, (await send(undefined))?.id]).toEqual(['a1', 'a2']);
  expect(commits.flat().map(({ type }) => type)).toEqual(['Appointment', 'Appointment']);
});

describe('the same key with the same request', () => {
  test('has one effect and gets the first answer, whatever has become of its resource', async () => {
    const first = await send(REQUEST);
    await store.commit([{ kind: 'remove', type: 'Appointment', id: 'a1', expectedRevision: 1 }]);
    clock.ms += HOUR_MS;
    expect(await send(REQUEST)).toEqual(first);
    expect(await appointments()).toBe(0);
  });

  test('the change and its answer are one commit', async () => {
    await send(REQUEST);
    expect(commits.map((writes) => writes.map(({ type }) => type).sort())).toEqual([
      ['Appointment', 'IdempotentAnswer'],
    ]);
  });

  test('a commit that fails leaves neither, and the next try has its effect', async () => {
    powerIsOn = false;
    await expect(send(REQUEST)).rejects.toThrow('the power went');
    powerIsOn = true;
    expect(await appointments()).toBe(0);
    expect(await send(REQUEST)).toMatchObject({ outcome: 'created' });
    expect(await appointments()).toBe(1);
  });

  test('20 at the same moment: one effect, and all get its answer', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(REQUEST)));
    expect(await appointments()).toBe(1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await store.read({ type: 'Appointment', id: answers[0]!.id })).toBeDefined();
  });

  test('an answer that wrote nothing is kept as well', async () => {
    const found: Written = {
      ...{ type: 'Appointment', id: 'x', versionId: '7', updatedMs: 1 },
      text: '{}',
      outcome: 'found',
    };
    expect(await send(REQUEST, () => Promise.resolve(found))).toEqual(found);
    expect(await send(REQUEST)).toEqual(found);
  });

  test('where there was nothing to do, nothing is kept', async () => {
    expect(await send(REQUEST, () => Promise.resolve(undefined))).toBeUndefined();
    expect(commits).toEqual([]);
  });
});

test('the same key with another request is refused, and changes nothing', async () => {
  await send(REQUEST);
  const refusal = await send({ ...REQUEST, fingerprint: 'POST /Appointment {"other":1}' }).catch(
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(Fault);
  expect(refusal).toMatchObject({ kind: 'rule', reasons: [{ expression: 'Idempotency-Key' }] });
  expect(await appointments()).toBe(1);
});

test('another key, or another caller with the same, is another request', async () => {
  await send(REQUEST);
  expect((await send({ ...REQUEST, id: 'other-caller-and-key' }))?.id).toBe('a2');
});

test('a refusal is not kept: the same request may succeed later', async () => {
  const refuse = () => Promise.reject(new Fault({ kind: 'conflict', message: 'taken' }));
  await expect(send(REQUEST, refuse)).rejects.toMatchObject({ kind: 'conflict' });
  expect(await send(REQUEST)).toMatchObject({ outcome: 'created' });
});

describe('an answer is kept for 24 hours', () => {
  test('to the last millisecond', async () => {
    await send(REQUEST);
    clock.ms += 24 * HOUR_MS - 1;
    expect((await send(REQUEST))?.id).toBe('a1');
  });

  test('then the key is free for any request, whose answer takes the place of the old one', async () => {
    await send(REQUEST);
    clock.ms += 24 * HOUR_MS;
    const other = { ...REQUEST, fingerprint: 'POST /Appointment {"other":1}' };
    expect((await send(other))?.id).toBe('a2');
    expect((await send(other))?.id).toBe('a2');
    expect(await store.count('IdempotentAnswer', { kind: 'all', of: [] })).toBe(1);
  });
});
