/** `GET /Slot/{id}` of slots that nobody stored: design §3. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FhirResource, Slot } from 'fhir/r4.js';
import { hours, minutes, rule } from '../booking/rule-builder.js';
import {
  NEW_YORK,
  OFFICE_HOURS,
  PRACTITIONER,
  schedule,
  slotAt,
  startWithOfficeHours,
  WEEKDAYS,
} from './rule-fixture.js';
import { includedOf, journeyStores, matchesOf, startsOf, type TestServer } from './server.js';

describe.each(journeyStores)('by its id a computed slot on $name', (store) => {
  let server: TestServer;
  const starts = async (query: string) => startsOf(await server.get(`/Slot?${query}`));

  beforeEach(async () => {
    server = await startWithOfficeHours(store);
  });
  afterEach(() => server.close());

  const first = async () => {
    const answer = await server.get('/Slot?schedule=s1&start=2027-03-15&end=2027-03-15');
    return matchesOf(answer)[0] as Slot;
  };

  test('is read as the search gave it', async () => {
    const slot = await first();
    const answer = await server.get(`/Slot/${slot.id}`);
    expect(answer).toMatchObject({ status: 200, body: slot });
    expect(answer.headers['etag']).toMatch(/^W\/"[0-9a-f]{20}"$/);
    expect(await server.get(`/Slot?_id=${slot.id}`)).toMatchObject({ status: 200, body: { total: 1 } });
  });

  test('has another version when anything that it follows from is another, by number or by name', async () => {
    const other = { ...PRACTITIONER, id: 'p2', active: false } as FhirResource;
    await server.put(PRACTITIONER, PRACTITIONER, PRACTITIONER, other, other);
    const slot = await first();
    const { headers } = await server.get(`/Slot/${slot.id}`);
    await server.put(schedule('s1', [OFFICE_HOURS], { actor: [{ reference: 'Practitioner/p2' }] }), other);
    const again = await server.http.get(`/Slot/${slot.id}`).set('If-None-Match', headers['etag'] ?? '');
    expect([again.status, (again.body as Slot).status]).toEqual([200, 'busy-unavailable']);
  });

  test('has no time of its last change: If-Modified-Since never hides one', async () => {
    const slot = await first();
    const read = () => server.http.get(`/Slot/${slot.id}`).set('If-Modified-Since', 'Fri, 01 Jan 2100 00:00:00 GMT');
    expect((await read()).headers['last-modified']).toBeUndefined();
    await server.put(slotAt('x', slot.start, slot.end));
    expect((await read()).body).toMatchObject({ status: 'busy-unavailable' });
  });

  test('is unavailable where its buffer meets a stored Slot, as it is not listed then', async () => {
    const slot = await first();
    await server.put(
      schedule('s1', [rule(NEW_YORK, hours('09:00', '17:00'), minutes('duration', 30), minutes('bufferAfter', 30))]),
    );
    await server.put(slotAt('x', '2027-03-15T13:30:00Z', '2027-03-15T14:00:00Z'));
    expect(await starts('schedule=s1&start=2027-03-15&end=2027-03-15')).not.toContain(slot.start);
    expect((await server.get(`/Slot/${slot.id}`)).body.status).toBe('busy-unavailable');
    expect((await server.get(`/Slot?status=free&_id=${slot.id}`)).body.total).toBe(0);
  });

  test('keeps its id for itself, also while its time is on no grid', async () => {
    const slot = await first();
    await server.put(schedule('s1', [rule(NEW_YORK, hours('10:00', '11:00'), minutes('duration', 30))]));
    expect((await server.http.put(`/Slot/${slot.id}`).send(slot)).status).toBe(405);
    const [loaded] = await server.resources.load([{ body: { plain: slot, exact: slot } }], {
      base: 'http://x',
      strict: false,
    });
    expect(loaded).toMatchObject({ ok: false });
  });

  test('is unavailable while a stored Slot lies there, and free again after', async () => {
    const slot = await first();
    await server.put(slotAt('x', slot.start, slot.end));
    expect((await server.get(`/Slot/${slot.id}`)).body.status).toBe('busy-unavailable');
    await server.http.delete('/Slot/x');
    expect((await server.get(`/Slot/${slot.id}`)).body.status).toBe('free');
  });

  test('is not there once its time is on no grid', async () => {
    const slot = await first();
    await server.put(schedule('s1', [rule(NEW_YORK, hours('10:00', '17:00', ...WEEKDAYS), minutes('duration', 30))]));
    expect((await server.get(`/Slot/${slot.id}`)).status).toBe(404);
  });

  test.each(['put', 'delete'] as const)('does not take %s', async (verb) => {
    const slot = await first();
    const answer = await server.http[verb](`/Slot/${slot.id}`).send(verb === 'put' ? slot : undefined);
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toContain('GET');
  });

  test('may be named by an Appointment', async () => {
    const slot = await first();
    await server.put({ resourceType: 'Patient', id: 'q1' });
    const body = {
      resourceType: 'Appointment',
      status: 'proposed',
      slot: [{ reference: `Slot/${slot.id}` }],
      participant: [{ actor: { reference: 'Patient/q1' }, status: 'accepted' }],
    };
    expect((await server.http.post('/Appointment').send(body)).status).toBe(201);
    const found = await server.get('/Appointment?_include=Appointment:slot');
    expect(includedOf(found)).toEqual([`Slot/${slot.id}`]);
  });
});
