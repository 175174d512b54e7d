/** `$find`, and what it proposes: cases O01 to O07 of docs/scheduling-cases.md. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { part } from '../booking/rule-builder.js';
import { CAPACITY_URL, DAY, findWords, open, parameters, reference, schedule, startClinic } from './find-fixture.js';
import { idsOf, journeyStores, linkOf, matchesOf, type TestServer } from './server.js';

describe.each(journeyStores)('$find on $name', (store) => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startClinic(store);
  });
  afterEach(() => server.close());
  const { find, notices, post, proposals, starts } = findWords(() => server);

  test('O01: proposals tell their time, the window, the Slot and who is to come', async () => {
    const answer = await post(
      '/Appointment/$find',
      parameters(
        { name: 'start', valueDateTime: '2027-03-15T09:00:00Z' },
        { name: 'end', valueDateTime: '2027-03-15T10:00:00Z' },
        { name: 'practitioner', valueReference: { reference: 'Practitioner/p1' } },
        { name: 'patient-reference', valueReference: { reference: 'Patient/q1' } },
        { name: 'reason', valueString: 'http://r|cough' },
        { name: 'referral-identifier', valueIdentifier: { system: 'http://ref', value: '7' } },
      ),
    );
    expect(answer).toMatchObject({ status: 200, body: { type: 'searchset', total: 2 } });
    const [first] = proposals(answer);
    expect(first).toMatchObject({
      status: 'proposed',
      start: '2027-03-15T09:00:00+00:00',
      end: '2027-03-15T09:30:00+00:00',
      requestedPeriod: [{ start: '2027-03-15T09:00:00Z', end: '2027-03-15T10:00:00Z' }],
      slot: [{ reference: `Slot/${first?.id}` }],
      reasonCode: [{ coding: [{ system: 'http://r', code: 'cough' }] }],
      basedOn: [{ identifier: { system: 'http://ref', value: '7' } }],
      participant: [
        { actor: { reference: 'Practitioner/p1' }, status: 'needs-action' },
        { actor: { reference: 'Location/l1' }, status: 'needs-action' },
        { actor: { reference: 'Patient/q1' }, status: 'needs-action' },
      ],
    });
    expect(answer.body.entry?.[0]?.search).toEqual({ mode: 'match' });
  });

  test('a proposal is an Appointment that FHIR allows', async () => {
    const [proposal] = proposals(await find(`${DAY}&schedule=s1&patient-reference=q1`));
    const sent = await server.http.post('/Appointment').send(proposal);
    expect(sent.body).toMatchObject({ status: 'proposed' });
  });

  test('O02: no time is no failure', async () => {
    expect(await find('start=2027-03-15T20:00:00Z&end=2027-03-15T21:00:00Z')).toMatchObject({
      status: 200,
      body: { total: 0 },
    });
  });

  test('O03: pages follow each other with the real total, and neither repeat nor lose a time', async () => {
    const seen: string[] = [];
    let path: string | undefined = `/Appointment/$find?${DAY}&_count=5`;
    let pages = 0;
    for (; path; pages += 1) {
      const answer = await server.get(path);
      expect(answer.body.total).toBe(12);
      seen.push(...idsOf(answer));
      path = linkOf(answer, 'next');
    }
    expect([pages, seen.length, new Set(seen).size]).toEqual([3, 12, 12]);
    expect(seen).toEqual(idsOf(await find(DAY)));
  });

  test('O03: a page has 20 entries where nobody says, at most 1,000, and the self link tells', async () => {
    expect(linkOf(await find(DAY), 'self')).toContain('_count=20');
    expect(linkOf(await find(`${DAY}&_count=5000`), 'self')).toContain('_count=1000');
    const none = await find(`${DAY}&_count=0`);
    expect([none.body.total, idsOf(none), linkOf(none, 'next')]).toEqual([12, [], undefined]);
  });

  test('the links keep what was asked, the number of new patients too', async () => {
    await server.put(
      schedule('s4', ['Location/r1'], [open('09:00', '10:00', part('capacity', { valuePositiveInt: 2 }))]),
    );
    const answer = await post(
      '/Appointment/$find?_count=1',
      parameters(
        { name: 'start', valueDateTime: '2027-03-15' },
        { name: 'end', valueDateTime: '2027-03-15' },
        { name: 'patient-resource', resource: { resourceType: 'Patient' } },
        { name: 'patient-resource', resource: { resourceType: 'Patient' } },
      ),
    );
    expect(answer.body.total).toBe(2);
    expect((await server.get(linkOf(answer, 'next') ?? '')).body.total).toBe(2);
  });

  test('a cursor that is none of ours is refused', async () => {
    for (const cursor of ['x', 'WzFd', Buffer.from('[0,1,"a"]').toString('base64url'), 'A'.repeat(2_000)]) {
      expect((await find(`${DAY}&_cursor=${cursor}`)).status).toBe(400);
    }
  });

  test('O04: of two practitioners either, the first one before the other', async () => {
    const answer = await find(`${DAY}&practitioner=p2&practitioner=Practitioner/p1`);
    expect(starts(answer)).toEqual(
      ['10:00', '10:30', '11:00', '11:30', '12:00', '12:30'].concat([
        ...['09:00', '09:30', '10:00', '10:30', '11:00', '11:30'],
      ]),
    );
  });

  test('O04: practitioner and location are actors of one Schedule, or have one each, free at once', async () => {
    expect(starts(await find(`${DAY}&practitioner=p1&location-reference=l1`))).toHaveLength(6);
    await server.put(schedule('room', ['Location/r1'], [open('10:00', '11:00')]));
    const answer = await find(`${DAY}&practitioner=p1&location-reference=Location/r1`);
    expect(starts(answer)).toEqual(['10:00', '10:30']);
    const [proposal] = proposals(answer);
    expect(proposal?.slot).toHaveLength(2);
    expect(proposal?.participant.map(({ actor }) => actor?.reference)).toEqual([
      'Practitioner/p1',
      'Location/l1',
      'Location/r1',
    ]);
    expect((await find(`${DAY}&practitioner=p2&location-reference=l1`)).body.total).toBe(0);
  });

  test('O05: a practitioner by identifier, through the role too; an unknown one gives a notice', async () => {
    const { body } = await post(
      '/Appointment/$find',
      parameters(
        { name: 'start', valueDateTime: '2027-03-15' },
        { name: 'end', valueDateTime: '2027-03-15' },
        { name: 'practitioner', valueReference: { identifier: { system: 'http://npi', value: '111' } } },
      ),
    );
    expect(body.total).toBe(6);
    expect((await find(`${DAY}&practitioner=p2`)).body.total).toBe(6);
    const unknown = await find(`${DAY}&practitioner=nobody`);
    expect([unknown.status, unknown.body.total]).toEqual([200, 0]);
    expect(notices(unknown)).toEqual(['Practitioner/nobody does not exist on this server.']);
  });

  test('an address begins with the text, in any case; an organization is that of an actor', async () => {
    expect((await find(`${DAY}&location-string=ann`)).body.total).toBe(6);
    expect((await find(`${DAY}&location=ARBOR`)).body.total).toBe(0);
    expect(starts(await find(`${DAY}&organization=o1`))[0]).toBe('10:00');
  });

  test('specialty is of the Schedule, visit-type of the rule or the Schedule; neither serves every type', async () => {
    const token = (code: string) => ({ coding: [{ system: 'http://v', code }] });
    const ofType = (code: string) => part('serviceType', { valueCodeableConcept: token(code) });
    await server.put(
      schedule('s3', ['Location/r1'], [open('07:00', '08:00', ofType('a')), open('08:00', '09:00', ofType('b'))], {
        specialty: [token('ent')],
      }),
    );
    expect(starts(await find(`${DAY}&specialty=http://v|ent`))).toEqual(['07:00', '07:30', '08:00', '08:30']);
    expect(starts(await find(`${DAY}&schedule=s3&visit-type=http://v|b`))).toEqual(['08:00', '08:30']);
    expect(starts(await find(`${DAY}&schedule=s3&visit-type=http://v|b&visit-type=http://v|a`))).toEqual([
      ...['08:00', '08:30', '07:00', '07:30'],
    ]);
    expect((await find(`${DAY}&schedule=s1&service-type=http://v|b`)).body.total).toBe(6);
    expect((await find(`${DAY}&visit-type=plain`)).status).toBe(400);
    const [proposal] = proposals(await find(`${DAY}&specialty=http://v|ent`));
    expect(proposal).toMatchObject({ serviceType: [token('a')], specialty: [token('ent')] });
  });

  test('O06: for two patients, only times with room for two', async () => {
    const seats = part('capacity', { valuePositiveInt: 2 });
    await server.put(schedule('s4', ['Location/r1'], [open('09:00', '10:00', seats)]));
    const both = `${DAY}&patient-reference=q1&patient-reference=q2`;
    expect((await find(`${both}&schedule=s1`)).body.total).toBe(0);
    const answer = await find(`${both}&schedule=s4`);
    expect(starts(answer)).toEqual(['09:00', '09:30']);
    const [first] = proposals(await find(`${DAY}&schedule=s4`));
    await post(
      '/Appointment/$book',
      parameters({ name: 'appointment-reference', valueUri: `Appointment/${first?.id}` }),
    );
    expect(starts(await find(`${both}&schedule=s4`))).toEqual(['09:30']);
    expect(starts(await find(`${DAY}&schedule=s4`))).toEqual(['09:00', '09:30']);
    await server.put({
      ...{ resourceType: 'Slot', id: 'two', status: 'free', schedule: reference('Schedule/s4') },
      ...{ start: '2027-03-15T07:00:00Z', end: '2027-03-15T07:30:00Z' },
      extension: [{ url: CAPACITY_URL, valueInteger: 2 }],
    });
    expect(starts(await find(`${both}&schedule=s4`))).toEqual(['07:00', '09:30']);
    const [stored] = proposals(await find(`${DAY}&schedule=s4`));
    await post('/Appointment/$book', parameters({ name: 'appointment-reference', valueUri: stored?.id ?? '' }));
    expect(starts(await find(`${both}&schedule=s4`))).toEqual(['09:30']);
  });

  test('O07: by GET the same as by POST', async () => {
    const asked = await post(
      '/Appointment/$find',
      parameters(
        { name: 'start', valueDateTime: '2027-03-15' },
        { name: 'end', valueDateTime: '2027-03-15' },
        { name: 'practitioner', valueUri: 'Practitioner/p1' },
      ),
    );
    expect((await find(`${DAY}&practitioner=p1`)).body).toEqual(asked.body);
  });

  test('without a window: from now, for a week, told in the self link', async () => {
    server.clock.ms = Date.parse('2027-03-15T10:15:00Z');
    const answer = await find('practitioner=p1&_count=2');
    expect(starts(answer)).toEqual(['10:30', '11:00']);
    expect(answer.body.total).toBe(3 + 6 * 6 + 2);
    expect(linkOf(answer, 'self')).toContain('start=2027-03-15T10:15:00.000Z&end=2027-03-22T10:15:00.000Z');
  });

  test('what has begun is proposed no more, though it is listed', async () => {
    server.clock.ms = Date.parse('2027-03-15T09:00:00.001Z');
    expect(starts(await find(`${DAY}&practitioner=p1`))[0]).toBe('09:30');
  });

  test.each([
    ['start=2027-03-15&end=2027-03-14', 400],
    ['start=soon', 400],
    ['start=2027-03-15T09:00:00', 400],
    ['start=2027-03-15&end=2027-06-30', 422],
    ['occurrence-count=1', 400],
    ['occurrence-count=7', 400],
    ['occurrence-count=2&start=2027-03-15&end=2027-03-22', 422],
    ['ignore-appointment=nothing', 422],
    ['_count=-1', 400],
  ])('%s: %d', async (query, status) => {
    expect((await find(query)).status).toBe(status);
  });

  test('held, locked and booked time is never in it', async () => {
    const [first, second, third, fourth] = proposals(await find(`${DAY}&schedule=s1`));
    const at = (id = '') => parameters({ name: 'appointment-reference', valueUri: `Appointment/${id}` });
    await post('/Appointment/$hold', at(first?.id));
    await post('/Appointment/$book', at(second?.id));
    await post(
      `/Slot/${third?.id}/$lock`,
      parameters({ name: 'until', valueDateTime: '2027-03-01T01:00:00Z' }, { name: 'key', valueString: 'k' }),
    );
    expect(idsOf(await find(`${DAY}&schedule=s1`))[0]).toBe(fourth?.id);
    server.clock.ms += 60 * 60_000;
    expect(idsOf(await find(`${DAY}&schedule=s1`)).slice(0, 2)).toEqual([first?.id, third?.id]);
  });

  test('stored Slots are proposed as themselves, whatever their length', async () => {
    const slot = (id: string, from: string, to: string, status = 'free') => ({
      ...{ resourceType: 'Slot', id, status, schedule: reference('Schedule/s1') },
      ...{ start: `2027-03-15T${from}Z`, end: `2027-03-15T${to}Z` },
    });
    await server.put(
      slot('early', '07:00:00', '07:45:00') as FhirResource,
      slot('odd', '08:00:05', '08:10:05') as FhirResource,
      slot('gone', '06:00:00', '06:30:00', 'busy') as FhirResource,
    );
    const plain = proposals(await find(`${DAY}&practitioner=p1&_count=2`));
    expect(plain.map(({ slot: at }) => at?.[0]?.reference)).toEqual(['Slot/early', 'Slot/odd']);
    for (const { id, start } of plain) {
      expect((await server.get(`/Appointment/${id}`)).body).toMatchObject({ status: 'proposed', start });
    }
    const booked = await post(
      '/Appointment/$book',
      parameters({ name: 'appointment-reference', valueUri: `Appointment/${plain[1]?.id}` }),
    );
    expect(booked.status).toBe(201);
    expect((await server.get('/Slot/odd')).body.status).toBe('busy');
    expect((await server.get(`/Appointment/${plain[1]?.id}`)).status).toBe(404);
  });

  describe('a proposal by its id', () => {
    const first = async (query: string) => proposals(await find(`${DAY}&${query}`))[0];

    test('is there while it can be booked, and never found by a search', async () => {
      const proposal = await first('practitioner=p1');
      const told = { ...proposal, requestedPeriod: [{ start: proposal?.start, end: proposal?.end }] };
      const read = await server.get(`/Appointment/${proposal?.id}`);
      expect(read).toMatchObject({ status: 200, body: told });
      expect((await server.get(`/Appointment?_id=${proposal?.id}`)).body.total).toBe(0);
      await post('/Appointment/$hold', parameters({ name: 'appointment-reference', valueUri: proposal?.id ?? '' }));
      expect((await server.get(`/Appointment/${proposal?.id}`)).status).toBe(404);
      server.clock.ms += 5 * 60_000;
      expect((await server.get(`/Appointment/${proposal?.id}`)).status).toBe(200);
      server.clock.ms = Date.parse('2027-03-15T09:00:01Z');
      expect((await server.get(`/Appointment/${proposal?.id}`)).status).toBe(404);
    });

    test('of two Schedules is booked on both, or not at all', async () => {
      await server.put(schedule('room', ['Location/r1'], [open('09:00', '10:00')]));
      const two = await first('practitioner=p1&location-reference=r1');
      const room = await first('schedule=room');
      const at = (id = '') => parameters({ name: 'appointment-reference', valueUri: `Appointment/${id}` });
      expect((await server.get(`/Appointment/${two?.id}`)).body).toMatchObject({ id: two?.id, slot: two?.slot });
      await server.http.post(`/${two?.slot?.[1]?.reference}/$disable`);
      expect((await server.get(`/Appointment/${two?.id}`)).status).toBe(404);
      expect((await post('/Appointment/$book', at(two?.id))).status).toBe(409);
      await server.http.post(`/${two?.slot?.[1]?.reference}/$enable`);
      const booked = await post('/Appointment/$book', at(two?.id));
      expect(booked.status).toBe(201);
      expect(matchesOf(booked)[0]).toMatchObject({ slot: two?.slot });
      expect((await server.get(`/Appointment/${room?.id}`)).status).toBe(404);
    });

    test.each(['x', 'Appointment', `${'0'.repeat(16)}-hwtxo-u`, `${'z'.repeat(64)}`])('%s is none', async (id) => {
      expect((await server.get(`/Appointment/${id}`)).status).toBe(404);
    });
  });
});
