/** Whatever name a server is reached by, it says and decides the same: on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment, FhirResource, Schedule, Slot } from 'fhir/r4.js';
import { parseJson } from '../../server/fhir/index.js';
import { hours, minutes, rule } from '../booking/rule-builder.js';
import { at, booking, by, scheduleOf, slotOf, wordsFor } from './booking-words.js';
import { parameters, whole } from './operation-words.js';
import { bodyOf, journeyStores, startServer, type TestServer } from './server.js';

const [HERE, THERE] = ['localhost:8080', '127.0.0.1:8080'];
const OWN = `http://${HERE}`;

describe.each(journeyStores)('on $name', (store) => {
  let server: TestServer;
  const { statusOf, expectSound } = wordsFor(() => server);

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(
      { resourceType: 'Practitioner', id: 'p' },
      { resourceType: 'Practitioner', id: 'off', active: false },
      { resourceType: 'Patient', id: 'q1' },
      scheduleOf('s', 'Practitioner/p'),
      slotOf('a', 's', '09:00', '09:30'),
    );
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  async function asked(host: string, verb: 'get' | 'post' | 'put' | 'delete', path: string, body?: object) {
    const sent = server.http[verb](`/${path}`).set('Host', host);
    const answer = await (body ? sent.send(body) : sent);
    return { status: answer.status, body: bodyOf(answer), resource: answer.body as FhirResource };
  }
  const written = async (host: string, resource: FhirResource) =>
    (await asked(host, 'put', `${resource.resourceType}/${resource.id}`, resource)).status;
  const booked = (parts: Partial<Appointment>) => booking([], '09:00', '09:30', parts);

  test('references that begin with the own base are stored as Type/id, in what is contained too', async () => {
    const { status, resource } = await asked(HERE, 'post', 'Appointment', {
      ...booked({ slot: [{ reference: `${OWN}/Slot/a` }], participant: [by(`${OWN}/Patient/q1`)] }),
      contained: [{ resourceType: 'Schedule', id: 'c', actor: [{ reference: `${OWN}/Practitioner/p/_history/1` }] }],
      supportingInformation: [{ reference: '#c' }, { reference: `http://other.example/Schedule/s` }],
    });
    expect([status, resource]).toEqual([
      201,
      expect.objectContaining({
        slot: [{ reference: 'Slot/a' }],
        participant: [by('Patient/q1')],
        contained: [expect.objectContaining({ actor: [{ reference: 'Practitioner/p/_history/1' }] })],
        supportingInformation: [{ reference: '#c' }, { reference: 'http://other.example/Schedule/s' }],
      }),
    ]);
  });

  test('what a PATCH brings is stored so too, in a reference and as one', async () => {
    await asked(HERE, 'put', 'Schedule/s', scheduleOf('s', 'Practitioner/p'));
    const answer = await server.http
      .patch('/Schedule/s')
      .set({ Host: HERE, 'Content-Type': 'application/json-patch+json' })
      .send(
        JSON.stringify([
          { op: 'add', path: '/actor/-', value: { reference: `${OWN}/Location/l` } },
          { op: 'replace', path: '/actor/0/reference', value: `${OWN}/Practitioner/p` },
        ]),
      );
    expect((answer.body as Schedule).actor).toEqual([{ reference: 'Practitioner/p' }, { reference: 'Location/l' }]);
  });

  test('what load brings is stored so too, its digits kept', async () => {
    const text = JSON.stringify(scheduleOf('loaded', `${OWN}/Practitioner/p`));
    const position = '"extension":[{"url":"http://ex.org/x","valueDecimal":1.50}]';
    const whole = `${text.slice(0, -1)},${position}}`;
    const body = { plain: JSON.parse(whole) as unknown, exact: parseJson(whole).exact };
    await server.resources.load([{ body }], { base: OWN, strict: false });
    const found = await server.store.read({ type: 'Schedule', id: 'loaded' });
    expect(found?.text).toContain('"actor":[{"reference":"Practitioner/p"}]');
    expect(found?.text).toContain('1.50');
  });

  test('what is booked with a Slot under one name is cancelled under another', async () => {
    const { body } = await asked(HERE, 'post', 'Appointment', booked({ slot: [{ reference: `${OWN}/Slot/a` }] }));
    expect((await asked(THERE, 'post', `Appointment/${body.id}/$cancel`)).status).toBe(200);
    expect(await statusOf('Slot/a')).toBe('free');
  });

  test('what an operation brings is stored so too', async () => {
    const appointment = booked({ slot: [{ reference: `${OWN}/Slot/a` }], participant: [by(`${OWN}/Patient/q1`)] });
    const { resource } = await asked(
      HERE,
      'post',
      'Appointment/$book',
      parameters(whole('appt-resource', appointment)),
    );
    expect(JSON.stringify(resource)).not.toContain(`"reference":"${OWN}`);
    expect(JSON.stringify(resource)).toContain('"reference":"Slot/a"');
  });

  test('a Slot written under one name is in use under another', async () => {
    const slot: Slot = { ...slotOf('abs', 's', '10:00', '10:30'), schedule: { reference: `${OWN}/Schedule/s` } };
    expect(await written(HERE, slot)).toBe(201);
    const taking = booked({ slot: [{ reference: 'Slot/abs' }], start: at('10:00'), end: at('10:30') });
    expect((await asked(HERE, 'post', 'Appointment', taking)).status).toBe(201);
    expect((await asked(THERE, 'delete', 'Slot/abs')).status).toBe(409);
    expect(await written(THERE, slotOf('over', 's', '10:00', '10:30'))).toBe(409);
  });

  test('a Schedule written under one name lies on its actor under another, and closes with him', async () => {
    const open = { extension: [rule(hours('09:00', '11:00'), minutes('duration', 30))] };
    expect(await written(HERE, scheduleOf('x', `${OWN}/Practitioner/p`, open))).toBe(201);
    expect(await written(HERE, scheduleOf('closed', `${OWN}/Practitioner/off`, open))).toBe(201);
    const day = (id: string) => `Slot?schedule=${id}&start=2027-03-15&end=2027-03-15`;
    await asked(HERE, 'post', 'Appointment', booked({ slot: [{ reference: 'Slot/a' }] }));
    for (const host of [HERE, THERE]) {
      expect((await asked(host, 'get', day('x'))).body.total).toBe(3);
      expect((await asked(host, 'get', day('closed'))).body.total).toBe(0);
    }
  });

  // Under `HERE` the other name is that of another server, and stays so whoever asks later.
  describe('a reference that was of another server when it was written', () => {
    const other = `http://${THERE}`;

    test('leads nowhere under any name', async () => {
      const open = { extension: [rule(hours('09:00', '11:00'), minutes('duration', 30))] };
      expect(await written(HERE, scheduleOf('x', `${other}/Practitioner/off`, open))).toBe(201);
      for (const host of [HERE, THERE]) {
        const found = await asked(host, 'get', 'Slot?schedule=x&start=2027-03-15&end=2027-03-15');
        expect(found.body.total).toBe(4);
      }
    });

    test('of a Slot gives it no time under any name', async () => {
      const slot: Slot = { ...slotOf('abs', 's', '10:00', '10:30'), schedule: { reference: `${other}/Schedule/s` } };
      expect(await written(HERE, slot)).toBe(201);
      const taking = booked({ slot: [{ reference: 'Slot/abs' }], start: at('10:00'), end: at('10:30') });
      for (const host of [HERE, THERE]) expect((await asked(host, 'post', 'Appointment', taking)).status).toBe(422);
      expect((await asked(THERE, 'delete', 'Slot/abs')).status).toBe(204);
    });

    test('of an Appointment takes and frees nothing under any name', async () => {
      const { body } = await asked(HERE, 'post', 'Appointment', booked({ slot: [{ reference: `${other}/Slot/a` }] }));
      await asked(HERE, 'post', 'Appointment', booked({ slot: [{ reference: 'Slot/a' }] }));
      expect((await asked(THERE, 'post', `Appointment/${body.id}/$cancel`)).status).toBe(200);
      expect(await statusOf('Slot/a')).toBe('busy');
    });
  });
});
