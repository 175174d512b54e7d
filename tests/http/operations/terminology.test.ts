/** The value sets and code systems that the server ships: expanded, asked for codes, looked up. */
import { describe, expect, test } from '@jest/globals';
import type { Parameters, ParametersParameter, ValueSet } from 'fhir/r4.js';
import request from 'supertest';
import { conformanceResources } from '../../../server/fhir/index.js';
import { fakeServer } from '../fake-services.js';

const open = fakeServer();
const SLOT_STATUS = 'http://hl7.org/fhir/ValueSet/slotstatus';
const SYSTEM = 'http://hl7.org/fhir/slotstatus';
const OURS = 'https://fhir-slots.dev/fhir/CodeSystem/cancelation-reason';

async function asked<T>(path: string, parameter?: readonly ParametersParameter[]): Promise<T> {
  const body = { resourceType: 'Parameters', parameter };
  const { status, text } = await (parameter ? request(open).post(path).send(body) : request(open).get(path));
  expect([path, status]).toEqual([path, 200]);
  return JSON.parse(text) as T;
}

async function refusal(path: string, parameter?: readonly ParametersParameter[]): Promise<string> {
  const body = { resourceType: 'Parameters', parameter };
  const { status, text } = await (parameter ? request(open).post(path).send(body) : request(open).get(path));
  return `${status} ${(JSON.parse(text) as { issue: { diagnostics: string }[] }).issue[0]?.diagnostics}`;
}

describe('ValueSet/$expand', () => {
  const codesOf = ({ expansion }: ValueSet) => expansion?.contains?.map(({ code }) => code);

  test('by URL, by id and by POST, with the words for the codes', async () => {
    const byUrl = await asked<ValueSet>(`/ValueSet/$expand?url=${SLOT_STATUS}`);
    expect(byUrl).toMatchObject({ resourceType: 'ValueSet', url: SLOT_STATUS, expansion: { total: 5, offset: 0 } });
    expect(byUrl.compose).toBeUndefined();
    expect(byUrl.expansion?.contains?.[0]).toEqual({ system: SYSTEM, code: 'busy', display: 'Busy' });
    expect(await asked('/ValueSet/slotstatus/$expand')).toEqual(byUrl);
    expect(await asked('/ValueSet/$expand', [{ name: 'url', valueUri: `${SLOT_STATUS}|4.0.1` }])).toEqual(byUrl);
  });

  test('a part of it: filter, offset, count', async () => {
    const of = async (query: string) => asked<ValueSet>(`/ValueSet/slotstatus/$expand?${query}`);
    expect(codesOf(await of('filter=BUSY'))).toEqual(['busy', 'busy-unavailable', 'busy-tentative']);
    expect(codesOf(await of('filter=busy&offset=1&count=1'))).toEqual(['busy-unavailable']);
    expect((await of('count=0')).expansion).toMatchObject({ total: 5, parameter: [{ name: 'count' }] });
    expect(codesOf(await of('count=0'))).toBeUndefined();
    const beyond = (await of('offset=99999999999&count=99999999999')).expansion;
    expect([beyond?.offset, beyond?.contains, beyond?.parameter?.[1]?.valueInteger]).toEqual([5, undefined, 5]);
  });

  test('all that are shipped have codes, each with a system', async () => {
    for (const { id } of conformanceResources('ValueSet')) {
      const { expansion } = await asked<ValueSet>(`/ValueSet/${id}/$expand`);
      expect([id, expansion?.contains?.every(({ system, code }) => system && code)]).toEqual([id, true]);
    }
  });

  test('a value set of ours takes the words from its code system', async () => {
    const { expansion } = await asked<ValueSet>('/ValueSet/cancelation-reason/$expand');
    expect(expansion?.contains?.[0]).toEqual({ system: OURS, code: 'hold-ended', display: 'Hold ended' });
  });

  test('what cannot be answered', async () => {
    expect(await refusal('/ValueSet/$expand')).toMatch(/^400 .*parameter url/);
    expect(await refusal('/ValueSet/$expand?url=http://x.example/vs')).toMatch(/^404 .*GET \/ValueSet lists/);
    expect(await refusal(`/ValueSet/$expand?url=${SLOT_STATUS}|5.0.0`)).toMatch(/^404/);
    const { status } = await request(open).post('/ValueSet/$expand').send({ resourceType: 'ValueSet' });
    expect(status).toBe(400);
    expect(await refusal('/ValueSet/slotstatus/$expand?count=-1')).toMatch(/^400 .*count/);
    expect(await refusal('/ValueSet/slotstatus/$expand', [{ name: 'filter', valueInteger: 1 }])).toMatch(/^400/);
  });
});

describe('$validate-code', () => {
  const answer = async (path: string, parameter?: readonly ParametersParameter[]) => {
    const { parameter: out = [] } = await asked<Parameters>(path, parameter);
    return Object.fromEntries(out.map((it) => [it.name, it.valueBoolean ?? it.valueString]));
  };
  const ofSlots = (query: string) => answer(`/ValueSet/slotstatus/$validate-code?${query}`);

  test('a code, with its system and its display', async () => {
    expect(await ofSlots(`code=free&system=${SYSTEM}`)).toEqual({ result: true, display: 'Free' });
    expect(await ofSlots('code=free')).toMatchObject({ result: true });
    expect(await ofSlots(`code=free&system=${SYSTEM}&display=free`)).toMatchObject({ result: true });
    expect(await ofSlots(`code=free&system=${SYSTEM}&display=Gone`)).toEqual({
      result: false,
      message: 'The display of free is "Free", not "Gone".',
      display: 'Free',
    });
    expect(await ofSlots('code=free&system=http://x.example')).toEqual({
      result: false,
      message: `http://x.example|free is not in ${SLOT_STATUS}.`,
    });
  });

  test('a Coding and a CodeableConcept, of which one coding suffices', async () => {
    const wrong = { system: SYSTEM, code: 'gone' };
    const right = { system: SYSTEM, code: 'busy' };
    const of = (parameter: ParametersParameter) =>
      answer('/ValueSet/$validate-code', [{ name: 'url', valueUri: SLOT_STATUS }, parameter]);
    expect(await of({ name: 'coding', valueCoding: wrong })).toMatchObject({ result: false });
    const concept = { name: 'codeableConcept', valueCodeableConcept: { coding: [wrong, right] } };
    expect(await of(concept)).toEqual({ result: true, display: 'Busy' });
    expect(await of({ name: 'codeableConcept', valueCodeableConcept: { text: 'x' } })).toMatchObject({ result: false });
  });

  test('of a code system, ours too', async () => {
    const code = (it: string) => answer(`/CodeSystem/$validate-code?url=${OURS}&code=${it}`);
    expect(await code('hold-ended')).toEqual({ result: true, display: 'Hold ended' });
    expect(await code('hold-lost')).toMatchObject({ result: false });
  });

  test('what cannot be answered', async () => {
    const path = `/ValueSet/$validate-code?url=${SLOT_STATUS}`;
    expect(await refusal(path)).toMatch(/^400 Give one of code, coding/);
    const coding = { name: 'coding', valueCoding: { system: SYSTEM, code: 'free' } };
    expect(await refusal(`${path}&code=free`, [coding])).toMatch(/^400 Give one of code, coding/);
    const nothing = { name: 'codeableConcept', valueCodeableConcept: null } as unknown as ParametersParameter;
    expect(await refusal('/ValueSet/slotstatus/$validate-code', [nothing])).toMatch(/^400/);
    expect(await refusal('/CodeSystem/$validate-code?url=http://loinc.org&code=1')).toMatch(/^404 .*GET \/CodeSystem/);
  });
});

describe('CodeSystem/$lookup', () => {
  test('tells the word for a code', async () => {
    const { parameter } = await asked<Parameters>(`/CodeSystem/$lookup?system=${SYSTEM}&code=busy-tentative`);
    expect(parameter).toEqual([
      { name: 'name', valueString: 'SlotStatus' },
      { name: 'version', valueString: '4.0.1' },
      { name: 'display', valueString: 'Busy (Tentative)' },
    ]);
    const coding = { name: 'coding', valueCoding: { system: OURS, code: 'hold-ended' } };
    const ours = await asked<Parameters>('/CodeSystem/$lookup', [coding]);
    expect(ours.parameter?.at(-1)).toEqual({ name: 'display', valueString: 'Hold ended' });
  });

  test('what cannot be answered', async () => {
    expect(await refusal('/CodeSystem/$lookup?code=free')).toMatch(/^400 .*give both/);
    expect(await refusal(`/CodeSystem/$lookup?system=${SYSTEM}&code=gone`)).toMatch(/^404 .*no code 'gone'/);
    expect(await refusal('/CodeSystem/$lookup?system=http://loinc.org&code=1')).toMatch(/^404/);
  });
});
