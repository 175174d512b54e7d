/** Random commands against a naive model: who has what is what a list of bookings says, however it came about. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Appointment, Slot } from 'fhir/r4.js';
import { Fault } from '../../server/base/fault.js';
import { checkStore } from '../../server/booking/check-claims.js';
import { parseJson } from '../../server/fhir/index.js';
import { booking, scheduleOf, seats, slotOf } from '../journeys/booking-words.js';
import { hold } from '../journeys/hold.js';
import { journeyStores, startServer, type TestServer } from '../journeys/server.js';
import { hours, minutes, part, rule } from './rule-builder.js';

const CONTEXT = { base: 'http://127.0.0.1:8080', strict: false };
const NOW = Date.parse('2027-03-01T00:00:00Z');

type Status = Appointment['status'];
type SlotStatus = Slot['status'];

/** A, T and X are stored, X on another Schedule of the same doctor at the time of A; C and D are computed. */
const SLOTS = {
  A: { start: '13:00', end: '13:30', capacity: 1, against: ['X'] },
  T: { start: '14:00', end: '14:30', capacity: 2, against: [] },
  X: { start: '13:15', end: '13:45', capacity: 1, against: ['A'] },
  C: { start: '09:00', end: '09:30', capacity: 2, against: [] },
  D: { start: '09:30', end: '10:00', capacity: 2, against: [] },
} as const;
type SlotName = keyof typeof SLOTS;
const NAMES = Object.keys(SLOTS) as SlotName[];
const STORED: readonly SlotName[] = ['A', 'T', 'X'];
const IDS = ['a0', 'a1', 'a2', 'a3'];

const NEXT: Partial<Record<Status, readonly Status[]>> = {
  proposed: ['pending', 'booked', 'waitlist', 'cancelled'],
  pending: ['booked', 'cancelled'],
  booked: ['arrived', 'checked-in', 'fulfilled', 'noshow', 'cancelled'],
  arrived: ['booked', 'checked-in', 'fulfilled', 'noshow', 'cancelled'],
  cancelled: ['pending', 'booked'],
};
const OCCUPYING: readonly Status[] = ['pending', 'booked', 'arrived'];

interface Booked {
  readonly status: Status;
  readonly slot: SlotName;
  readonly untilMs?: number | undefined;
}

/** What must be so, in a few lines and without units. */
class Model {
  nowMs = NOW;
  readonly bookings = new Map<string, Booked>();
  readonly byHand = new Map<SlotName, SlotStatus>();

  statusOf(id: string): Status | undefined {
    const one = this.bookings.get(id);
    return one?.untilMs !== undefined && one.untilMs <= this.nowMs ? 'cancelled' : one?.status;
  }

  /** Those that have the time of a Slot, but one. */
  having(slot: SlotName, but?: string): Status[] {
    return IDS.filter((id) => id !== but && this.bookings.get(id)?.slot === slot)
      .map((id) => this.statusOf(id))
      .filter((status) => status !== undefined && OCCUPYING.includes(status)) as Status[];
  }

  write(id: string, status: Status, slot: SlotName, untilMs?: number): boolean {
    const before = this.statusOf(id);
    if (before !== undefined && before !== status && !NEXT[before]?.includes(status)) return false;
    const isMoved = before !== undefined && this.bookings.get(id)?.slot !== slot;
    if (status === 'cancelled' && before !== 'cancelled' && isMoved) return false;
    const had = before !== undefined && OCCUPYING.includes(before) && this.bookings.get(id)?.slot === slot;
    if (OCCUPYING.includes(status) && !had && !this.isFree(slot, id)) return false;
    const kept = before === 'pending' ? this.bookings.get(id)?.untilMs : undefined;
    this.bookings.set(id, { status, slot, untilMs: status === 'pending' ? (untilMs ?? kept) : undefined });
    return true;
  }

  isFree(slot: SlotName, by: string): boolean {
    if (!STORED.includes(slot)) return [...this.having('C', by), ...this.having('D', by)].length < 2;
    if (this.byHand.has(slot) || this.isAgainst(slot, by)) return false;
    return this.having(slot, by).length < SLOTS[slot].capacity;
  }

  isAgainst(slot: SlotName, by?: string): boolean {
    return SLOTS[slot].against.some((other) => this.byHand.has(other) || this.having(other, by).length > 0);
  }

  slotStatus(slot: SlotName): SlotStatus {
    return this.byHand.get(slot) ?? this.byClaims(slot);
  }

  byClaims(slot: SlotName): SlotStatus {
    const all = STORED.includes(slot) ? this.having(slot) : [...this.having('C'), ...this.having('D')];
    const held = all.filter((status) => status === 'pending').length;
    const { capacity } = SLOTS[slot];
    if (all.length - held >= capacity) return 'busy';
    if (this.isAgainst(slot)) return 'busy-unavailable';
    return all.length >= capacity ? 'busy-tentative' : 'free';
  }

  writeSlot(slot: SlotName, status: SlotStatus): boolean {
    if (status === 'free') {
      if (this.byClaims(slot) !== 'free') return false;
      this.byHand.delete(slot);
      return true;
    }
    const byClaims = this.byClaims(slot);
    if (!this.byHand.has(slot)) {
      if (byClaims === status) return true;
      // What is booked or held in it decides; that it is closed to others it may say.
      if (['busy', 'busy-tentative'].includes(byClaims) && status !== 'busy-unavailable') return false;
    }
    this.byHand.set(slot, status);
    return true;
  }
}

const id = fc.constantFrom(...IDS);
const name = fc.constantFrom(...NAMES);
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      id,
      slot: name,
      status: fc.constantFrom<Status>('booked', 'booked', 'cancelled', 'pending', 'arrived', 'proposed'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('hold' as const), id, slot: name, minutes: fc.constantFrom(1, 3, 5) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), id }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('slot' as const),
      slot: fc.constantFrom(...STORED),
      status: fc.constantFrom<SlotStatus>('free', 'busy', 'busy-unavailable'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('clock' as const), minutes: fc.constantFrom(1, 2, 5) }) },
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

/** Whether it was done; a refusal is one of time or status. */
async function does(act: Promise<unknown>): Promise<boolean> {
  try {
    await act;
    return true;
  } catch (error) {
    if (error instanceof Fault && ['conflict', 'rule'].includes(error.kind)) return false;
    throw error;
  }
}

const json = (resource: object) => parseJson(JSON.stringify(resource));

async function run(server: TestServer, model: Model, command: Command, slotIds: Record<SlotName, string>) {
  const { resources } = server;
  const appointment = (one: string, slot: SlotName, status: Status) => ({
    ...booking([slotIds[slot]], SLOTS[slot].start, SLOTS[slot].end, { status }),
    id: one,
  });
  switch (command.kind) {
    case 'put': {
      const body = json(appointment(command.id, command.slot, command.status));
      const done = await does(resources.update('Appointment', command.id, body, CONTEXT));
      return [done, model.write(command.id, command.status, command.slot)];
    }
    case 'hold': {
      const untilMs = model.nowMs + command.minutes * 60_000;
      const held = appointment(command.id, command.slot, 'pending');
      const done = await does(hold(server, held, new Date(untilMs).toISOString()));
      return [done, model.write(command.id, 'pending', command.slot, untilMs)];
    }
    case 'remove':
      model.bookings.delete(command.id);
      return [await does(resources.remove('Appointment', command.id, CONTEXT)), true];
    case 'slot': {
      const text = (await resources.read('Slot', command.slot, CONTEXT)).text;
      const body = json({ ...(JSON.parse(text) as Slot), status: command.status });
      const done = await does(resources.update('Slot', command.slot, body, CONTEXT));
      return [done, model.writeSlot(command.slot, command.status)];
    }
    case 'clock':
      model.nowMs += command.minutes * 60_000;
      server.clock.ms = model.nowMs;
      return [true, true];
  }
}

async function newServer(): Promise<{ server: TestServer; slotIds: Record<SlotName, string> }> {
  const [memory] = journeyStores;
  if (!memory) throw new Error('There is no store in memory.');
  const server = await startServer(memory, new Date(NOW).toISOString());
  const capacity = part('capacity', { valuePositiveInt: 2 });
  const ruled = rule(hours('09:00', '10:00'), minutes('duration', 30), minutes('bufferAfter', 15), capacity);
  await server.put(
    ...[
      { resourceType: 'Practitioner' as const, id: 'p1' },
      { resourceType: 'Patient' as const, id: 'q1' },
    ],
    ...['s1', 's3'].map((one) => scheduleOf(one, 'Practitioner/p1')),
    scheduleOf('r', 'Location/l1', { extension: [ruled] }),
    slotOf('A', 's1', SLOTS.A.start, SLOTS.A.end),
    slotOf('T', 's1', SLOTS.T.start, SLOTS.T.end, seats(2)),
    slotOf('X', 's3', SLOTS.X.start, SLOTS.X.end),
  );
  const found = await server.get('/Slot?schedule=r&start=2027-03-15&end=2027-03-15');
  const [C = '', D = ''] = (found.body.entry ?? []).map(({ resource }) => resource?.id ?? '');
  return { server, slotIds: { A: 'A', T: 'T', X: 'X', C, D } };
}

test('whatever is booked, held, moved, cancelled or disabled: all is as the model says, and sound', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (commands) => {
      const { server, slotIds } = await newServer();
      const model = new Model();
      for (const [at, one] of commands.entries()) {
        const said = `${at}: ${JSON.stringify(one)}`;
        const [done, expected] = await run(server, model, one, slotIds);
        const statuses = await Promise.all(NAMES.map((slot) => server.resources.read('Slot', slotIds[slot], CONTEXT)));
        expect({ said, done, slots: statuses.map(({ text }) => (JSON.parse(text) as Slot).status) }).toEqual({
          ...{ said, done: expected, slots: NAMES.map((slot) => model.slotStatus(slot)) },
        });
        expect({ said, found: await checkStore(server.store, model.nowMs) }).toEqual({ said, found: [] });
      }
      const known = await Promise.all(
        [...model.bookings.keys()].map((one) => server.resources.read('Appointment', one, CONTEXT)),
      );
      expect(known.map(({ text }) => (JSON.parse(text) as Appointment).status)).toEqual(
        [...model.bookings.keys()].map((one) => model.statusOf(one)),
      );
      await server.close();
    }),
    { numRuns: 40 },
  );
}, 120_000);
