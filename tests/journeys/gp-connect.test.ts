/**
 * GP Connect's strict codes, with `GPCONNECT_STRICT=on`, after the scenarios by which providers are tested:
 * https://github.com/nhsconnect/gpconnect-provider-testing (SearchForFreeSlots, AppointmentBook, AppointmentAmend,
 * AppointmentCancel). What answers a search is in `fixtures/ecosystems/gp-connect.json`.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Appointment } from 'fhir/r4.js';
import { FREE_SLOTS_DAYS_MAX } from '../../server/http/gp-connect/free-slots.js';
import { loadClinic } from './ecosystem-clinic.js';
import { bodyOf, idsOf, includedOf, journeyStores, startServer, type Answer, type TestServer } from './server.js';

const SYSTEM = 'https://fhir.nhs.uk/STU3/CodeSystem/Spine-ErrorOrWarningCode-1';
const BASE = 'http://127.0.0.1:8080';

const BOOKING: Appointment = {
  resourceType: 'Appointment',
  status: 'booked',
  description: 'Free text description.',
  start: '2027-03-15T11:00:00Z',
  end: '2027-03-15T11:30:00Z',
  slot: [{ reference: 'Slot/1584' }],
  created: '2027-03-01T00:00:00Z',
  participant: [
    { actor: { reference: 'Patient/1' }, status: 'accepted' },
    { actor: { reference: 'Location/17' }, status: 'accepted' },
  ],
};

/** Status and Spine code of a refusal; each of them has a reason in words, and must not be kept. */
function refusalOf(answer: Pick<Answer, 'status' | 'headers'> & { readonly body: unknown }): readonly unknown[] {
  const [issue] = bodyOf(answer).issue ?? [];
  const [coding] = issue?.details?.coding ?? [];
  expect([issue?.severity, coding?.system, answer.headers['cache-control']]).toEqual(['error', SYSTEM, 'no-store']);
  expect(issue?.diagnostics).toMatch(/\w{3}/);
  return [answer.status, coding?.code];
}

describe.each(journeyStores)('a strict provider of GP Connect on $name', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z', 'UTC', { gpconnectStrict: 'on' });
    await loadClinic(server);
  });
  afterAll(() => server.close());

  describe('a search for free slots', () => {
    const asked = (start: string, end: string) => `/Slot?start=${start}&end=${end}&status=free&_include=Slot:schedule`;

    test.each([
      ['days', 'ge2027-03-15', 'le2027-03-18'],
      ['a single day', 'ge2027-03-15', 'le2027-03-15'],
      ['two weeks', 'ge2027-03-15', 'le2027-03-29'],
      ['times with an offset', 'ge2027-03-15T00:00:00%2B00:00', 'le2027-03-18T00:00:00%2B00:00'],
      ['an offset whose + was not escaped', 'ge2027-03-15T00:00:00+00:00', 'le2027-03-18T00:00:00+00:00'],
      ['a time and a day', 'ge2027-03-15T00:00:00Z', 'le2027-03-18'],
    ])('%s: 200, with a header against caches', async (_, start, end) => {
      const answer = await server.get(asked(start, end));
      expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
      expect(idsOf(answer)).toEqual(expect.arrayContaining(['1584', '1644']));
      expect(includedOf(answer)).toContain('Schedule/stored');
    });

    test('filters are passed over without a word, and the answer has no pages', async () => {
      const answer = await server.get(`${asked('ge2027-03-15', 'le2027-03-15')}&searchFilter=https://x|A20047`);
      expect(answer.body.entry?.filter(({ search }) => search?.mode === 'outcome')).toEqual([]);
      expect(answer.body.link?.map(({ url }) => url)).toEqual([expect.stringMatching(/&_count=1000$/)]);
    });

    test.each([
      ['lt', 'gt'],
      ['gt', 'gt'],
      ['lt', 'lt'],
      ['le', 'ge'],
      ['eq', 'eq'],
      ['gt', 'lt'],
      ['ne', 'ne'],
      ['ge', 'ne'],
      ['ne', 'le'],
      ['', 'le'],
    ])('start=%s… with end=%s…: 422', async (start, end) => {
      const answer = await server.get(asked(`${start}2027-03-15`, `${end}2027-03-18`));
      expect(refusalOf(answer)).toEqual([422, 'INVALID_PARAMETER']);
    });

    test.each([
      ['times without an offset', 'ge2027-03-15T00:00:00', 'le2027-03-18T00:00:00Z'],
      ['years', 'ge2027', 'le2027-03'],
      ['months', 'ge2027-03', 'le2027'],
      ['a day that no month has', 'ge2027-02-30', 'le2027-03-02'],
      ['no time at all', 'invalidStartDate', 'le2027-03-18'],
      ['nothing', '', 'le2027-03-18'],
      ['an end before the start', 'ge2027-03-15', 'le2027-03-14'],
      [`more than FREE_SLOTS_DAYS_MAX, ${FREE_SLOTS_DAYS_MAX}`, 'ge2027-03-15', 'le2027-03-30'],
      ['two starts', 'ge2027-03-15&start=ge2027-03-16', 'le2027-03-18'],
    ])('%s: 422', async (_, start, end) => {
      expect(refusalOf(await server.get(asked(start, end)))).toEqual([422, 'INVALID_PARAMETER']);
    });

    test('another status than free: 422', async () => {
      const answer = await server.get(asked('ge2027-03-15', 'le2027-03-18').replace('free', 'busy'));
      expect(refusalOf(answer)).toEqual([422, 'INVALID_PARAMETER']);
    });

    test.each(['start', 'end', 'status', '_include'])('without %s: 400', async (name) => {
      const url = asked('ge2027-03-15', 'le2027-03-18').replace(new RegExp(`${name}=[^&]*&?`), '');
      expect(refusalOf(await server.get(url))).toEqual([400, 'BAD_REQUEST']);
    });

    test('by a form, too: 422 and 400', async () => {
      const form = { start: 'gt2027-03-15', end: 'le2027-03-18', status: 'free', _include: 'Slot:schedule' };
      const post = (fields: object) => server.http.post('/Slot/_search').type('form').send(fields);
      expect(refusalOf(await post(form))).toEqual([422, 'INVALID_PARAMETER']);
      expect(refusalOf(await post({ ...form, status: undefined }))).toEqual([400, 'BAD_REQUEST']);
    });
  });

  describe('a booking', () => {
    const book = (change: object) => server.http.post('/Appointment').send({ ...BOOKING, ...change });

    test.each<[string, object, string]>([
      ['without start', { start: undefined }, 'INVALID_RESOURCE'],
      ['without end', { end: undefined }, 'INVALID_RESOURCE'],
      ['without status', { status: undefined }, 'INVALID_RESOURCE'],
      ['that is only proposed', { status: 'proposed' }, 'INVALID_RESOURCE'],
      ['without slot', { slot: undefined }, 'INVALID_RESOURCE'],
      ['of a Slot that is not there', { slot: [{ reference: 'Slot/45555g55555' }] }, 'INVALID_RESOURCE'],
      ['of what is no reference', { slot: [{ reference: 'Slot/45555555##' }] }, 'INVALID_RESOURCE'],
      ['of a Slot elsewhere', { slot: [{ reference: 'https://a11111.nhs.uk/Slot/1584' }] }, 'INVALID_RESOURCE'],
      ['for no Patient', { participant: [BOOKING.participant[1]] }, 'INVALID_RESOURCE'],
      [
        'for a Patient who is not there',
        { participant: [{ actor: { reference: 'Patient/nobody' }, status: 'accepted' }] },
        'REFERENCE_NOT_FOUND',
      ],
      ['with a specialty', { specialty: [{ text: 'x' }] }, 'INVALID_RESOURCE'],
      ['at another time than its Slot', { end: '2027-03-15T11:20:00Z' }, 'INVALID_RESOURCE'],
      ['with an element that there is not', { invalidField: 'x' }, 'INVALID_RESOURCE'],
      ['that is a Bundle', { resourceType: 'Bundle' }, 'INVALID_RESOURCE'],
    ])('%s: 422', async (_, change, code) => expect(refusalOf(await book(change))).toEqual([422, code]));

    test.each([
      ...[{ slot: {} }, { slot: 'x' }, { slot: null }, { slot: [null] }, { slot: [{ reference: 5 }] }],
      ...[{ participant: {} }, { participant: 5 }, { participant: null }, { participant: [null] }],
      { participant: [{ actor: { reference: 5 }, status: 'accepted' }] },
    ])('of another shape, %j: 422', async (change) => {
      expect(refusalOf(await book(change))).toEqual([422, 'INVALID_RESOURCE']);
    });

    test('by absolute references, Prefer: return=minimal: 201, nothing but where it is', async () => {
      const slot = [{ reference: `${BASE}/Slot/1584` }];
      const answer = await book({ slot }).set('Prefer', 'return=minimal');
      expect([answer.status, answer.text]).toEqual([201, '']);
      expect(answer.headers['location']).toMatch(new RegExp(`^${BASE}/Appointment/new-\\d+/_history/1$`));
    });

    test('of a Slot that is booked already: 409', async () => {
      const answer = await book({ participant: [{ actor: { reference: 'Patient/2' }, status: 'accepted' }] });
      expect(refusalOf(answer)).toEqual([409, 'DUPLICATE_REJECTED']);
      expect(bodyOf(answer).issue?.[0]?.code).toBe('duplicate');
    });

    test('Prefer: return=representation: the appointment, its ETag its versionId', async () => {
      const time = { start: '2027-03-15T12:00:00Z', end: '2027-03-15T12:30:00Z', slot: [{ reference: 'Slot/1644' }] };
      const answer = await book(time).set('Prefer', 'return=representation');
      const { status, meta } = bodyOf(answer);
      expect([answer.status, status]).toEqual([201, 'booked']);
      expect(answer.headers['etag']).toBe(`W/"${meta?.versionId}"`);
    });
  });

  describe('an appointment that is booked', () => {
    let url = '';
    const read = async () => (await server.get(url)).body as unknown as Appointment;
    const put = async (change: object, ifMatch?: string) => {
      const request = server.http.put(url).send({ ...(await read()), ...change });
      return ifMatch === undefined ? request : request.set('If-Match', ifMatch);
    };
    beforeAll(async () => {
      const found = await server.get('/Appointment?slot=Slot/1584');
      url = `/Appointment/${idsOf(found)[0]}`;
    });

    test('has its words amended, at the version that was read', async () => {
      const answer = await put({ comment: 'customComment' }, 'W/"1"');
      expect([answer.status, answer.headers['etag']]).toEqual([200, 'W/"2"']);
      expect(await read()).toMatchObject({ comment: 'customComment', status: 'booked', meta: { versionId: '2' } });
    });

    test.each(['W/"1"', 'invalidEtag'])('at version %s: 409', async (ifMatch) => {
      const answer = await put({ comment: 'late' }, ifMatch);
      expect(refusalOf(answer)).toEqual([409, 'FHIR_CONSTRAINT_VIOLATION']);
    });

    test.each<[string, object]>([
      ['its priority', { priority: 1 }],
      ['its time', { start: '2027-03-15T11:05:00Z' }],
      ['its status, but to cancelled', { status: 'noshow' }],
      ['another patient', { participant: [{ actor: { reference: 'Patient/2' }, status: 'accepted' }] }],
      ['its words while it is cancelled', { status: 'cancelled', comment: 'x', cancelationReason: { text: 'x' } }],
      ['its status without a reason', { status: 'cancelled' }],
      ['what is no Appointment', { resourceType: 'Bundle' }],
    ])('%s cannot be changed: 422', async (_, change) => {
      expect(refusalOf(await put(change))).toEqual([422, 'INVALID_RESOURCE']);
    });

    test.each([{}, 5, 'x', [null]])('is not cancelled with the extension %j: 422', async (extension) => {
      const answer = await put({ status: 'cancelled', cancelationReason: { text: 'x' }, extension });
      expect(refusalOf(answer)).toEqual([422, 'INVALID_RESOURCE']);
    });

    test('is not written with If-None-Match: *, nor is one made so that is not there', async () => {
      const before = await read();
      const write = (id: string | undefined) =>
        server.http
          .put(`/Appointment/${id}`)
          .set('If-None-Match', '*')
          .send({ ...before, id });
      expect(refusalOf(await write(before.id))).toEqual([409, 'FHIR_CONSTRAINT_VIOLATION']);
      expect(refusalOf(await write('other'))).toEqual([404, 'NO_RECORD_FOUND']);
    });

    test('is changed by its id alone, in a batch as well', async () => {
      const specialty = [{ text: 'x' }];
      const where = 'Appointment?identifier=none';
      const sent = { ...BOOKING, specialty };
      expect(refusalOf(await server.http.put(`/${where}`).send(sent))).toEqual([400, 'BAD_REQUEST']);
      const entry = [{ resource: sent, request: { method: 'PUT', url: where } }];
      const batch = await server.http.post('/').send({ resourceType: 'Bundle', type: 'batch', entry });
      expect(bodyOf(batch).entry?.map(({ response }) => response?.status)).toEqual(['400']);
    });

    test('is cancelled, with a reason in the extension, and then is amended no more', async () => {
      const reason = {
        url: 'https://fhir.nhs.uk/STU3/StructureDefinition/Extension-GPConnect-AppointmentCancellationReason-1',
        valueString: 'double booked',
      };
      const extension = [...((await read()).extension ?? []), reason];
      const cancelled = await put({ status: 'cancelled', extension }, 'W/"2"');
      expect([cancelled.status, bodyOf(cancelled).status]).toEqual([200, 'cancelled']);
      expect((await server.get('/Slot/1584')).body.status).toBe('free');
      expect(refusalOf(await put({ cancelationReason: { text: 'other' } }))).toEqual([422, 'INVALID_RESOURCE']);
    });

    test('once it has begun, it is amended no more', async () => {
      url = `/Appointment/${idsOf(await server.get('/Appointment?slot=Slot/1644'))[0]}`;
      const before = server.clock.ms;
      server.clock.ms = Date.parse('2027-03-15T12:00:00Z');
      const answer = await put({ comment: 'too late' });
      server.clock.ms = before;
      expect(refusalOf(answer)).toEqual([422, 'INVALID_RESOURCE']);
    });
  });

  test.each<[string, string, number, string]>([
    ['/Appointment/nothing', '', 404, 'NO_RECORD_FOUND'],
    ['/Patient?birthdate=x', '', 422, 'INVALID_PARAMETER'],
    ['/Patient/1', 'application/fhir+xml', 406, 'UNSUPPORTED_MEDIA_TYPE'],
  ])('GET %s %s: %d %s', async (path, accept, status, code) => {
    const request = server.http.get(path);
    expect(refusalOf(await (accept === '' ? request : request.set('Accept', accept)))).toEqual([status, code]);
  });
});
