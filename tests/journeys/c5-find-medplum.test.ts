/** `$find` with the parameters of Medplum: several Schedules at once (case G33), services, series. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { hours, minutes, nested, part, rule } from '../booking/rule-builder.js';
import { DAY, findWords, open, parameters, reference, schedule, startClinic } from './find-fixture.js';
import { NEW_YORK } from './rule-fixture.js';
import { idsOf, journeyStores, matchesOf, type TestServer } from './server.js';

describe.each(journeyStores)('$find of Medplum on $name', (store) => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startClinic(store);
  });
  afterEach(() => server.close());
  const { find, notices, post, proposals, starts } = findWords(() => server);

  const SERVICE_URL = 'https://medplum.com/fhir/service-type-reference';
  const ofService = { extension: [{ url: SERVICE_URL, valueReference: reference('HealthcareService/visit') }] };
  const service = (more: object = {}) => ({ resourceType: 'HealthcareService', id: 'visit', ...more }) as FhirResource;

  test('G33: several Schedules are free at once where their hours meet', async () => {
    expect(starts(await find(`${DAY}&schedule=s1&schedule=s2`))).toEqual(['10:00', '10:30', '11:00', '11:30']);
    expect(proposals(await find(`${DAY}&schedule=s1&schedule=s2`))[0]?.contained).toHaveLength(2);
    expect(starts(await find(`${DAY}&schedule=s1&schedule=nowhere`))).toEqual([]);
  });

  test('a Schedule without a length of its own takes that of the other', async () => {
    await server.put(schedule('room', ['Location/r1'], [rule(hours('09:00', '10:00'))]));
    expect(starts(await find(`${DAY}&schedule=room&schedule=s1`))).toEqual(['09:00', '09:30']);
    expect(starts(await find(`${DAY}&schedule=room`))).toEqual(['09:00', '09:20', '09:40']);
  });

  test('two Schedules of one doctor are never free at once', async () => {
    await server.put(schedule('s3', ['Practitioner/p1'], [open('09:00', '12:00')]));
    const answer = await find(`${DAY}&schedule=s1&schedule=s3`);
    expect(answer.body.total).toBe(0);
    expect(notices(answer)).toEqual(['s1 and s3 are of the same doctor or device.']);
  });

  test('more than three Schedules at once are refused', async () => {
    await server.put(
      schedule('s3', ['Location/r1'], [open('09:00', '12:00')]),
      schedule('s4', ['Location/l1'], [open('09:00', '12:00')]),
    );
    expect((await find(`${DAY}&schedule=s1&schedule=s2&schedule=s3`)).body.total).toBe(4);
    expect((await find(`${DAY}&schedule=s1&schedule=s2&schedule=s3&schedule=s4`)).status).toBe(422);
  });

  test('the Slots are contained, with what is kept free around them', async () => {
    await server.put(
      service(),
      schedule('s5', ['Location/r1'], [open('09:00', '09:30', minutes('bufferAfter', 10))], {
        serviceType: [ofService],
      }),
    );
    const [proposal] = proposals(await find(`${DAY}&schedule=s5&service-type-reference=HealthcareService/visit`));
    expect(proposal?.contained).toMatchObject([
      { status: 'busy', start: '2027-03-15T09:00:00+00:00', schedule: { reference: 'Schedule/s5' } },
      { status: 'busy-unavailable', start: '2027-03-15T09:30:00+00:00', end: '2027-03-15T09:40:00+00:00' },
    ]);
    expect(proposal?.slot).toEqual(proposal?.contained?.map(({ id }) => ({ reference: `#${id}` })));
    expect(proposal?.serviceType).toEqual([ofService]);
  });

  test('a service has the Schedules that refer to it or have its type; inactive, it is refused', async () => {
    const type = { coding: [{ system: 'http://v', code: 'a' }] };
    await server.put(
      service({ type: [type] }),
      schedule('s5', ['Location/r1'], [open('09:00', '09:30')], { serviceType: [ofService] }),
      schedule('s6', ['Location/l1'], [open('09:30', '10:00')], { serviceType: [type] }),
    );
    expect(starts(await find(`${DAY}&service-type-reference=visit`))).toEqual(['09:00', '09:30']);
    expect(starts(await find(`${DAY}&service-type-reference=visit&schedule=s1`))).toEqual([]);
    await server.put(service({ active: false }));
    expect((await find(`${DAY}&service-type-reference=visit`)).status).toBe(422);
  });

  test('an entry goes back whole to $hold', async () => {
    const ofBoth = { ...ofService, coding: [{ system: 'http://v', code: 'a' }] };
    await server.put(
      service(),
      schedule('s5', ['Location/r1'], [open('09:00', '10:00')], { serviceType: [ofService] }),
      schedule('s6', ['Location/l1'], [open('09:00', '10:00')], { serviceType: [ofBoth] }),
    );
    for (const id of ['s5', 's6']) {
      const [proposal] = proposals(await find(`${DAY}&schedule=${id}&service-type-reference=visit`));
      const held = await post('/Appointment/$hold', parameters({ name: 'appointment', resource: proposal }));
      expect([id, held.status, held.body.issue]).toEqual([id, 201, undefined]);
      expect(idsOf(await find(`${DAY}&schedule=${id}`))).not.toContain(proposal?.id);
    }
  });

  test('the time of an Appointment that is to move counts as free', async () => {
    const [first] = proposals(await find(`${DAY}&schedule=s1`));
    const booked = await post(
      '/Appointment/$book',
      parameters({ name: 'appointment-reference', valueUri: `Appointment/${first?.id}` }),
    );
    const id = matchesOf(booked)[0]?.id;
    expect(idsOf(await find(`${DAY}&schedule=s1`))).not.toContain(first?.id);
    expect(idsOf(await find(`${DAY}&schedule=s1&ignore-appointment=Appointment/${id}`))).toContain(first?.id);
  });

  test('first visits of weekly series: at one local time, where each week is free', async () => {
    await server.put(
      schedule('ny', ['Location/r1'], [rule(NEW_YORK, hours('09:00', '10:00', 'mon'), minutes('duration', 30))]),
    );
    // The clocks go forward on the 14th of March: 14:00Z on the 8th, 13:00Z on the 15th.
    const week = 'start=2027-03-08&end=2027-03-12&schedule=ny&occurrence-count=3';
    const answer = await find(week);
    expect(starts(answer)).toEqual(['09:00', '09:30']);
    expect(proposals(answer)[0]?.extension?.[0]?.extension).toMatchObject([
      { url: 'timezone', valueCodeableConcept: { coding: [{ code: 'America/New_York' }] } },
      { url: 'recurrenceType', valueCodeableConcept: { coding: [{ code: 'wk' }] } },
      { url: 'occurrenceCount', valuePositiveInt: 3 },
      { url: 'weeklyTemplate', extension: [{ url: 'monday' }, { url: 'weekInterval', valuePositiveInt: 1 }] },
    ]);
    const third = await server.get('/Slot?schedule=ny&start=2027-03-22&end=2027-03-22');
    await post('/Appointment/$book', {
      ...{ resourceType: 'Appointment', status: 'proposed', slot: [{ reference: `Slot/${idsOf(third)[0]}` }] },
      ...{ start: '2027-03-22T13:00:00Z', end: '2027-03-22T13:30:00Z' },
      participant: [{ actor: reference('Patient/q1'), status: 'needs-action' }],
    });
    expect(starts(await find(week))).toEqual(['09:30']);
  });

  test('a series is not proposed that a limit by month refuses', async () => {
    const limit = nested('limit', part('count', { valuePositiveInt: 2 }), part('per', { valueCode: 'month' }));
    await server.put(schedule('few', ['Location/r1'], [open('09:00', '09:30', limit)]));
    const count = async (visits: number) => (await find(`${DAY}&schedule=few&occurrence-count=${visits}`)).body.total;
    expect([await count(2), await count(3)]).toEqual([1, 0]);
  });
});
