import type { Scenario } from './scenario.js';

/** Past the deadline of a commit of a few documents, and past the time for settling. */
const OVERDUE_MS = 2_100;
const FORGOTTEN_MS = 12_100;

const CROSSING = { there: ['X', 'Y', 'Z'], writers: { A: 'X1 Y1', B: 'Y1 Z1' } } as const;

/** Two commits that each change two documents, and what may go wrong with them. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'two commits that share a document', ...CROSSING },
  {
    name: 'two commits that change the same two, one from the other end',
    there: ['X', 'Y'],
    writers: { A: 'X1 Y1', B: 'Y1 X1' },
  },
  {
    name: 'the same, where later tries have smaller ids',
    there: ['X', 'Y'],
    writers: { A: 'X1 Y1', B: 'Y1 X1' },
    smallerIdsLater: true,
  },
  { name: 'two commits that share nothing', there: ['X', 'Y', 'V', 'W'], writers: { A: 'X1 Y1', B: 'V1 W1' } },
  { name: 'both make one document and change another', there: ['X', 'Y'], writers: { A: 'N0 X1', B: 'N0 Y1' } },
  {
    name: 'three commits in a circle',
    there: ['X', 'Y', 'Z'],
    writers: { A: 'X1 Y1', B: 'Y1 Z1', C: 'Z1 X1' },
    looks: 0,
    inOrder: true,
  },
  {
    name: 'one removes what the other changes',
    there: ['X', 'Y', 'Z'],
    writers: { A: '-X1 Y1', B: 'X1 Z1' },
    withoutHistory: true,
  },
  { name: 'each checks what the other changes', there: ['X', 'Y'], writers: { A: '?X1 Y1', B: '?Y1 X1' } },
  { name: 'each checks that the other makes nothing', there: [], writers: { A: '?X0 Y0', B: '?Y0 X0' } },
  { name: 'a commit and a change of one of its documents alone', there: ['X', 'Y'], writers: { A: 'X1 Y1', B: 'Y1' } },
  {
    name: 'a commit and two such, without history',
    there: ['X', 'Y'],
    writers: { A: 'X1 Y1', B: 'Y1', R: '-X1' },
    withoutHistory: true,
  },
  {
    name: 'one knows an old revision, and is told of all that is stale',
    there: ['X', 'Y'],
    writers: { A: 'X1 Y1', B: 'X0 Y0 Z0' },
  },
  { name: 'one stops for ever', ...CROSSING, stops: true },
  {
    name: 'one stops for ever, where documents are made and removed',
    there: ['X', 'Y'],
    writers: { A: 'N0 -X1', B: 'N0 Y1' },
    withoutHistory: true,
    stops: true,
  },
  {
    name: 'one sleeps past its deadline',
    ...CROSSING,
    sleeps: 'one',
    sleepsMs: OVERDUE_MS,
    looks: 0,
    inOrder: true,
    withoutHistory: true,
  },
  {
    name: 'one sleeps past its deadline, the other writes alone',
    there: ['X', 'Y'],
    writers: { A: 'X1 Y1', B: 'Y1' },
    sleeps: 'one',
    sleepsMs: OVERDUE_MS,
  },
  { name: 'an answer is lost', ...CROSSING, loses: true, looks: 0, inOrder: true },
  { name: 'an answer of a write alone is lost', there: ['X'], writers: { A: 'X1', B: 'X1' }, loses: true },
  {
    name: 'the same, without history',
    there: ['X'],
    writers: { A: 'X1', R: '-X1' },
    loses: true,
    withoutHistory: true,
  },
  { name: 'somebody reads', there: ['X', 'Y'], writers: { A: 'X1 Y1' }, readers: { r: ['X', 'Y'] } },
  { name: 'somebody reads what two change', ...CROSSING, readers: { r: ['Y'] }, looks: 0, inOrder: true },
  {
    name: 'somebody reads, one stops for ever',
    there: ['X'],
    writers: { A: 'X1 N0' },
    readers: { r: ['X', 'N'] },
    stops: true,
  },
  {
    name: 'somebody reads, one sleeps',
    there: ['X', 'Y'],
    writers: { A: 'X1 Y1' },
    readers: { r: ['X'] },
    sleeps: 'one',
    sleepsMs: OVERDUE_MS,
  },
  {
    name: 'a sweeper comes by, all sleep very long',
    there: ['X', 'Y'],
    writers: { A: 'X1 Y1' },
    sweeper: true,
    sleeps: 'all',
    sleepsMs: FORGOTTEN_MS,
  },
];

/** What takes minutes. */
export const LONG_SCENARIOS: readonly Scenario[] = [
  {
    name: 'one sleeps past its deadline, in any order of documents',
    ...CROSSING,
    sleeps: 'one',
    sleepsMs: OVERDUE_MS,
    looks: 0,
  },
  {
    name: 'three commits on the same two',
    there: ['X', 'Y'],
    writers: { A: 'X1 Y1', B: 'Y1 X1', C: 'X1 Y1' },
    looks: 0,
    inOrder: true,
  },
  {
    name: 'three that check in a circle',
    there: ['X', 'Y', 'Z'],
    writers: { A: '?X1 Y1', B: '?Y1 Z1', C: '?Z1 X1' },
    looks: 0,
    inOrder: true,
  },
  { name: 'two share a document, more looks', ...CROSSING, looks: 2 },
  {
    name: 'all sleep past the deadline',
    there: ['X', 'Y'],
    writers: { A: 'X1 Y1', B: 'Y1' },
    sleeps: 'all',
    sleepsMs: OVERDUE_MS,
    looks: 0,
    inOrder: true,
  },
  { name: 'an answer is lost, in any order of documents', ...CROSSING, loses: true },
  { name: 'an answer is lost, with checks', there: ['X', 'Y'], writers: { A: '?X1 Y1', B: '?Y1 X1' }, loses: true },
  { name: 'one stops, more looks', ...CROSSING, stops: true, looks: 2 },
  {
    name: 'somebody reads both, all sleep',
    there: ['X', 'Y'],
    writers: { A: 'X1 Y1' },
    readers: { r: ['X', 'Y'] },
    sleeps: 'all',
    sleepsMs: OVERDUE_MS,
  },
  {
    name: 'somebody reads what two change, one stops',
    ...CROSSING,
    readers: { r: ['Y'] },
    stops: true,
    looks: 0,
    inOrder: true,
  },
];
