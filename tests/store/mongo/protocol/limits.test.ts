/** How long commits wait, and what they say then. */
import { describe, expect, test } from '@jest/globals';
import { apply, type Content, type State, type Unit } from '../../../../proofs/explore/model.js';
import { recordingTable } from '../../../../proofs/explore/program.js';
import { COMMIT_MS_MAX } from '../../../../server/store/mongo/protocol/commit.js';
import { commitAll, sweep, type ProtocolDeps, type Table } from '../../../../server/store/mongo/protocol/index.js';
import { SETTLE_MS } from '../../../../server/store/mongo/protocol/sweep.js';
import { INSIST_MS_MAX, WAIT_MS_MAX } from '../../../../server/store/mongo/protocol/waiting.js';

const put = (_id: string) => {
  const next = { revision: 1, keepHistory: true } as Content;
  return { kind: 'put', _id, expectedRevision: 0, next } as const;
};

/** A table in memory, and a clock that goes on by pauses only. */
class Place {
  state: State = { cells: {}, records: {}, history: {}, changes: {} };
  nowMs = 0;
  readonly asked: Unit['do'][] = [];
  readonly deps: ProtocolDeps;
  #ids = 0;

  constructor(change: (table: Table) => Partial<Table> = () => ({})) {
    const table = recordingTable((op) => Promise.resolve('units' in op ? op.result(op.units.map(this.#apply)) : []));
    this.deps = {
      table: { ...table, ...change(table) },
      clock: { nowMs: () => this.nowMs },
      pause: (ms) => Promise.resolve(void (this.nowMs += ms)),
      newId: () => `A${String((this.#ids += 1))}`,
      random: () => 0.5,
      aside: () => undefined,
    };
  }

  readonly #apply = (unit: Unit): unknown => {
    this.asked.push(unit.do);
    const { state, value } = apply(this.state, unit);
    this.state = state;
    return value;
  };
}

const lost = () => Promise.reject(new Error('the connection was lost'));

describe('a commit', () => {
  test('may be aborted by others COMMIT_MS_MAX after its beginning, and a little later for each document', async () => {
    const place = new Place((table) => ({
      insertRecord: (record) => {
        expect(record.deadlineMs).toBe(COMMIT_MS_MAX + 20);
        return table.insertRecord(record);
      },
    }));
    expect(await commitAll(place.deps, [put('X'), put('Y')], [])).toEqual({ committed: true });
    expect.assertions(2);
  });

  test.each([[[put('X'), put('Y')]], [[put('X')]]])(
    'waits for others for WAIT_MS_MAX, then says so',
    async (writes) => {
      const place = new Place();
      const record = { _id: '0', state: 'open', deadlineMs: 1e6, documents: ['X'] } as const;
      await place.deps.table.insertRecord(record);
      await place.deps.table.layIntents([{ _id: 'X', expectedRevision: 0, intent: { commit: '0' } }]);
      const message = 'Other commits stand in the way. Nothing was written. Try again.';
      await expect(commitAll(place.deps, writes, [])).rejects.toMatchObject({ kind: 'unavailable', message });
      expect(place.nowMs).toBeGreaterThanOrEqual(WAIT_MS_MAX);
      expect(place.nowMs).toBeLessThan(WAIT_MS_MAX + 200);
      expect(Object.keys(place.state.cells)).toEqual(['X']);
      expect(Object.keys(place.state.records)).toEqual(['0']);
    },
  );

  test.each([
    ['of its record', [put('X'), put('Y')], { turnRecord: lost, readRecord: lost }],
    ['of its only write', [put('X')], { writeAlone: lost, read: lost }],
    ['of its roll forward', [put('X'), put('Y')], { rollForward: lost }],
  ])(
    'asks for INSIST_MS_MAX when the answer %s is lost, then says that it does not know',
    async (_, writes, broken) => {
      const place = new Place(() => broken);
      const fault = { kind: 'unavailable', message: expect.stringContaining('unknown') as unknown };
      await expect(commitAll(place.deps, writes, [])).rejects.toMatchObject(fault);
      expect(place.nowMs).toBeGreaterThanOrEqual(INSIST_MS_MAX);
      expect(place.nowMs).toBeLessThan(INSIST_MS_MAX + 200);
    },
  );

  test('of several documents takes five round trips before the answer, one of a new document one', async () => {
    const steps = async (ids: readonly string[]) => {
      const place = new Place();
      await commitAll(place.deps, ids.map(put), []);
      return place.asked.filter((what, at) => what !== place.asked[at - 1]);
    };
    const several = ['insert record', 'lay', 'read', 'turn record', 'roll forward', 'remove record'];
    expect(await steps(['X', 'Y', 'Z'])).toEqual(several);
    expect(await steps(['X'])).toEqual(['write alone']);
  });
});

test('the sweeper settles what is overdue at once, and keeps its record for SETTLE_MS more', async () => {
  const place = new Place();
  await place.deps.table.insertRecord({ _id: '0', state: 'open', deadlineMs: 100, documents: ['X'] });
  await place.deps.table.layIntents([{ _id: 'X', expectedRevision: 0, intent: { commit: '0' } }]);
  place.nowMs = 100;
  expect(await sweep(place.deps, 10)).toBe(0);
  expect(Object.keys(place.state.cells)).toEqual(['X']);
  place.nowMs = 101;
  expect(await sweep(place.deps, 10)).toBe(0);
  expect(place.state).toMatchObject({ cells: {}, records: { 0: { state: 'aborted' } } });
  place.nowMs = 100 + SETTLE_MS;
  expect(await sweep(place.deps, 10)).toBe(1);
  expect(place.state.records).toEqual({});
});
