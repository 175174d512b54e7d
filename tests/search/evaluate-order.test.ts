/** The orders of a search in memory: natural and asked for. */
import { expect, test } from '@jest/globals';
import type { IndexValues } from '../../server/fhir/index.js';
import {
  CHANGED_BY_ITSELF,
  compareFound,
  naturalOrderOf,
  positionOf,
  type SortTerm,
} from '../../server/search/index.js';

const by = (param: string, descending = false, atMs = 0): SortTerm => ({ param, descending, atMs });

function sorted(type: string, sort: readonly SortTerm[], resources: Readonly<Record<string, IndexValues>>): string {
  return Object.entries(resources)
    .map(([id, index]) => positionOf(type, sort, { id, updatedMs: 0, index }))
    .sort(compareFound(sort))
    .map(({ id }) => id)
    .join(' ');
}

const slot = (schedule: string, startMs: number): IndexValues => ({
  start: [{ kind: 'date', startMs, endMs: startMs + 1 }],
  schedule: [{ kind: 'reference', target: `Schedule/${schedule}` }],
});

test('Slots lie by start, then schedule, then id; what has no time comes first', () => {
  const slots = { d: slot('s1', 5), c: slot('s2', 1), b: slot('s1', 5), a: slot('s1', 1), none: {} };
  expect(sorted('Slot', [], slots)).toBe('none a c b d');
  expect(naturalOrderOf('Slot', slots.c)).toEqual({ timeMs: 1, text: 'Schedule/s2' });
});

test('Appointments lie by date, others by id alone', () => {
  const dated = (startMs: number): IndexValues => ({ date: [{ kind: 'date', startMs, endMs: startMs + 1 }] });
  expect(sorted('Appointment', [], { a: dated(2), b: dated(1) })).toBe('b a');
  expect(sorted('Schedule', [], { b: dated(1), a: dated(2) })).toBe('a b');
  expect(naturalOrderOf('Schedule', dated(1))).toEqual({ timeMs: null, text: '' });
});

test('ascending by the least value, descending by the greatest, without a value last either way', () => {
  const codes = (...all: string[]): IndexValues => ({ status: all.map((code) => ({ kind: 'token', code })) });
  const resources = { a: codes('b', 'z'), b: codes('c'), c: codes(), d: codes('a', 'd') };
  expect(sorted('Slot', [by('status')], resources)).toBe('d a b c');
  expect(sorted('Slot', [by('status', true)], resources)).toBe('a d b c');
});

test('by the values that hold at the moment, and by the time of the last change that has come by itself', () => {
  const held: IndexValues = {
    status: [
      { kind: 'token', code: 'a', untilMs: 5 },
      { kind: 'token', code: 'z', fromMs: 5 },
    ],
    [CHANGED_BY_ITSELF]: [
      { kind: 'date', startMs: 5, endMs: 6, fromMs: 5, untilMs: 8 },
      { kind: 'date', startMs: 8, endMs: 9, fromMs: 8 },
    ],
  };
  const resources = { held, m: { status: [{ kind: 'token', code: 'm' }] } } satisfies Record<string, IndexValues>;
  expect([4, 5].map((atMs) => sorted('Slot', [by('status', false, atMs)], resources))).toEqual(['held m', 'm held']);
  const keyAt = (atMs: number) =>
    positionOf('Slot', [by('_lastUpdated', true, atMs)], { id: 'a', updatedMs: 1, index: held }).keys;
  expect([4, 5, 7, 8].map(keyAt)).toEqual([[1], [5], [5], [8]]);
});

test('texts without case and accents, in the order of code points and not of UTF-16 units', () => {
  const named = (text: string): IndexValues => ({ name: [{ kind: 'string', text }] });
  const people = { emoji: named('\u{1F600}'), tilde: named('\u{FF5E}'), e: named('Émile'), d: named('dora') };
  expect(sorted('Practitioner', [by('name')], people)).toBe('d e tilde emoji');
});

test('equal keys fall to the next term, then to the id, which always ascends', () => {
  const same = { b: slot('s1', 1), a: slot('s1', 1), c: slot('s0', 1) };
  expect(sorted('Slot', [by('start', true), by('schedule')], same)).toBe('c a b');
  expect(sorted('Slot', [by('start', true)], same)).toBe('a b c');
  expect(sorted('Slot', [by('_id', true)], same)).toBe('c b a');
});

test('an open side is a number that JSON can carry', () => {
  const index: IndexValues = { period: [{ kind: 'date', startMs: -Infinity, endMs: Infinity }] };
  const position = positionOf('Schedule', [by('period')], { id: 'a', updatedMs: 0, index });
  expect(JSON.parse(JSON.stringify(position))).toEqual(position);
});
