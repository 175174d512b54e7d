/**
 * Two writers that meet: one has decided, and before its commit another one writes what the decision rests on. Neither
 * misses the other, whichever comes first. On each store.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FhirResource, PractitionerRole, Schedule } from 'fhir/r4.js';
import type { Store } from '../../server/store/index.js';
import { hours, minutes, rule } from '../booking/rule-builder.js';
import { booking, scheduleOf, slotOf, wordsFor } from './booking-words.js';
import { idsOf, journeyStores, serverOver, startServer, type TestServer } from './server.js';

const NOW = '2027-03-01T00:00:00Z';
const OFFICE = { extension: [rule(hours('13:00', '15:00'), minutes('duration', 30))] };
const role = (practitioner: string): PractitionerRole => ({
  ...{ resourceType: 'PractitionerRole', id: 'r1', practitioner: { reference: `Practitioner/${practitioner}` } },
});

/** The store, where the first commit waits until something else has happened. */
function interrupted(store: Store, meanwhile: () => Promise<unknown>): Store {
  let isMet = false;
  const commit: Store['commit'] = async (writes) => {
    const isFirst = !isMet;
    isMet = true;
    if (isFirst) await meanwhile();
    return store.commit(writes);
  };
  return instead(store, { commit });
}

/** The store, where searches do not find documents of a type yet that were committed just now, and reads do. */
function behind(store: Store, type: string): Store {
  return instead(store, { search: async (query) => (query.type === type ? [] : store.search(query)) });
}

/** The store with some of its calls done otherwise. */
function instead(store: Store, calls: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name in calls) return Reflect.get(calls, name) as unknown;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

describe.each(journeyStores)('writers that meet, on $name', (store) => {
  let server: TestServer;
  const { book, put, remove, statusOf, expectSound } = wordsFor(() => server);

  beforeEach(async () => {
    server = await startServer(store, NOW);
    await server.put(
      { resourceType: 'Practitioner', id: 'p1' },
      { resourceType: 'Practitioner', id: 'p2' },
      { resourceType: 'Patient', id: 'q1' },
      role('p2'),
    );
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  /** The answer to a request of another server, which `meanwhile` overtakes. */
  async function overtaken(
    ask: (slow: TestServer) => PromiseLike<{ status: number }>,
    meanwhile: () => Promise<unknown>,
  ) {
    const { status } = await ask(serverOver(interrupted(server.store, meanwhile), NOW));
    return status;
  }
  const putOf = (resource: FhirResource) => (slow: TestServer) =>
    slow.http.put(`/${resource.resourceType}/${resource.id}`).send(resource);

  describe('a role that goes to another Practitioner, and a Schedule', () => {
    const ofRole: Schedule = scheduleOf('ofRole', 'PractitionerRole/r1');
    const ofDoctor: Schedule = scheduleOf('ofRole', 'Practitioner/p2');

    describe.each([
      ['that is new', [], ofRole],
      ['that takes the role on', [ofDoctor], ofRole],
      ['that leaves the role', [ofRole], ofDoctor],
      ['that was deleted and comes again', [ofRole, 'deleted'], ofRole],
    ] as const)('%s', (_, before, after) => {
      beforeEach(async () => {
        for (const one of before) await (one === 'deleted' ? remove('Schedule/ofRole') : server.put(one));
      });

      test('the role first', async () => {
        expect(await overtaken(putOf(after), () => put(role('p1')))).toBeLessThan(300);
      });

      test('the Schedule first', async () => {
        expect(await overtaken(putOf(role('p1')), () => put(after))).toBe(200);
      });
    });

    test('of which somebody books the first time: one of the two is refused', async () => {
      await server.put(ofRole, slotOf('inRole', 'ofRole', '13:00', '13:30'));
      const first = booking(['inRole'], '13:00', '13:30');
      expect(await overtaken(putOf(role('p1')), () => book(first))).toBe(409);
      await expectSound();
    });

    test('that is booked after: on the timeline of whom the role leads to now', async () => {
      await server.put(ofRole, scheduleOf('own', 'Practitioner/p1'));
      await server.put(slotOf('inRole', 'ofRole', '13:00', '13:30'), slotOf('x', 'own', '13:00', '13:30'));
      const ask = (slow: TestServer) => slow.http.post('/Appointment').send(booking(['inRole'], '13:00', '13:30'));
      expect(await overtaken(ask, () => put(role('p1')))).toBe(201);
      expect(await statusOf('Slot/x')).toBe('busy-unavailable');
    });
  });

  describe('an operation on a computed Slot, and its Schedule', () => {
    let slot: string;
    const operate = (name: string) => (slow: TestServer) => slow.http.post(`/Slot/${slot}/$${name}`);

    beforeEach(async () => {
      await server.put(scheduleOf('s1', 'Practitioner/p1', OFFICE));
      slot = idsOf(await server.get('/Slot?schedule=s1&start=2027-03-15&end=2027-03-15'))[0] ?? '';
    });

    test('that is deleted: there is no such Slot', async () => {
      expect(await overtaken(operate('disable'), () => remove('Schedule/s1'))).toBe(404);
    });

    test('that goes to another Practitioner: $disable closes it there', async () => {
      expect(await overtaken(operate('disable'), () => put(scheduleOf('s1', 'Practitioner/p2', OFFICE)))).toBe(200);
      expect(await statusOf(`Slot/${slot}`)).toBe('busy-unavailable');
    });

    test('that goes to another Practitioner: $enable opens it there', async () => {
      await operate('disable')(server);
      expect(await overtaken(operate('enable'), () => put(scheduleOf('s1', 'Practitioner/p2', OFFICE)))).toBe(200);
      expect(await statusOf(`Slot/${slot}`)).toBe('free');
    });
  });

  describe('what was committed at this moment, and searches do not find yet', () => {
    beforeEach(() => server.put(scheduleOf('s1', 'PractitionerRole/r1', OFFICE), scheduleOf('own', 'Practitioner/p1')));

    test('a Schedule of a role: it goes along', async () => {
      await putOf(role('p1'))(serverOver(behind(server.store, 'Schedule'), NOW));
      await expectSound();
    });

    test('a booking: it keeps its Schedule', async () => {
      const [slot = ''] = idsOf(await server.get('/Slot?schedule=s1&start=2027-03-15&end=2027-03-15'));
      expect((await book(booking([slot], '13:00', '13:30'))).status).toBe(201);
      const slow = serverOver(behind(server.store, 'Unit'), NOW);
      expect((await slow.http.delete('/Schedule/s1')).status).toBe(409);
      expect((await putOf(role('p1'))(slow)).status).toBe(409);
    });
  });
});
