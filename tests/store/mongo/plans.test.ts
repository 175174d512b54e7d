/**
 * Which index each question uses, and how much is read for it: by `explain` of the very commands that the store sends.
 * MongoDB counts what it looked at. The stand-in only plans; there, what lies within the bounds of its plan is counted.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Document } from 'mongodb';
import { searchParametersOf, SERVED_TYPES, type IndexValues } from '../../../server/fhir/index.js';
import { naturalOrderOf, parseSearch, toMongo } from '../../../server/search/index.js';
import { indexesOf, openMongo } from '../../../server/store/mongo/index.js';
import type { RestoredVersion, Store } from '../../../server/store/index.js';
import { CONTEXT, params } from '../../search/search-context.js';
import { key, slotIndex } from '../documents.js';
import { databaseUrl, describeOnMongodb, dropDatabase, newDatabaseName, serverUrl, withDatabase } from './databases.js';
import { planOf, type Plan } from './plans.js';
import { Proxy } from './proxy.js';

const HALF_HOUR_MS = 1_800_000;
const FIRST_MS = Date.parse('2027-03-01T00:00:00Z');
const SCHEDULES = 40;
const SLOTS_EACH = 60;
const PATIENTS = 120;
const APPOINTMENTS_EACH = 10;
/** What a page may take beside what it returns: the end of a range, a document more to see that there are more. */
const FEW = 3;
/** At most so many times what is returned is read. */
const TIMES_MAX = 2;
const SETUP_MS_MAX = 60_000;

const atText = (slot: number) => new Date(FIRST_MS + slot * HALF_HOUR_MS).toISOString();
const reference = (target: string) => [{ kind: 'reference', target } as const];
const text = (value: string) => [{ kind: 'string', text: value } as const];
const identifier = (code: string) => [{ kind: 'token', system: 'http://ids', code } as const];

function version(path: string, index: IndexValues, more: Partial<RestoredVersion> = {}): RestoredVersion {
  const type = path.slice(0, path.indexOf('/'));
  const id = path.slice(type.length + 1);
  const order = naturalOrderOf(type, index);
  const document = { type, id, revision: 1, updatedMs: 1_000, deleted: false, text: '{}', current: true };
  return { ...document, index, order, ...more };
}

const range = (length: number) => Array.from({ length }, (_, at) => at);

/** Some thousand documents, of which each question is to find a few. */
function content(): RestoredVersion[] {
  return [
    ...range(SCHEDULES).flatMap((schedule) => [
      version(`Practitioner/p${schedule}`, { name: text(`Doctor${schedule}`), identifier: identifier(`n${schedule}`) }),
      version(`Schedule/s${schedule}`, { actor: reference(`Practitioner/p${schedule}`) }),
      ...range(SLOTS_EACH).map((slot) =>
        version(`Slot/s${schedule}-${slot}`, slotIndex(`s${schedule}`, FIRST_MS + slot * HALF_HOUR_MS)),
      ),
      ...range(30).map((day) => version(`Unit/Schedule/s${schedule}/${day}`, {})),
    ]),
    ...range(PATIENTS).flatMap((patient) => [
      version(
        `Patient/q${patient}`,
        { name: text(`Name${patient}`), identifier: identifier(`q${patient}`) },
        {
          revision: 4,
        },
      ),
      ...range(3).map((revision) => version(`Patient/q${patient}`, {}, { revision: revision + 1, current: false })),
      ...range(APPOINTMENTS_EACH).map((at) => {
        const startMs = FIRST_MS + at * HALF_HOUR_MS;
        const date = [{ kind: 'date', startMs, endMs: startMs + 1_000 } as const];
        return version(`Appointment/q${patient}-${at}`, { patient: reference(`Patient/q${patient}`), date });
      }),
    ]),
  ];
}

interface Question {
  readonly what: string;
  readonly ask: (store: Store) => Promise<readonly unknown[]>;
  readonly returned: number;
  readonly indexes: readonly string[];
  /**
   * What the stand-in reads, where it is more than MongoDB: it finds a page by sorting all that lies within the bounds,
   * where MongoDB goes along an index that has the order, and stops.
   */
  readonly standInReads?: number;
}

const search = (path: string, limit: number) => (store: Store) => {
  const [type = '', query = ''] = path.split('?');
  const { filter, sort } = parseSearch(type, params(query), CONTEXT);
  return store.search({ type, filter, sort, limit });
};
const read =
  (...paths: string[]) =>
  async (store: Store) =>
    (await store.readMany(paths.map((path) => pathKey(path)))).filter((found) => found !== undefined);
const pathKey = (path: string) => ({ type: path.slice(0, path.indexOf('/')), id: path.slice(path.indexOf('/') + 1) });

const QUESTIONS: readonly Question[] = [
  {
    what: 'Slot by schedule and start',
    ask: search(`Slot?schedule=Schedule/s7&start=ge${atText(10)}&start=lt${atText(20)}`, 50),
    ...{ returned: 10, indexes: ['by_key'] },
  },
  {
    what: 'Slot of several schedules in one time',
    ask: search(`Slot?schedule=s1,s2,s3&start=ge${atText(10)}&start=lt${atText(20)}`, 50),
    ...{ returned: 30, indexes: ['by_key'] },
  },
  {
    what: 'Slot by schedule, start and status',
    ask: search(`Slot?schedule=Schedule/s7&start=ge${atText(10)}&start=lt${atText(20)}&status=free`, 50),
    ...{ returned: 10, indexes: ['by_key'] },
  },
  {
    what: 'a page of the Slots of a schedule',
    ask: search('Slot?schedule=Schedule/s7', 10),
    ...{ returned: 10, indexes: ['by_key'], standInReads: SLOTS_EACH },
  },
  {
    what: 'Slot by start, of all schedules',
    ask: search(`Slot?start=ge${atText(10)}&start=lt${atText(11)}`, 50),
    ...{ returned: SCHEDULES, indexes: ['in_order'] },
  },
  {
    what: 'Appointment by patient and date',
    ask: search(`Appointment?patient=Patient/q9&date=ge${atText(2)}&date=lt${atText(7)}`, 50),
    ...{ returned: 5, indexes: ['by_key'] },
  },
  {
    what: 'Appointment by patient',
    ask: search('Appointment?patient=q9', 50),
    ...{ returned: APPOINTMENTS_EACH, indexes: ['by_key'] },
  },
  {
    what: 'identifier',
    ask: search('Patient?identifier=http://ids|q77', 50),
    ...{ returned: 1, indexes: ['by_key'] },
  },
  {
    what: 'name, from its beginning',
    ask: search('Patient?name=name11', 50),
    ...{ returned: 11, indexes: ['by_key'] },
  },
  {
    what: 'name, exact',
    ask: search('Patient?name:exact=Name11', 50),
    ...{ returned: 1, indexes: ['by_key'] },
  },
  { what: 'id', ask: search('Patient?_id=q1,q2,q3', 50), ...{ returned: 3, indexes: ['_id_'] } },
  {
    what: 'a chain to an id',
    ask: search('Slot?schedule.actor=Practitioner/p3', 100),
    ...{ returned: SLOTS_EACH, indexes: ['by_key', 'by_key'] },
  },
  {
    what: 'a chain of two to a name',
    ask: search(`Slot?schedule.actor:Practitioner.name=doctor33&start=lt${atText(5)}`, 100),
    ...{ returned: 5, indexes: ['by_key', 'by_key', 'by_key'] },
  },
  {
    what: 'a page of a type that is ordered by id',
    ask: search('Practitioner', 10),
    ...{ returned: 10, indexes: ['_id_'], standInReads: SCHEDULES },
  },
  { what: 'one read', ask: read('Patient/q1'), ...{ returned: 1, indexes: ['_id_'] } },
  {
    what: 'reads of units',
    ask: read(...range(20).map((day) => `Unit/Schedule/s5/${day}`)),
    ...{ returned: 20, indexes: ['_id_'] },
  },
  {
    what: 'revisions',
    ask: (store) => store.revisions([key('Patient/q1'), key('Patient/q2')]),
    ...{ returned: 2, indexes: ['_id_'] },
  },
  {
    what: 'an older version',
    ask: async (store) => [await store.version(key('Patient/q1'), 2)],
    // The current one is read first.
    ...{ returned: 2, indexes: ['_id_', '_id_'] },
  },
  {
    what: 'a page of a copy',
    ask: async (store) => (await store.scan('["documents","Slot/s7-20"]', 20)).versions,
    ...{ returned: 20, indexes: ['_id_'], standInReads: Infinity },
  },
];

jest.setTimeout(SETUP_MS_MAX);

const name = newDatabaseName();
const unindexed: object[] = [];
let proxy: Proxy;
let store: Store;

async function untilIndexed(): Promise<void> {
  while ((await indexesOf(databaseUrl(name))).some(({ state }) => state !== 'there')) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The questions that a call asks, each with its plan and what is read for it. */
async function plansOf(
  question: Question,
): Promise<{ found: number; plans: Plan[]; examined: number; counted: boolean }> {
  const before = proxy.commands.length;
  const found = await question.ask(store);
  const questions = proxy.commands.slice(before).filter((command) => !JSON.stringify(command).includes('deadlineMs'));
  return withDatabase(name, async (db) => {
    const explained = await Promise.all(
      questions.map((command) => db.command({ explain: asked(command), verbosity: 'executionStats' })),
    );
    const plans = explained.map(planOf);
    const counted = plans.every(({ examined }) => examined !== undefined);
    let examined = 0;
    for (const [at, plan] of plans.entries()) {
      const { find, aggregate } = questions[at] as { find?: string; aggregate?: string };
      const collection = db.collection(find ?? aggregate ?? '');
      for (const bounds of plan.bounds) examined += await collection.countDocuments(bounds);
      examined += plan.examined ?? 0;
    }
    return { found: found.length, plans, examined, counted };
  });
}

/** The command itself, without what belongs to the connection. */
function asked(command: Document): Document {
  const names = ['find', 'aggregate', 'pipeline', 'filter', 'projection', 'sort', 'limit'];
  const parts = Object.entries(command).filter(([part]) => names.includes(part));
  return { ...Object.fromEntries(parts), ...('aggregate' in command && { cursor: {} }) };
}

describeOnMongodb('plans', () => {
  beforeAll(async () => {
    proxy = await Proxy.before(serverUrl());
    const log = { warn: (fields: object, message: string) => void unindexed.push({ ...fields, message }) };
    store = await openMongo(proxy.url(name), { log });
    await untilIndexed();
    const documents = content();
    expect(documents.length).toBeGreaterThan(4_000);
    for (let at = 0; at < documents.length; at += 1_000) await store.restore(documents.slice(at, at + 1_000));
  });
  afterAll(async () => {
    await store.close();
    await proxy.close();
    await dropDatabase(name);
  });

  test.each(QUESTIONS)('$what: by $indexes', async (question) => {
    const { found, plans, examined, counted } = await plansOf(question);
    expect(plans.flatMap(({ indexes }) => indexes)).toEqual(question.indexes);
    expect(plans.filter(({ readsAll }) => readsAll)).toEqual([]);
    const most = (counted ? undefined : question.standInReads) ?? question.returned * TIMES_MAX * plans.length + FEW;
    expect(examined).toBeLessThanOrEqual(most);
    expect(examined).toBeGreaterThan(0);
    expect(question.what === 'an older version' ? 2 : found).toBe(question.returned);
  });

  test('none of these is told as unindexed', () => {
    expect(unindexed).toEqual([]);
  });

  test.each([
    ['Slot?status=free', ['status']],
    ['Slot?status:not=busy&service-type=x', ['status', 'service-type']],
    ['Patient?name:contains=secret&birthdate=1974', ['name', 'birthdate']],
    ['Slot?schedule.actor:Practitioner.name:contains=secret', ['schedule.actor.name']],
    ['Patient?_lastUpdated=ge2027', ['_lastUpdated']],
  ])('%s is answered, and told without its values', async (path, names) => {
    unindexed.length = 0;
    const [type = ''] = path.split('?');
    await search(path, 5)(store);
    const { filter } = parseSearch(type, params(path.split('?')[1] ?? ''), CONTEXT);
    await store.count(type, filter);
    const told = { type, params: names, message: 'unindexed search' };
    expect(unindexed).toEqual([told, told]);
    unindexed.length = 0;
  });

  test('a sort by anything but the natural order is told as well', async () => {
    await search('Patient?_sort=name', 5)(store);
    expect(unindexed).toEqual([{ type: 'Patient', params: [], message: 'unindexed search' }]);
    unindexed.length = 0;
  });

  test('what no index bounds is seen as such by the reader of plans', async () => {
    const plan = await withDatabase(name, async (db) =>
      planOf(await db.collection('documents').find({ text: 'x' }).explain()),
    );
    expect(plan.readsAll).toBe(true);
  });
});

/**
 * Written by hand after the example of https://www.mongodb.com/docs/manual/tutorial/analyze-query-plan/: there is no
 * MongoDB where this was made. Ten documents, of which three are found, without an index and with one.
 */
describe("the reader of MongoDB's plans", () => {
  const stats = (keys: number, documents: number) => ({
    executionSuccess: true,
    nReturned: 3,
    totalKeysExamined: keys,
    totalDocsExamined: documents,
    executionStages: { stage: 'COLLSCAN', docsExamined: documents },
  });
  const byIndex = {
    winningPlan: { stage: 'FETCH', inputStage: { stage: 'IXSCAN', indexName: 'quantity_1', isMultiKey: false } },
    rejectedPlans: [{ stage: 'COLLSCAN' }, { stage: 'IXSCAN', indexName: 'other_1' }],
  };

  test('a scan of the collection', () => {
    const queryPlanner = { winningPlan: { stage: 'COLLSCAN', direction: 'forward' }, rejectedPlans: [] };
    const plan = planOf({ queryPlanner, executionStats: stats(0, 10), ok: 1 });
    expect(plan).toEqual({ indexes: [], readsAll: true, examined: 10, bounds: [] });
  });

  test('an index; plans that were rejected do not count', () => {
    const plan = planOf({ queryPlanner: byIndex, executionStats: stats(4, 3), ok: 1 });
    expect(plan).toEqual({ indexes: ['quantity_1'], readsAll: false, examined: 4, bounds: [] });
  });

  test("the newer engine's form of it", () => {
    const winningPlan = { isCached: false, queryPlan: byIndex.winningPlan, slotBasedPlan: { stages: '[1] nlj' } };
    const plan = planOf({ queryPlanner: { winningPlan }, executionStats: stats(3, 3) });
    expect(plan).toEqual({ indexes: ['quantity_1'], readsAll: false, examined: 3, bounds: [] });
  });

  test('an aggregation in stages, one of which looks other documents up', () => {
    const $cursor = { queryPlanner: byIndex, executionStats: stats(3, 3) };
    const lookup = { $lookup: { from: 'inventory' }, totalDocsExamined: 5, totalKeysExamined: 5, collectionScans: 1 };
    const plan = planOf({ stages: [{ $cursor }, lookup] });
    expect(plan).toEqual({ indexes: ['quantity_1'], readsAll: true, examined: 8, bounds: [] });
  });

  test.each(['IDHACK', 'EXPRESS_IXSCAN'])('a point read: %s', (stage) => {
    const plan = planOf({ queryPlanner: { winningPlan: { stage } }, executionStats: stats(1, 1) });
    expect(plan).toEqual({ indexes: ['_id_'], readsAll: false, examined: 1, bounds: [] });
  });
});

/** Every search parameter that no index follows by itself; all others are followed. What it costs: docs/mongodb.md. */
const UNINDEXED: Readonly<Record<string, string>> = {
  Schedule: 'active date service-category service-type specialty',
  Slot: 'appointment-type duration end service-category service-type specialty status',
  AuditEvent: 'action agent-role altid date entity-role entity-type outcome policy site subtype type',
  Appointment: 'appointment-type part-status reason-code service-category service-type specialty status',
  AppointmentResponse: 'part-status',
  Practitioner: 'active address-use communication email gender phone telecom',
  PractitionerRole: 'active date email phone role specialty telecom',
  Location: 'address-use near operational-status status type',
  HealthcareService: 'active characteristic program service-category service-type specialty',
  Organization: 'active address-use type',
  Patient: 'active address-use birthdate death-date deceased email gender language phone telecom',
  RelatedPerson: 'active address-use birthdate email gender phone relationship telecom',
  Device: 'status type url',
};
const UNINDEXED_EVERYWHERE = ['_lastUpdated', '_profile', '_security', '_source', '_tag'];

describe('which search parameters an index of mongodb follows', () => {
  test.each(SERVED_TYPES)('%s', (type) => {
    const values = { token: 'x', date: 'ge2027', string: 'x', number: '1', uri: 'http://x', special: '1|1' };
    // Another name of a chain goes by the index of that chain.
    const own = [...searchParametersOf(type).values()].filter(({ chain }) => chain === undefined);
    const found = own.filter(({ code, type: kind, targets }) => {
      const value = kind === 'reference' ? `${targets[0]}/1` : values[kind];
      const { filter } = parseSearch(type, [[code, value]], CONTEXT);
      return !toMongo({ type, filter, sort: [], limit: 9 }, 'documents').indexed;
    });
    const expected = [...UNINDEXED_EVERYWHERE, ...(UNINDEXED[type] ?? '').split(' ')].sort();
    expect(found.map(({ code }) => code).sort()).toEqual(expected);
  });
});
