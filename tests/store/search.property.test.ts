/**
 * Each store finds what `evaluate` finds, in the order of `compareFound`, page by page: random documents, filters,
 * sorts and page sizes. The evaluation in memory is the oracle, and all stores are asked the same cases.
 *
 * On a failure fast-check prints a seed and the smallest failing case. Put that case into `examples`.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldText, type IndexValue, type IndexValues } from '../../server/fhir/index.js';
import {
  CHANGED_BY_ITSELF,
  compareFound,
  evaluate,
  lastUpdatedAt,
  positionOf,
  type ChainResolver,
  type Filter,
  type Position,
  type Prefix,
  type SortTerm,
} from '../../server/search/index.js';
import type { Store, Write } from '../../server/store/index.js';
import { key, put } from './documents.js';
import { stores, type Place } from './stores.js';

/** Cases on each store; each asks four to eight questions. */
const RUNS = 200;
/** The first of the same cases: each takes a hundred calls or so, and there each call is a round trip. */
const RUNS_OVER_A_NETWORK = 60;
/** One for all stores, so that they get the same cases. Failures print it. */
const seed = Date.now() % 0x7fff_ffff;
const DOCUMENTS_MAX = 16;
const TIMEOUT_MS = 60_000;

const TYPES = ['Slot', 'Appointment', 'Schedule', 'Practitioner'] as const;
const TARGETS = TYPES.flatMap((type) => ['a', 'b', 'c', 'd'].map((id) => `${type}/${id}`));
const TEXTS = [
  'a',
  'Ab',
  'ab c',
  'É',
  'e',
  '\u{FF5E}',
  '\u{1F600}',
  '\u{1F600}z',
  '%',
  '_',
  "o'",
  '\u{D7FF}x',
  '',
] as const;
const CODES = ['free', 'busy', '007', '7', ''] as const;
const SYSTEMS = ['http://a', 'http://b', ''] as const;

/** Few and close together, so that edges meet. */
const timeMs = fc.integer({ min: 0, max: 8 }).map((half) => half * 500);
const instant = timeMs.chain((startMs) =>
  fc.constantFrom(1, 500, 1_000).map((lengthMs): IndexValue => ({ kind: 'date', startMs, endMs: startMs + lengthMs })),
);
const interval = fc
  .tuple(timeMs, fc.integer({ min: 1, max: 6 }), fc.constantFrom('closed', 'open start', 'open end', 'all time'))
  .map(([startMs, halves, side]) => ({
    startMs: side === 'open start' || side === 'all time' ? -Infinity : startMs,
    endMs: side === 'open end' || side === 'all time' ? Infinity : startMs + halves * 500,
  }));

/** When a value holds: since ever or for ever on either side, at times never. */
const validTime = fc.record({ fromMs: timeMs, untilMs: timeMs }, { requiredKeys: [] });
/** The moments of questions lie among those times, so that edges meet. */
const moment = timeMs.map((atMs) => ({ atMs }));
const timed = (value: fc.Arbitrary<IndexValue>): fc.Arbitrary<IndexValue> =>
  fc.oneof(
    value,
    fc.tuple(value, validTime).map(([one, time]) => ({ ...one, ...time })),
  );

/** The parameters of every type, each with values of its kind. */
const VALUES = {
  status: fc.record(
    { kind: fc.constant('token' as const), code: fc.constantFrom(...CODES), system: fc.constantFrom(...SYSTEMS) },
    { requiredKeys: ['kind'] },
  ),
  identifier: fc.record(
    { kind: fc.constant('token' as const), code: fc.constantFrom(...CODES), system: fc.constantFrom(...SYSTEMS) },
    { requiredKeys: ['kind', 'code'] },
  ),
  schedule: fc.constantFrom(...TARGETS).map((target) => ({ kind: 'reference' as const, target })),
  actor: fc.constantFrom(...TARGETS).map((target) => ({ kind: 'reference' as const, target })),
  period: interval.map((value) => ({ kind: 'date' as const, ...value })),
  name: fc.constantFrom(...TEXTS).map((text) => ({ kind: 'string' as const, text })),
  duration: fc.constantFrom(-1.5, 0, 19, 20, 22).map((value) => ({ kind: 'number' as const, value })),
  source: fc.constantFrom('http://a', 'http://b').map((value) => ({ kind: 'uri' as const, value })),
} as const satisfies Record<string, fc.Arbitrary<IndexValue>>;

/** The second in which a resource changed by itself, as long as it is the last such. */
const timedChange = fc.tuple(instant, validTime).map(([one, time]): IndexValue => ({ fromMs: 0, ...one, ...time }));
const several = (value: fc.Arbitrary<IndexValue>) => fc.array(value, { maxLength: 3 });
const index: fc.Arbitrary<IndexValues> = fc.record(
  {
    // What orders a type has one value at most and is an instant.
    start: fc.array(instant, { maxLength: 1 }),
    date: fc.array(instant, { maxLength: 1 }),
    schedule: fc.array(VALUES.schedule, { maxLength: 1 }),
    status: several(timed(VALUES.status)),
    [CHANGED_BY_ITSELF]: several(timedChange),
    identifier: several(VALUES.identifier),
    'actor:identifier': several(VALUES.identifier),
    actor: several(VALUES.actor),
    period: several(VALUES.period),
    name: several(VALUES.name),
    duration: several(VALUES.duration),
    source: several(VALUES.source),
  },
  { requiredKeys: [] },
);

const document = fc.record({
  key: fc
    .constantFrom(...TYPES, 'Slot', 'Slot')
    .chain((type) => fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'A', '1', '-').map((id) => `${type}/${id}`)),
  updatedMs: timeMs,
  deleted: fc.integer({ min: 0, max: 5 }).map((number) => number === 0),
  index,
});

const prefix = fc.constantFrom<Prefix>('eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap');
const dateLeaf = (...params: string[]) =>
  fc.record({ kind: fc.constant('date' as const), param: fc.constantFrom(...params), prefix, range: interval });
const systemOrCode = fc.record(
  { system: fc.constantFrom(...SYSTEMS), code: fc.constantFrom(...CODES) },
  { requiredKeys: [] },
);
const tokenLeaf = fc.oneof(
  fc
    .tuple(systemOrCode, fc.constantFrom('identifier', 'actor:identifier'))
    .map(([test, param]): Filter => ({ kind: 'token', param, ...test })),
  fc.tuple(systemOrCode, moment).map(([test, at]): Filter => ({ kind: 'token', param: 'status', ...test, ...at })),
);
const statusCode = fc
  .tuple(fc.constantFrom(...CODES), moment)
  .map(([code, at]): Filter => ({ kind: 'token', param: 'status', code, ...at }));
const updatedLeaf = fc
  .tuple(dateLeaf('_lastUpdated'), fc.constantFrom(...TYPES), timeMs)
  .map(([leaf, type, nowMs]) => lastUpdatedAt(leaf, type, nowMs));
const stringLeaf = fc
  .tuple(fc.constantFrom(...TEXTS), fc.constantFrom('starts' as const, 'contains' as const, 'exact' as const))
  .map(([text, match]) => ({
    kind: 'string' as const,
    param: 'name',
    text: match === 'exact' ? text : foldText(text),
    match,
  }));
const referenceLeaf = fc.record({
  kind: fc.constant('reference' as const),
  param: fc.constantFrom('schedule', 'actor'),
  target: fc.constantFrom(...TARGETS),
});

const leaf: fc.Arbitrary<Filter> = fc.oneof(
  dateLeaf('start', 'date', 'period', '_lastUpdated', 'nothing'),
  tokenLeaf,
  updatedLeaf,
  stringLeaf,
  referenceLeaf,
  fc.record({
    kind: fc.constant('token' as const),
    param: fc.constant('_id'),
    code: fc.constantFrom('a', 'b', 'A', 'x'),
  }),
  fc.record({ kind: fc.constant('token' as const), param: fc.constant('_id'), system: fc.constantFrom(...SYSTEMS) }),
  fc.record({
    kind: fc.constant('number' as const),
    param: fc.constant('duration'),
    prefix,
    value: fc.constantFrom(-1.5, 0, 20),
  }),
  fc.record(
    {
      kind: fc.constant('uri' as const),
      param: fc.constant('source'),
      value: fc.constantFrom('http://a', 'http://', ''),
      below: fc.constant(true as const),
    },
    { requiredKeys: ['kind', 'param', 'value'] },
  ),
  fc.record({
    kind: fc.constant('missing' as const),
    param: fc.constantFrom('start', 'name', '_id', '_lastUpdated', 'nothing'),
    missing: fc.boolean(),
  }),
  fc
    .tuple(fc.constantFrom('status', CHANGED_BY_ITSELF), fc.boolean(), moment)
    .map(([param, missing, at]): Filter => ({ kind: 'missing', param, missing, ...at })),
);

const { filter } = fc.letrec<{ filter: Filter; group: Filter; chain: Filter }>((tie) => ({
  filter: fc.oneof({ maxDepth: 3, depthSize: 'small' }, leaf, tie('group'), tie('chain')),
  group: fc.oneof(
    fc.record({ kind: fc.constantFrom('all' as const, 'any' as const), of: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('any' as const), of: fc.array(referenceLeaf, { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('any' as const), of: fc.array(statusCode, { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not' as const), of: tie('filter') }),
  ),
  chain: fc.oneof(
    fc.record({
      kind: fc.constant('chain' as const),
      param: fc.constantFrom('schedule', 'actor'),
      targetType: fc.constantFrom(...TYPES),
      filter: tie('filter'),
    }),
    fc.record({
      kind: fc.constant('has' as const),
      sourceType: fc.constantFrom(...TYPES),
      by: fc.constantFrom('schedule', 'actor'),
      targetType: fc.constant('Slot'),
      filter: tie('filter'),
    }),
  ),
}));

/** A `has` says which type it is asked of: the one that the filter around it is about. */
function ofType(filter: Filter, type: string): Filter {
  switch (filter.kind) {
    case 'all':
    case 'any':
      return { ...filter, of: filter.of.map((part) => ofType(part, type)) };
    case 'not':
      return { ...filter, of: ofType(filter.of, type) };
    case 'chain':
      return { ...filter, filter: ofType(filter.filter, filter.targetType) };
    case 'has':
      return { ...filter, targetType: type, filter: ofType(filter.filter, filter.sourceType) };
    default:
      return filter;
  }
}

/** Conditions on other documents that lead from the inside out, which chance alone seldom makes. */
const leading = fc.oneof(
  referenceLeaf,
  fc.constantFrom('a', 'b', 'c').map((code): Filter => ({ kind: 'token', param: '_id', code })),
  fc.constantFrom('free', '7').map((code): Filter => ({ kind: 'token', param: 'identifier', code })),
);
const related = fc
  .tuple(fc.boolean(), fc.constantFrom(...TYPES), fc.constantFrom('schedule', 'actor'), leading)
  .map(([forwards, type, param, filter]): Filter =>
    forwards
      ? { kind: 'chain', param, targetType: type, filter }
      : { kind: 'has', sourceType: type, by: param, targetType: 'Slot', filter },
  );

/** The shape of most questions: whose, from when to when, and something more. */
const conjunction: fc.Arbitrary<Filter> = fc
  .tuple(
    fc.array(fc.oneof(referenceLeaf, related, filter), { maxLength: 2 }),
    fc.array(dateLeaf('start', 'date'), { maxLength: 2 }),
  )
  .map(([parts, times]) => ({ kind: 'all', of: [...times, ...parts] }));

const sortTerm = (...params: string[]): fc.Arbitrary<SortTerm> =>
  fc.record({ param: fc.constantFrom(...params), descending: fc.boolean() });
const sort = fc.oneof<fc.Arbitrary<SortTerm[]>[]>(
  fc.constant([]),
  fc.array(
    fc.oneof(
      sortTerm('_id', '_lastUpdated', 'start', 'date', 'actor', 'period', 'name', 'duration'),
      fc.tuple(sortTerm('status', '_lastUpdated'), moment).map(([term, at]) => ({ ...term, ...at })),
    ),
    { maxLength: 3 },
  ),
);

type Document = typeof document extends fc.Arbitrary<infer D> ? D : never;

/** What a search has to find, by judging each document in memory. */
function foundInMemory(
  documents: readonly Document[],
  type: string,
  filter: Filter,
  sort: readonly SortTerm[],
): string[] {
  const living = documents
    .filter(({ deleted }) => !deleted)
    .map((document) => ({ ...document, id: document.key.slice(document.key.indexOf('/') + 1) }));
  const refersTo = ({ index }: Document, by: string, target: string) =>
    (index[by] ?? []).some((value) => value.kind === 'reference' && value.target === target);
  const resolve: ChainResolver = (leaf, key) =>
    leaf.kind === 'chain'
      ? living.some((document) => document.key === key && evaluate(leaf.filter, document, resolve))
      : living.some(
          (document) =>
            document.key.startsWith(`${leaf.sourceType}/`) &&
            refersTo(document, leaf.by, key) &&
            evaluate(leaf.filter, document, resolve),
        );
  return living
    .filter((document) => document.key.startsWith(`${type}/`) && evaluate(filter, document, resolve))
    .map((document) => positionOf(type, sort, document))
    .sort(compareFound(sort))
    .map(({ id }) => id);
}

async function foundInPages(store: Store, type: string, filter: Filter, sort: readonly SortTerm[], limit: number) {
  const ids: string[] = [];
  let after: Position | undefined;
  for (;;) {
    const page = await store.search({ type, filter, sort, limit, ...(after && { after }) });
    ids.push(...page.map(({ document }) => document.id));
    const last = page.at(-1);
    // More than there are documents: the pages go round in a circle, and the comparison shall say so.
    if (page.length < limit || !last || ids.length > DOCUMENTS_MAX) return ids;
    // A position travels in a link, so it has to come through JSON unharmed.
    after = JSON.parse(JSON.stringify(last.position)) as Position;
  }
}

/** One value that holds for two times from the same moment: as long as the longer one. */
const LONGER_AND_SHORTER: [Document[], { type: 'Slot'; filter: Filter; sort: SortTerm[]; limit: number }[]] = [
  [
    {
      ...{ key: 'Slot/a', updatedMs: 0, deleted: false },
      index: {
        status: [
          { kind: 'token', code: 'free', fromMs: 0 },
          { kind: 'token', code: 'free', fromMs: 0, untilMs: 0 },
        ],
      },
    },
  ],
  [{ type: 'Slot', filter: { kind: 'token', param: 'status', code: 'free', atMs: 0 }, sort: [], limit: 1 }],
];

/** Every document of the case, one commit, in place of those of the case before. */
async function replaceAll(store: Store, written: Map<string, number>, documents: readonly Document[]): Promise<void> {
  const removals = [...written].map(([text, expectedRevision]): Write => ({
    kind: 'remove',
    ...key(text),
    expectedRevision,
  }));
  await store.commit(removals);
  await store.commit(documents.map((document) => put(document.key, document)));
  written.clear();
  for (const document of documents) written.set(document.key, 1);
}

for (const { name, newPlace, overNetwork, skip } of stores) {
  (skip ? describe.skip : describe)(`${name}: search${skip ? ` (skipped: ${skip})` : ''}`, () => {
    let place: Place;
    let store: Store;
    beforeAll(async () => {
      place = await newPlace();
      store = await place.open();
    });
    afterAll(async () => {
      await store.close();
      await place.remove();
    });

    test(
      'finds what the evaluation in memory finds, in the same order, in pages of any size',
      async () => {
        const written = new Map<string, number>();
        const question = fc
          .record({
            type: fc.constantFrom(...TYPES),
            filter: fc.oneof(filter, conjunction),
            sort,
            limit: fc.integer({ min: 1, max: 5 }),
          })
          .map((one) => ({ ...one, filter: ofType(one.filter, one.type) }));
        const documents = fc.uniqueArray(document, {
          selector: (one) => one.key,
          minLength: 4,
          maxLength: DOCUMENTS_MAX,
        });
        await fc.assert(
          fc.asyncProperty(
            documents,
            fc.array(question, { minLength: 4, maxLength: 8 }),
            async (documents, questions) => {
              await replaceAll(store, written, documents);
              const expected = questions.map(({ type, filter, sort }) => foundInMemory(documents, type, filter, sort));
              const found: string[][] = [];
              const counts: number[] = [];
              for (const { type, filter, sort, limit } of questions) {
                found.push(await foundInPages(store, type, filter, sort, limit));
                counts.push(await store.count(type, filter));
              }
              expect({ found, counts }).toEqual({ found: expected, counts: expected.map(({ length }) => length) });
            },
          ),
          { seed, examples: [LONGER_AND_SHORTER], numRuns: overNetwork ? RUNS_OVER_A_NETWORK : RUNS },
        );
      },
      TIMEOUT_MS,
    );
  });
}
