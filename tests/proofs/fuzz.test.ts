/** `npm run fuzz`, short, with a seed that is always the same; and that its judge sees what is wrong. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { placesOf, type Document } from '../../proofs/fuzz/document.js';
import { judgeBy } from '../../proofs/fuzz/judge.js';
import { proofStores, type ProofPlace } from './places.js';
import { figure, proof } from './program.js';

const SECONDS_MAX = 60;
const SEED = 20261121;
/** Every place has its turn on a file, some of them over a network. */
const RUNS = { 'sqlite, a file': 600, mongodb: 200 };

describe.each(proofStores)('fuzz on $name', ({ name, newPlace, skip }) => {
  let place: ProofPlace;
  beforeAll(() => {
    if (skip === undefined) place = newPlace();
  });
  afterAll(async () => place?.remove());

  (skip === undefined ? test : test.skip)(
    `each answer is one that /openapi.json lists, and the store is sound, seed ${SEED}${skip ? `: ${skip}` : ''}`,
    async () => {
      const runs = RUNS[name as keyof typeof RUNS];
      const said = await proof('fuzz', ['--store', place.url, `--runs=${runs}`, `--seed=${SEED}`]);
      expect(said.text).toContain('Nothing is wrong.');
      expect(said.code).toBe(0);
      for (const status of [200, 201, 400, 404, 415]) expect(figure(said, `${status}:`)).toBeGreaterThan(0);
    },
    SECONDS_MAX * 1_000,
  );
});

describe('the judge of answers', () => {
  const json = (schema: object) => ({ content: { 'application/fhir+json': { schema } } });
  const document = {
    paths: {
      '/Slot': {
        get: {
          responses: { 200: json({ $ref: '#/components/schemas/Slot' }), 304: { $ref: '#/components/responses/none' } },
        },
      },
    },
    components: {
      responses: { none: {} },
      schemas: {
        Slot: { type: 'object', required: ['status'], properties: { status: { $ref: '#/components/schemas/code' } } },
        code: { type: 'string' },
      },
    },
  } as unknown as Document;
  const judge = judgeBy(document);
  const [get, head] = placesOf(document);

  test.each([
    ['as promised', 200, 'application/fhir+json; charset=utf-8', '{"status":"free"}', []],
    ['as promised, without a body', 304, '', '', []],
    ['of a status that is not listed', 404, 'application/fhir+json', '{}', ['status 404 is not listed']],
    ['that the server is to blame for', 503, 'application/fhir+json', '{}', ['status 503']],
    ['of another media type', 200, 'text/html', '{"status":"free"}', ["the media type 'text/html' is not listed"]],
    ['that cannot be read', 200, 'application/fhir+json', '{', ['the body is no JSON']],
    ['that its schema refuses', 200, 'application/fhir+json', '{"status":1}', [expect.stringContaining('/status')]],
    ['without its body', 200, '', '', ['there is no body']],
    ['with a body too many', 304, 'application/fhir+json', '{}', ['a body where none is listed']],
  ])('an answer %s', (_, status, contentType, text, offences) => {
    const request = { method: 'GET', path: '/Slot', headers: {} };
    expect(get && judge(get, request, { status, contentType, text })).toEqual(offences);
  });

  test('a HEAD has the statuses of the GET, and no body', () => {
    const request = { method: 'HEAD', path: '/Slot', headers: {} };
    expect(head && judge(head, request, { status: 200, contentType: '', text: '' })).toEqual([]);
  });
});
