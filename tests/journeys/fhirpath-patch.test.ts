/** FHIRPath Patches, over HTTP on each store: https://hl7.org/fhir/R4/http.html#patch */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, FhirResource, Parameters } from 'fhir/r4.js';
import { operation, patchOf } from '../fhir/fhirpath-cases.js';
import { booking, scheduleOf, slotOf, wordsFor } from './booking-words.js';
import { hours, minutes, rule } from '../booking/rule-builder.js';
import { bodyOf, idsOf, journeyStores, startServer, type TestServer } from './server.js';

const FHIR_JSON = 'application/fhir+json';
const replaceStatus = (type: string, status: string) =>
  patchOf(operation('replace', `${type}.status`, { value: { valueCode: status } }));

describe.each(journeyStores)('FHIRPath Patch on $name', (store) => {
  let server: TestServer;
  let tries = 0;
  const { book, statusOf, expectSound } = wordsFor(() => server);

  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T12:00:00Z');
    await server.put({ resourceType: 'Patient', id: 'q1' }, { resourceType: 'Practitioner', id: 'p1' });
    const office = { extension: [rule(hours('13:00', '15:00'), minutes('duration', 30))] };
    await server.put(scheduleOf('ruled', 'Practitioner/p1', office), scheduleOf('s1', 'Device/none'));
  }, 60_000);
  afterAll(async () => {
    await expectSound();
    await server.close();
  });

  let id: string;
  beforeEach(async () => {
    id = `l${(tries += 1)}`;
    const position = '"position":{"longitude":1.50,"latitude":2.00}';
    const text = `{"resourceType":"Location","id":"${id}","name":"x",${position}}`;
    await server.http.put(`/Location/${id}`).set('Content-Type', FHIR_JSON).send(text);
  });

  const patch = (path: string, body: object, type = FHIR_JSON) =>
    server.http.patch(`/${path}`).set('Content-Type', type).send(JSON.stringify(body));
  const rename = (name: string) => patchOf(operation('replace', 'Location.name', { value: { valueString: name } }));

  test.each([FHIR_JSON, 'application/json', `${FHIR_JSON}; charset=utf-8`])(
    'as %s: a new version, digits kept',
    async (type) => {
      const answer = await patch(`Location/${id}`, rename('y'), type);
      expect([answer.status, answer.headers['etag']]).toEqual([200, 'W/"2"']);
      expect(answer.text).toContain('"position":{"longitude":1.50,"latitude":2.00}');
      expect((await server.get(`/Location/${id}`)).body).toMatchObject({ name: 'y' });
    },
  );

  test('of what a search finds, and of the version that If-Match names', async () => {
    expect((await patch(`Location?_id=${id}`, rename('y'))).status).toBe(200);
    const stale = patch(`Location/${id}`, rename('z')).set('If-Match', 'W/"1"');
    expect((await stale).status).toBe(412);
  });

  test.each<[string, number, object]>([
    [
      'nothing is there to replace',
      422,
      patchOf(operation('replace', 'Location.alias', { value: { valueString: 'x' } })),
    ],
    ['no path', 400, patchOf(operation('delete', 'Location.name['))],
    ['no Parameters', 400, { resourceType: 'Location', name: 'y' }],
    ['a list', 400, []],
    ['an invalid result', 400, patchOf(operation('replace', 'Location.name', { value: { valueInteger: 1 } }))],
    ['another id', 400, patchOf(operation('replace', 'Location.id', { value: { valueId: 'other' } }))],
  ])('%s: %i, and nothing changes', async (_, status, body) => {
    const answer = await patch(`Location/${id}`, body);
    expect([answer.status, bodyOf(answer).resourceType]).toEqual([status, 'OperationOutcome']);
    expect((await server.get(`/Location/${id}`)).body.meta?.versionId).toBe('1');
  });

  test('of the status of a computed Slot: it is locked, and free again', async () => {
    const [slot = ''] = idsOf(await server.get('/Slot?schedule=ruled&start=2027-03-15&end=2027-03-15'));
    expect((await patch(`Slot/${slot}`, replaceStatus('Slot', 'busy-tentative'))).status).toBe(200);
    expect(await statusOf(`Slot/${slot}`)).toBe('busy-tentative');
    expect((await patch(`Slot/${slot}`, replaceStatus('Slot', 'free'))).status).toBe(200);
    expect(await statusOf(`Slot/${slot}`)).toBe('free');
  });

  test('of the status of an Appointment: cancelled, its Slot is free', async () => {
    await server.put(slotOf('mine', 's1', '13:00', '13:30'));
    const { id: visit } = await book(booking(['mine'], '13:00', '13:30'));
    expect(await statusOf('Slot/mine')).toBe('busy');
    expect((await patch(`Appointment/${visit}`, replaceStatus('Appointment', 'cancelled'))).status).toBe(200);
    expect(await statusOf('Slot/mine')).toBe('free');
  });

  test.each(['batch', 'transaction'])('in a %s, as the resource of its entry', async (type) => {
    const resource = rename('y') as unknown as Parameters;
    const entry = [{ resource, request: { method: 'PATCH', url: `Location/${id}`, ifMatch: 'W/"1"' } }];
    const answer = await server.http.post('/').send({ resourceType: 'Bundle', type, entry });
    expect((answer.body as Bundle).entry?.[0]).toMatchObject({ resource: { name: 'y' }, response: { status: '200' } });
  });

  describe('in a transaction', () => {
    const house: FhirResource = { resourceType: 'Organization', name: 'house' };
    const transact = (reference: string, ...others: object[]) => {
      const value = { valueReference: { reference } };
      const resource = patchOf(operation('add', 'Location', { name: { valueString: 'managingOrganization' }, value }));
      const entry = [{ resource, request: { method: 'PATCH', url: `Location/${id}` } }, ...others];
      return server.http.post('/').send({ resourceType: 'Bundle', type: 'transaction', entry });
    };

    test('its values name what other entries become', async () => {
      const request = { method: 'POST', url: 'Organization' };
      const answer = await transact('urn:uuid:house', { fullUrl: 'urn:uuid:house', resource: house, request });
      const [location, organization] = (answer.body as Bundle<FhirResource>).entry ?? [];
      expect(location?.resource).toMatchObject({
        managingOrganization: { reference: `Organization/${organization?.resource?.id}` },
      });
    });

    test('its values name what a search finds', async () => {
      await server.put({ ...house, id: `o-${id}` });
      const answer = await transact(`Organization?_id=o-${id}`);
      expect((answer.body as Bundle).entry?.[0]?.resource).toMatchObject({
        managingOrganization: { reference: `Organization/o-${id}` },
      });
    });

    test('what no entry is called is refused', async () => {
      const answer = await transact('urn:uuid:nowhere');
      expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('No entry has the fullUrl')]);
    });
  });

  test('what the CapabilityStatement lists as patchFormat is read, and told with a 415', async () => {
    const { patchFormat = [] } = (await server.get('/metadata')).body as unknown as CapabilityStatement;
    const statuses = await Promise.all(
      patchFormat.map(async (type) => (await patch(`Location/${id}`, {}, type)).status),
    );
    expect(statuses).not.toContain(415);
    const refused = await patch(`Location/${id}`, {}, 'text/plain');
    expect([refused.status, refused.headers['accept-patch']]).toEqual([415, patchFormat.join(', ')]);
  });
});
