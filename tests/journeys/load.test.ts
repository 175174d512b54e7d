/** Bulk writes by id, as `load` makes them: each judged as an update is, the others of its batch unharmed. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FhirResource, Slot } from 'fhir/r4.js';
import { parseJson } from '../../server/fhir/index.js';
import { hours, rule, scheduleWith } from '../booking/rule-builder.js';
import { idsOf, journeyStores, startServer, type TestServer } from './server.js';

const CONTEXT = { base: 'http://127.0.0.1:8080', strict: false };
const PATIENT: FhirResource = { resourceType: 'Patient', id: 'q1', active: true };
const slot = (id: string, start: string, end: string): Slot => ({
  resourceType: 'Slot',
  id,
  schedule: { reference: 'Schedule/s1' },
  status: 'free',
  start: `2027-03-15T${start}:00Z`,
  end: `2027-03-15T${end}:00Z`,
});

describe.each(journeyStores)('load on $name', (store) => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
  });
  afterEach(() => server.close());

  const load = async (...resources: unknown[]) =>
    (
      await server.resources.load(
        resources.map((one) => ({ body: parseJson(JSON.stringify(one)) })),
        CONTEXT,
      )
    ).map((one) => (one.ok ? one.outcome : `refused: ${one.fault.message}`));

  test('created, then unchanged, then updated: no version where nothing changed', async () => {
    expect(await load(PATIENT)).toEqual(['created']);
    server.clock.ms += 60_000;
    expect(await load(PATIENT)).toEqual(['unchanged']);
    expect((await server.get('/Patient/q1')).body.meta).toEqual({
      versionId: '1',
      lastUpdated: '2027-03-01T00:00:00.000Z',
    });
    expect(await load({ ...PATIENT, active: false })).toEqual(['updated']);
    expect((await server.get('/Patient/q1')).body.meta?.versionId).toBe('2');
  });

  test('one id twice in a batch: both are written, one after the other', async () => {
    expect(await load(PATIENT, { ...PATIENT, active: false })).toEqual(['created', 'updated']);
    expect((await server.get('/Patient/q1')).body).toMatchObject({ active: false, meta: { versionId: '2' } });
    expect((await server.get('/Patient/q1/_history/1')).body.active).toBe(true);
  });

  test('what is refused leaves nothing, and the rest is written', async () => {
    const results = await load(
      { ...PATIENT, gender: 'x' },
      slot('a', '09:00', '10:00'),
      slot('b', '09:30', '10:30'),
      { resourceType: 'Patient' },
      { resourceType: 'Medication', id: 'm' },
      'no resource',
      slot('c', '10:00', '11:00'),
      scheduleWith([rule(hours('09:00', '09:00', 'someday'))]),
    );
    expect(results.map((result) => result.split(':')[0])).toEqual([
      'refused',
      'created',
      'refused',
      'refused',
      'refused',
      'refused',
      'created',
      'refused',
    ]);
    expect(results[2]).toContain('Slot/a');
    expect(idsOf(await server.get('/Slot'))).toEqual(['a', 'c']);
    expect((await server.get('/Patient?_summary=count')).body.total).toBe(0);
  });

  test('references may come true later, and are told', async () => {
    const [result] = await server.resources.load(
      [{ body: parseJson(JSON.stringify(slot('a', '09:00', '10:00'))) }],
      CONTEXT,
    );
    expect(result).toMatchObject({ ok: true, references: ['Schedule/s1'] });
  });

  test('two Slots change places in one batch', async () => {
    await load(slot('a', '09:00', '10:00'), slot('b', '10:00', '11:00'));
    expect(await load(slot('a', '11:00', '12:00'), slot('b', '09:00', '10:00'), slot('a', '10:00', '11:00'))).toEqual([
      'updated',
      'updated',
      'updated',
    ]);
    expect(idsOf(await server.get('/Slot'))).toEqual(['b', 'a']);
  });

  test('a Slot that lies over itself only is no conflict', async () => {
    await load(slot('a', '09:00', '10:00'));
    expect(await load(slot('a', '09:15', '10:15'))).toEqual(['updated']);
  });
});
