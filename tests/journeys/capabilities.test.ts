/** Everything that `GET /metadata` claims is called, on each store. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CapabilityStatementRestResource, CapabilityStatementRestResourceSearchParam } from 'fhir/r4.js';
import { parseJson, SERVED_TYPES, searchParametersOf } from '../../server/fhir/index.js';
import { ALL_OPERATIONS, capabilitiesOf } from '../../server/http/capabilities.js';
import type { Interaction } from '../../server/http/mounted.js';
import { keptId, KEPT, operationExample, RESOURCES, valueOf } from './capability-examples.js';
import { startWithOfficeHours } from './rule-fixture.js';
import { bodyOf, journeyStores, linkOf, type Answer, type TestServer } from './server.js';

const START = '2027-03-01T00:00:00.000Z';
const BASE = 'http://127.0.0.1:8080';
const STATEMENT = capabilitiesOf({
  ...{ base: BASE, version: 'test', dateMs: Date.parse(START), operations: ALL_OPERATIONS },
});
const [REST] = STATEMENT.rest ?? [];
const CLAIMED = (REST?.resource ?? []).map((resource) => [resource.type, resource] as const);
const WRITABLE = CLAIMED.filter(([, { interaction }]) => interaction?.some(({ code }) => code === 'update'));
/** Slots are searched on one Schedule: a search of computed ones by their time or length alone is refused. */
const WITHIN: Readonly<Record<string, string>> = { Slot: 'schedule=s1&' };
const INCLUDES_AT_ONCE = 20;
const TARGETS_AT_ONCE = 20;
const PARAMETERS_AT_ONCE = 90;
/** Those that some definition knows, and those of R4 that none does here. */
const ALL_PARAMETERS = [
  ...new Set(SERVED_TYPES.flatMap((type) => [...searchParametersOf(type).keys()])),
  ...['phonetic', '_text', '_content', '_filter', '_query', '_list', '_source'],
];

function resourceOf(type: string): object {
  const make = RESOURCES[type];
  if (!make) throw new Error(`Add a ${type} to RESOURCES in capability-examples.ts.`);
  return make();
}

describe.each(journeyStores)('the CapabilityStatement on $name', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startWithOfficeHours(store);
    for (const type of ['Location', 'Practitioner', 'Patient', 'Schedule', ...WRITABLE.map(([one]) => one)]) {
      const answer = await server.http.put(`/${type}/${KEPT}`).send({ ...resourceOf(type), id: KEPT });
      if (answer.status > 201) throw new Error(`PUT ${type}: ${answer.text}`);
    }
    await writeAuditEvent();
  });
  afterAll(() => server.close());

  /** Only the server writes them; from a backup they come like all else. */
  async function writeAuditEvent(): Promise<void> {
    const event = {
      ...{ resourceType: 'AuditEvent', id: KEPT, type: { code: 'rest' }, recorded: START },
      ...{ agent: [{ requestor: true, who: { reference: 'Patient/x' } }], source: { observer: { display: 'x' } } },
    };
    const body = parseJson(JSON.stringify(event));
    const [result] = await server.resources.load([{ body }], { base: BASE, strict: false });
    if (!result?.ok) throw result?.fault ?? new Error('No AuditEvent was loaded.');
  }

  const create = (type: string) => server.http.post(`/${type}`).send(resourceOf(type));

  /** How each interaction is called, and what it answers where it works. */
  const INTERACTIONS: Readonly<Record<Interaction, (type: string, id: string) => Promise<readonly [number, number]>>> =
    {
      read: async (type, id) => [(await server.get(`/${type}/${id}`)).status, 200],
      vread: async (type, id) => [(await server.get(`/${type}/${id}/_history/1`)).status, 200],
      'history-instance': async (type, id) => [(await server.get(`/${type}/${id}/_history`)).status, 200],
      'history-type': async (type) => [(await server.get(`/${type}/_history`)).status, 200],
      'search-type': async (type) => [(await server.http.post(`/${type}/_search`).type('form').send({})).status, 200],
      create: async (type) => [(await create(type)).status, 201],
      update: async (type, id) => {
        const { body } = await server.get(`/${type}/${id}`);
        return [(await server.http.put(`/${type}/${id}`).send({ ...body, language: 'en' })).status, 200];
      },
      patch: async (type, id) => {
        const patch = server.http.patch(`/${type}/${id}`).set('Content-Type', 'application/merge-patch+json');
        return [(await patch.send('{"language":"fr"}')).status, 200];
      },
      delete: async (type) => [(await server.http.delete(`/${type}/${bodyOf(await create(type)).id}`)).status, 204],
    };

  test('is what GET /metadata answers', async () => {
    expect((await server.get('/metadata')).body).toEqual(STATEMENT);
  });

  describe.each(CLAIMED)('%s', (type, claimed) => {
    test('every interaction', async () => {
      const id = await keptId(server, type);
      for (const { code } of claimed.interaction ?? []) {
        const [status, wanted] = await INTERACTIONS[code](type, id);
        expect([code, status]).toEqual([code, wanted]);
      }
    });

    test('every search parameter with its modifiers, in the self link and without a remark', async () => {
      for (const parameter of claimed.searchParam ?? []) {
        const asked = spellingsOf(type, parameter);
        const query = asked.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
        const answer = await server.get(`/${type}?${WITHIN[type] ?? ''}${query}&_count=1`);
        expect(unmet(answer, [`${query}: ${answer.status}`], namesIn(answer), asked)).toEqual([`${query}: 200`]);
      }
    });

    test('no other parameter: the rest of those that any type has are left out of the self link', async () => {
      const claimedNames = (claimed.searchParam ?? []).map(({ name }) => name);
      const others = ALL_PARAMETERS.filter((name) => !claimedNames.includes(name));
      for (let at = 0; at < others.length; at += PARAMETERS_AT_ONCE) {
        const some = others.slice(at, at + PARAMETERS_AT_ONCE);
        const answer = await server.get(`/${type}?${WITHIN[type] ?? ''}${some.map((name) => `${name}=a`).join('&')}`);
        expect([answer.status, namesIn(answer).filter((name) => some.includes(name))]).toEqual([200, []]);
      }
    });

    test('every _include and _revinclude', async () => {
      for (const [name, values = []] of [
        ['_include', claimed.searchInclude],
        ['_revinclude', claimed.searchRevInclude],
      ] as const) {
        for (let at = 0; at < values.length; at += INCLUDES_AT_ONCE) {
          const some = values.slice(at, at + INCLUDES_AT_ONCE).map((value) => `${name}=${value}`);
          const answer = await server.get(`/${type}?${WITHIN[type] ?? ''}_id=x&${some.join('&')}`);
          expect(remarksOf(answer)).toEqual([]);
          expect(some.filter((one) => linkOf(answer, 'self')?.includes(one) !== true)).toEqual([]);
        }
      }
    });

    test('conditional reads', async () => {
      if (claimed.conditionalRead !== 'full-support') throw new Error('Add a test of this claim.');
      const path = `/${type}/${await keptId(server, type)}`;
      const { headers } = await server.get(path);
      const again = (name: string, value = '') => server.http.get(path).set(name, value);
      expect((await again('If-None-Match', headers['etag'])).status).toBe(304);
      expect((await again('If-Modified-Since', headers['last-modified'])).status).toBe(304);
    });
  });

  describe.each(WRITABLE)('%s', (type, claimed) => {
    test('creates by PUT, and only once under a condition; writes and deletes what a search finds', async () => {
      expect(flagsOf(claimed)).toEqual({
        ...{ updateCreate: true, conditionalCreate: true, conditionalUpdate: true, conditionalDelete: 'single' },
        ...{ versioning: 'versioned-update', readHistory: true },
      });
      const body = { ...resourceOf(type), id: 'new' };
      const put = (path: string) => server.http.put(`/${type}${path}`).send(body);
      expect((await put('/new')).status).toBe(201);
      const found = await server.http.post(`/${type}`).set('If-None-Exist', '_id=new').send(body);
      expect([found.status, bodyOf(found).id]).toEqual([200, 'new']);
      expect((await put('?_id=new')).status).toBe(200);
      expect((await put('/new').set('If-Match', 'W/"99"')).status).toBe(412);
      expect((await server.http.delete(`/${type}?_id=new,${KEPT}`)).status).toBe(412);
      expect((await server.http.delete(`/${type}?_id=new`)).status).toBe(204);
    });

    test('takes references to what is here, and to what an identifier names', async () => {
      expect(claimed.referencePolicy).toEqual(['literal', 'logical']);
      const answer = await create(type);
      expect([answer.status, answer.text]).toEqual([201, expect.stringMatching(/"identifier":\{/)]);
    });
  });

  describe.each(ALL_OPERATIONS.map((operation) => [`${operation.type ?? ''}/$${operation.code}`, operation] as const))(
    '%s',
    (name, operation) => {
      test.each(operation.levels.flatMap((level) => operation.methods.map((method) => [level, method] as const)))(
        'of the %s, by %s',
        async (level, method) => {
          const { path, body } = await operationExample(server, operation, level);
          const answer = await (body ? server.http[method](path).send(body) : server.http[method](path));
          const advice = answer.status < 300 ? '' : ` Does ${name} need a row in OPERATIONS of capability-examples.ts?`;
          expect(`${answer.status < 300}${advice} ${advice && answer.text}`.trim()).toBe('true');
        },
      );
    },
  );

  test('every search of several types, and in the compartment of a Patient', async () => {
    for (const { name, type } of REST?.searchParam ?? []) {
      const answer = await server.get(`/?${name}=${encodeURIComponent(valueOf(name, type))}&_count=1`);
      expect([name, answer.status, remarksOf(answer)]).toEqual([name, 200, []]);
    }
    expect(REST?.compartment).toEqual(['http://hl7.org/fhir/CompartmentDefinition/patient']);
    expect((await server.get('/Patient/x/Appointment')).status).toBe(200);
  });

  test('every format, and every format of a patch', async () => {
    const type = (valueCode: string) => ({ name: 'type', valueCode });
    const patches: Readonly<Record<string, string>> = {
      'application/json-patch+json': '[{"op":"add","path":"/language","value":"de"}]',
      // FHIRPath Patch, where it is claimed: https://hl7.org/fhir/R4/fhirpatch.html
      'application/fhir+json': JSON.stringify({
        resourceType: 'Parameters',
        parameter: [{ name: 'operation', part: [type('delete'), { name: 'path', valueString: 'Patient.language' }] }],
      }),
    };
    for (const format of STATEMENT.format) {
      const { status, body } = await server.get(`/Patient/x?_format=${encodeURIComponent(format)}`);
      expect([format, status, body.id]).toEqual([format, 200, 'x']);
    }
    for (const format of STATEMENT.patchFormat ?? []) {
      const patch = server.http.patch('/Patient/x').set('Content-Type', format);
      const { status, text } = await patch.send(patches[format] ?? '{"language":"en"}');
      expect(`${format} ${status} ${status === 200 ? '' : text}`).toBe(`${format} 200 `);
    }
  });
});

/** The parameter alone and with each modifier that its documentation names; some of the types where they may be any. */
function spellingsOf(
  resourceType: string,
  { name, type, documentation = '' }: CapabilityStatementRestResourceSearchParam,
) {
  const [, list = ''] = /Modifiers: (.*)\.$/.exec(documentation) ?? [];
  const targets = searchParametersOf(resourceType).get(name)?.targets.slice(0, TARGETS_AT_ONCE) ?? [];
  const modifiers = list.split(', ').flatMap((modifier) => {
    if (modifier === ':[type]') return targets.map((target) => `:${target}`);
    return modifier === '' ? [] : [modifier];
  });
  const modified = modifiers.map((modifier) => [name + modifier, valueOf(name, type, modifier.slice(1))] as const);
  return [[name, valueOf(name, type)] as const, ...modified];
}

function namesIn(answer: Answer): readonly string[] {
  const query = linkOf(answer, 'self')?.split('?')[1];
  return [...new URLSearchParams(query).keys()];
}

function remarksOf({ status, body }: Answer): readonly unknown[] {
  const remarks = (body.entry ?? []).filter(({ search }) => search?.mode === 'outcome');
  return status === 200 ? remarks : [body.issue];
}

/** What was asked and is not in the answer, after what is said of the request. */
function unmet(
  answer: Answer,
  said: readonly string[],
  names: readonly string[],
  asked: readonly (readonly [string, string])[],
): readonly unknown[] {
  const missing = asked.map(([name]) => name).filter((name) => !names.includes(name));
  return [...said, ...remarksOf(answer), ...missing];
}

function flagsOf(claimed: CapabilityStatementRestResource) {
  const { updateCreate, conditionalCreate, conditionalUpdate, conditionalDelete, versioning, readHistory } = claimed;
  return { updateCreate, conditionalCreate, conditionalUpdate, conditionalDelete, versioning, readHistory };
}
