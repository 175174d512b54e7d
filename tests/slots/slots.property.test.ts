/**
 * Laws of slot generation, tried on random rules in every zone that this Node knows, half of them on days on which
 * clocks change. On a failure fast-check prints a seed and the smallest case. `FC_RUNS` sets the cases per zone.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { listCandidates, onGrid, refusalsOf, type Candidate } from '../../server/slots/index.js';
import { casesAround, casesIn, type Case } from './arbitrary.js';
import { naiveCandidates } from './naive.js';

const MINUTE = 60_000;
const RUNS_PER_ZONE = Number(process.env['FC_RUNS'] ?? 1);
const zones = [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])];
const regions = [...new Set(zones.map((zone) => zone.split('/')[0] ?? zone))];

/** Tries a law in every zone of a region. */
function inZones(region: string, law: (given: Case) => void): void {
  for (const zone of zones.filter((one) => one.startsWith(region))) {
    fc.assert(fc.property(casesIn(zone), law), { numRuns: RUNS_PER_ZONE });
  }
}

const text = ({ startMs, endMs, rule, capacity }: Candidate) =>
  `${new Date(startMs).toISOString()} ${(endMs - startMs) / MINUTE} min, rule ${rule}, capacity ${capacity}`;

/** Fails where the slots listed are not those of the second implementation. */
function agreesWithNaive({ rules, question, occupied }: Case): void {
  const expected = naiveCandidates(rules, question, occupied).map(text);
  expect(listCandidates(rules, question, occupied).map(text)).toEqual(expected);
}

describe('the slots listed are those that the prose says, minute by minute', () => {
  test.each(regions)('in %s', (region) => inZones(region, agreesWithNaive));

  test.each([
    ['Pacific/Apia', '2011-12-30T10:00Z', 'skipped a date'],
    ['Pacific/Kwajalein', '1993-08-21T12:00Z', 'skipped a date'],
    ['America/St_Johns', '2010-11-07T02:31Z', 'went back over midnight'],
    ['America/Nuuk', '2027-10-31T01:00Z', 'goes back at midnight'],
    ['Africa/Cairo', '2027-04-29T22:00Z', 'has no midnight'],
    ['Antarctica/Troll', '2027-03-28T01:00Z', 'goes forward by two hours'],
  ])('in %s on %s, where it %s', (zone, instant) => {
    fc.assert(fc.property(casesAround(zone, Date.parse(instant)), agreesWithNaive), { numRuns: RUNS_PER_ZONE * 10 });
  });
});

/**
 * Each minute of the question is judged as the start of a slot: refused exactly when it is not listed, so what lies
 * off the grid is tried as well as what lies on it.
 */
describe('what is listed is not refused, what is not listed is refused', () => {
  test.each(regions)('in %s', (region) => {
    inZones(region, ({ rules, question, occupied }) => {
      const durationMinutes = question.durationMinutes ?? rules[0]?.durationMinutes ?? 20;
      const asked = {
        ...question,
        durationMinutes,
        startBeforeMs: question.startFromMs + 120 * MINUTE,
        endByMs: Infinity,
      };
      const listed = listCandidates(rules, asked, occupied).map((one) => one.startMs);
      const judged: number[] = [];
      for (let startMs = asked.startFromMs; startMs < asked.startBeforeMs; startMs += MINUTE) {
        const interval = { startMs, endMs: startMs + durationMinutes * MINUTE };
        if (refusalsOf(rules, interval, occupied, asked.nowMs).length === 0) judged.push(startMs);
      }
      expect(judged).toEqual(listed);
      expect(listed.every((startMs) => onGrid(rules, { startMs, endMs: startMs + durationMinutes * MINUTE }))).toBe(
        true,
      );
    });
  });
});
