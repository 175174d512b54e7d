/** What one `$find` may ask for. */
import { expect, test } from '@jest/globals';
import { Fault } from '../../server/base/fault.js';
import { CHOICES_MAX, choicesOf } from '../../server/booking/find-choices.js';
import { findNames, NAMED_IN_FIND_MAX } from '../../server/booking/find-names.js';
import { FIND_COUNT_MAX, pageSizeOf } from '../../server/booking/find-page.js';
import type { FindRequest } from '../../server/booking/index.js';
import type { IndexValues } from '../../server/fhir/index.js';
import { openSqlite } from '../../server/store/sqlite/index.js';

const NOBODY: FindRequest = {
  ...{ practitioners: [], locations: [], locationTexts: [], organizations: [], specialties: [], visitTypes: [] },
  ...{ patients: [], newPatientCount: 0, reasons: [], schedules: [], containedSlots: false },
};
const kindOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'answered',
    (error: unknown) => (error instanceof Fault ? error.kind : 'broken'),
  );

test('a page has at most so many entries', () => {
  expect(pageSizeOf({ ...NOBODY, count: FIND_COUNT_MAX + 1 })).toBe(FIND_COUNT_MAX);
});

test('a question names at most so many resources', async () => {
  const store = openSqlite(':memory:');
  const named = (count: number) => ({ ...NOBODY, locationTexts: Array<string>(count).fill('Main') });
  expect(await kindOf(findNames(store, named(NAMED_IN_FIND_MAX)))).toBe('answered');
  expect(await kindOf(findNames(store, named(NAMED_IN_FIND_MAX + 1)))).toBe('too-costly');
  await store.close();
});

test('a question looks at so many pairs of a doctor and a room', async () => {
  const store = openSqlite(':memory:');
  const put = (id: string, target: string) => {
    const schedule = { resourceType: 'Schedule', id, actor: [{ reference: target }] };
    const index: IndexValues = { actor: [{ kind: 'reference', target }] };
    const order = { timeMs: null, text: '' };
    const document = { type: 'Schedule', id, updatedMs: 0, deleted: false, text: JSON.stringify(schedule) };
    return store.commit([{ ...document, kind: 'put', expectedRevision: 0, index, order, keepHistory: true }]);
  };
  const doctors = Math.ceil(CHOICES_MAX / 20);
  for (let at = 0; at < doctors; at += 1) await put(`d${at}`, 'Practitioner/p1');
  for (let at = 0; at < 20; at += 1) await put(`r${at}`, 'Location/l1');
  const name = { reference: 'x' };
  const asked = { ...NOBODY, practitioners: [name], locations: [name] };
  const names = {
    ...{ practitioners: [['Practitioner/p1']], locations: [['Location/l1']], organizations: [], patients: [] },
    ...{ schedules: [], healthcareService: undefined, ignored: undefined, isHopeless: false, notices: [] },
  };
  expect(await choicesOf(store, asked, names)).toHaveLength(CHOICES_MAX);
  await put('one-more', 'Location/l1');
  expect(await kindOf(choicesOf(store, asked, names))).toBe('too-costly');
  await store.close();
});
