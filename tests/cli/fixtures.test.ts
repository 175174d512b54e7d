/** What the fixtures say, as far as it can be told without a server; `load.test.ts` loads them into one. */
import { readFileSync } from 'node:fs';
import type { Bundle, FhirResource } from 'fhir/r4.js';
import { describe, expect, test } from '@jest/globals';
import { demoSlots } from '../../server/cli/demo/demo-slots.js';

const MS_PER_DAY = 86_400_000;
const read = (file: string) =>
  (JSON.parse(readFileSync(file, 'utf8')) as Bundle<FhirResource>).entry!.map(({ resource }) => resource!);

test('every reference of the demo leads to a resource of the demo', () => {
  const files = ['clinic', 'patients', 'schedules'].map((name) => `fixtures/demo/${name}.json`);
  const resources: FhirResource[] = [...files.flatMap(read), ...demoSlots(0)];
  const names = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`));
  const references = [...JSON.stringify(resources).matchAll(/"reference":"([^"]+)"/g)].map((match) => match[1]!);
  expect(references.length).toBeGreaterThan(5);
  expect(references.filter((reference) => !names.has(reference))).toEqual([]);
});

describe('the stored Slots of the demo', () => {
  const now = Date.parse('2026-11-21T20:00:00Z');

  test('lie on the coming fourteen days of India, Sundays excepted', () => {
    const dates = new Set(demoSlots(now).map(({ start }) => start.slice(0, 10)));
    expect([...dates].at(0)).toBe('2026-11-23');
    expect([...dates].at(-1)).toBe('2026-12-05');
    expect(dates.size).toBe(12);
  });

  test('are half hours from 09:00 to 13:00, of which one is taken', () => {
    const day = demoSlots(now).filter(({ start }) => start.startsWith('2026-11-23'));
    expect(day.map(({ start, end, status }) => `${start.slice(11)} ${end.slice(11)} ${status}`)).toEqual([
      '09:00:00+05:30 09:30:00+05:30 free',
      '09:30:00+05:30 10:00:00+05:30 free',
      '10:00:00+05:30 10:30:00+05:30 busy',
      '10:30:00+05:30 11:00:00+05:30 free',
      '11:00:00+05:30 11:30:00+05:30 free',
      '11:30:00+05:30 12:00:00+05:30 free',
      '12:00:00+05:30 12:30:00+05:30 free',
      '12:30:00+05:30 13:00:00+05:30 free',
    ]);
  });

  test('keep their ids from one day to the next, so that a day is made once', () => {
    const [today, tomorrow] = [demoSlots(now), demoSlots(now + MS_PER_DAY)].map((slots) => slots.map(({ id }) => id));
    expect(tomorrow!.filter((id) => !today!.includes(id)).length).toBeLessThanOrEqual(8);
    expect(new Set(today).size).toBe(today!.length);
  });
});
