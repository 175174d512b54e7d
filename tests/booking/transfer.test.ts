/** A copy of a store finds what the store found: the index values of its documents are made anew. */
import { expect, test } from '@jest/globals';
import { groundOf, indexed } from '../../server/booking/index.js';
import type { Store } from '../../server/store/index.js';
import { booking, scheduleOf, slotOf } from '../journeys/booking-words.js';
import { journeyStores, serverOver } from '../journeys/server.js';

async function openStore(): Promise<Store> {
  const place = await journeyStores[0]?.newPlace();
  if (!place) throw new Error('There is no store in memory.');
  return place.open();
}

async function copied(source: Store): Promise<Store> {
  const target = await openStore();
  const { versions } = await source.scan(undefined, 1_000);
  const all = versions.map(async (version) => indexed(version, await groundOf(version, source, 'UTC')));
  await target.restore(await Promise.all(all));
  return target;
}

test('in a copy, too, actors stay while their Schedule is booked, and its Slots move along', async () => {
  const first = serverOver(await openStore(), '2027-03-01T00:00:00Z');
  await first.put(
    ...[
      { resourceType: 'Patient' as const, id: 'q1' },
      { resourceType: 'Practitioner' as const, id: 'p1' },
    ],
    ...[scheduleOf('s1', 'Practitioner/p1'), slotOf('a', 's1', '13:00', '13:30'), slotOf('b', 's1', '14:00', '14:30')],
    { ...booking(['a'], '13:00', '13:30'), id: 'x' },
  );
  const second = serverOver(await copied(first.store), '2027-03-01T00:00:00Z');
  const move = () => second.http.put('/Schedule/s1').send(scheduleOf('s1', 'Device/d1'));
  expect((await move()).status).toBe(409);
  await second.http.delete('/Appointment/x');
  expect((await move()).status).toBe(200);
  const units = await second.store.search({ type: 'Unit', filter: { kind: 'all', of: [] }, sort: [], limit: 10 });
  const slotsIn = units.map(({ document }) => [
    document.id,
    (JSON.parse(document.text) as { slots: unknown[] }).slots.length,
  ]);
  expect(slotsIn).toEqual(expect.arrayContaining([['Device/d1/20892', 2]]));
  await Promise.all([first.close(), second.close()]);
});
