/** What Bundles are, before any service decides: https://hl7.org/fhir/R4/http.html#transaction */
import { expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome } from 'fhir/r4.js';
import request from 'supertest';
import { BUNDLE_ANSWER_BYTES_MAX } from '../../server/http/bundle-answers.js';
import { fakeServer, fakeServices, UPDATED_MS } from './fake-services.js';

const PATIENT = { resourceType: 'Patient' };

async function send(type: string, entries: readonly object[], services = fakeServices()) {
  const answer = await request(fakeServer({}, services))
    .post('/')
    .send({ resourceType: 'Bundle', type, entry: entries });
  const body = answer.body as Bundle;
  return { status: answer.status, body, statuses: body.entry?.map(({ response }) => response?.status) };
}
const asking = (method: string, url: string, more: object = {}) => ({ request: { method, url, ...more } });
const patching = (contentType: string) => ({
  ...asking('PATCH', 'Patient/a'),
  resource: { resourceType: 'Binary', contentType, data: Buffer.from('[]').toString('base64') },
});

test('BUNDLE_ANSWER_BYTES_MAX: what comes after so many bytes is not done, and told so in its entry', async () => {
  const page = JSON.stringify({ resourceType: 'Patient', id: 'a', language: 'x'.repeat(BUNDLE_ANSWER_BYTES_MAX / 2) });
  const services = fakeServices({
    ...{ self: [], included: [], remarks: [] },
    matches: [{ type: 'Patient', id: 'a', text: page }],
  });
  const reads = Array.from({ length: 4 }, () => asking('GET', 'Patient'));
  const { body, statuses } = await send('batch', reads, services);
  expect(statuses).toEqual(['200', '200', '422', '422']);
  expect(body.entry?.[3]?.response?.outcome).toMatchObject({ issue: [{ code: 'too-costly' }] });
  expect(services.calls).toHaveLength(2);
});

test.each(['batch', 'transaction'])('others get their turn between the entries of a %s', async (type) => {
  const services = fakeServices();
  const search = services.searches.search.bind(services.searches);
  let turns = 0;
  const turn = () => void (turns += 1);
  const seen: number[] = [];
  services.searches.search = (...asked) => {
    seen.push(turns);
    setImmediate(turn);
    return search(...asked);
  };
  await send(type, Array(3).fill(asking('GET', 'Patient')), services);
  expect(seen).toEqual([0, 1, 2]);
});

test('lastModified keeps what an HTTP date cannot say', async () => {
  const { body } = await send('batch', [
    asking('GET', 'Patient/a'),
    { ...asking('POST', 'Patient'), resource: PATIENT },
  ]);
  const modified = body.entry?.map(({ response }) => response?.lastModified);
  expect(modified).toEqual(Array(2).fill(new Date(UPDATED_MS).toISOString()));
});

test.each([
  ['no body', asking('POST', 'Patient')],
  ['an odd ifMatch', { ...asking('PUT', 'Patient/a', { ifMatch: '*' }), resource: PATIENT }],
  ['an odd escape', asking('GET', 'Patient?name=%zz')],
  ['ifNoneMatch of a PUT', { ...asking('PUT', 'Patient/a', { ifNoneMatch: 'W/"1"' }), resource: PATIENT }],
  ['a patch of no kind', patching('text/plain')],
  ['an operation that is not there', asking('POST', 'Patient/a/$nothing')],
  ['no request', {}],
])('a transaction that is refused for %s names the entry', async (_, entry) => {
  const services = fakeServices();
  const { body } = await send('transaction', [asking('GET', 'Patient'), entry], services);
  const [issue] = (body as unknown as OperationOutcome).issue;
  expect(issue?.diagnostics).toMatch(/^Bundle\.entry\[1\]: /);
  expect(issue?.expression).toEqual([expect.stringMatching(/^Bundle\.entry\[1\](\.request)?$/)]);
  expect(services.calls).toEqual([]);
});

test('a method is one of the codes, as they are written', async () => {
  const { statuses, body } = await send('batch', [
    ...[asking('delete', 'Patient/a'), asking('HEAD', 'Patient/a'), asking('DELETE', 'Patient/a')],
    asking('POST', 'Patient/_search'),
  ]);
  expect(statuses).toEqual(['400', '400', '204', '400']);
  const codes = body.entry?.map(({ response }) => (response?.outcome as OperationOutcome | undefined)?.issue[0]?.code);
  expect(codes).toEqual(['code-invalid', 'not-supported', undefined, 'not-supported']);
});

test.each(['application/json-patch+json; charset=utf-8', 'Application/JSON-Patch+json'])(
  'a patch as %s',
  async (kind) => {
    expect((await send('batch', [patching(kind)])).statuses).toEqual(['200']);
  },
);
