/** Every limit is crossed in a test: a constant `*_MAX` is named there, or has its reason here. */
import { expect, test } from '@jest/globals';
import { CONSTANTS } from './constants.js';
import { sourcesUnder } from './sources.js';

const FORGETS = 'what is remembered; crossing it costs time and changes no answer';
const WRITES_OTHERWISE = 'from here on the same SQL is written another way, with the same answer';

/** What is no limit on what a caller may ask. */
const NO_LIMIT: Readonly<Record<string, string>> = {
  BASES_MAX: FORGETS,
  CHANGING_DAYS_MAX: FORGETS,
  CLOCKS_MAX: FORGETS,
  KEYS_REMEMBERED_MAX: FORGETS,
  PAGES_MAX: FORGETS,
  REVISIONS_MAX: FORGETS,
  QUESTIONS_REMEMBERED_MAX: FORGETS,
  QUESTION_PARAMS_MAX: 'a longer question is planned anew each time, with the same answer',
  QUESTION_CHARACTERS_MAX: 'a longer question is planned anew each time, with the same answer',
  SCHEDULES_REMEMBERED_MAX: FORGETS,
  SLOTS_REMEMBERED_MAX: FORGETS,
  STATEMENTS_MAX: FORGETS,
  TARGETS_HELD_MAX: FORGETS,
  UNITS_REMEMBERED_MAX: FORGETS,
  FLAT_LENGTH_MAX: WRITES_OTHERWISE,
  UNION_LENGTH_MAX: WRITES_OTHERWISE,
  VALUES_PER_INSERT_MAX: WRITES_OTHERWISE,
  SHARED_WINDOW_MS_MAX: 'longer windows are computed each by itself, with the same slots',
  REACH_MS_MAX: 'how far around a window to read; what a buffer may be is judged with its rule',
  SLOT_MS_MAX: 'the longest computed slot, as the durations of rules and questions bound it',
  CLOCK_CHANGE_MS_MAX: 'a fact of the zone database',
  OFFSET_MS_MAX: 'a fact of the zone database',
  NATURAL_TIME_LENGTH_MS_MAX: 'a fact of the index values: whole seconds at the coarsest',
  PATIENT_POOL_SIZE_MAX: 'connections of copies and index builds, which nobody waits for',
  DOCUMENT_MS_MAX: 'what a long commit may take longer; crossing it is tried with CALL_MS_MAX',
  TRANSFER_MS_MAX: 'what a page of a copy may take: two minutes of silence are not for a test',
  TRIES_MAX: 'how often a search settles what it meets; afterwards it shows what it found, which is right too',
  ROUND_MS_MAX: 'how long the sweeper waits for itself',
  RECORDS_MAX: 'how many unfinished commits one round of the sweeper looks at; the next takes the others',
  INT32_MAX: "the range of FHIR's integer, tried as 2147483648",
};

const LIMITS = CONSTANTS.filter(({ name }) => name.endsWith('_MAX'));
const WORDS = new Set(
  sourcesUnder('tests')
    .filter(({ path }) => !path.startsWith('tests/tidy/'))
    .flatMap(({ text }) => text.match(/\w+/g) ?? []),
);

test('every limit is named in a test', () => {
  const untested = LIMITS.filter(({ name }) => !WORDS.has(name) && !Object.hasOwn(NO_LIMIT, name));
  expect(untested.map(({ path, line, name }) => `${path}:${line} ${name}`)).toEqual([]);
});

test('every exception is a constant that no test names', () => {
  const needed = LIMITS.filter(({ name }) => !WORDS.has(name)).map(({ name }) => name);
  expect(Object.keys(NO_LIMIT).filter((name) => !needed.includes(name))).toEqual([]);
});
