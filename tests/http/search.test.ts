import { describe, expect, test } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import fc from 'fast-check';
import request from 'supertest';
import type { Param, SearchAnswer } from '../../server/booking/index.js';
import { wholeText } from '../../server/http/exchange.js';
import { parseParams, renderParams } from '../../server/http/query-params.js';
import { searchsetText } from '../../server/http/searchset.js';
import { fakeServer, fakeServices } from './fake-services.js';

const BASE = 'https://slots.example.org';
const EMPTY: SearchAnswer = { self: [], matches: [], included: [], remarks: [] };
const bundleOf = (answer: Partial<SearchAnswer>, presentation: readonly Param[] = []) =>
  JSON.parse(wholeText(searchsetText({ ...EMPTY, ...answer }, BASE, 'Slot', presentation))) as Bundle;

describe('a searchset', () => {
  test('of a list that comes again says the same again, under each base its own', () => {
    const matches = [{ type: 'Slot', id: 's1', text: '{"resourceType":"Slot","id":"s1","comment":"süß 😀"}' }];
    const write = (base: string) => wholeText(searchsetText({ ...EMPTY, matches }, base, 'Slot', []));
    const [first, second, third] = [write(BASE), write(BASE), write(BASE)];
    expect([second, third]).toEqual([first, first]);
    expect(write('https://other.example')).toBe(first.replaceAll(BASE, 'https://other.example'));
    expect(write(BASE)).toBe(first);
  });

  test('names each resource by its absolute URL and says why it is there', () => {
    const bundle = bundleOf({
      total: 1,
      self: [['_include', 'Slot:schedule']],
      matches: [{ type: 'Slot', id: 's1', text: '{"resourceType":"Slot","id":"s1"}' }],
      included: [{ type: 'Schedule', id: 'a', text: '{"resourceType":"Schedule","id":"a"}' }],
      remarks: ['_count was capped at 1,000.'],
    });
    const said = '_count was capped at 1,000.';
    const issue = { severity: 'information', code: 'informational', details: { text: said }, diagnostics: said };
    expect(bundle).toEqual({
      resourceType: 'Bundle',
      type: 'searchset',
      total: 1,
      link: [{ relation: 'self', url: `${BASE}/Slot?_include=Slot:schedule` }],
      entry: [
        { fullUrl: `${BASE}/Slot/s1`, resource: { resourceType: 'Slot', id: 's1' }, search: { mode: 'match' } },
        { fullUrl: `${BASE}/Schedule/a`, resource: { resourceType: 'Schedule', id: 'a' }, search: { mode: 'include' } },
        { resource: { resourceType: 'OperationOutcome', issue: [issue] }, search: { mode: 'outcome' } },
      ],
    });
  });

  test('has no empty entry, and no total that nobody counted', () => {
    expect(Object.keys(bundleOf({}))).toEqual(['resourceType', 'type', 'link']);
    expect(bundleOf({ total: 0 }).total).toBe(0);
  });

  test('links escape what a query cannot carry, and repeat how the answer was to look', () => {
    const start: Param = ['start', 'ge2027-03-15T09:00:00+01:00'];
    const { link } = bundleOf({ self: [start], next: [start, ['cursor', 'a&b=c|d é"']] }, [['_format', 'json']]);
    expect(link).toEqual([
      { relation: 'self', url: `${BASE}/Slot?start=ge2027-03-15T09:00:00%2B01:00&_format=json` },
      {
        relation: 'next',
        url: `${BASE}/Slot?start=ge2027-03-15T09:00:00%2B01:00&cursor=a%26b%3Dc%7Cd%20%C3%A9%22&_format=json`,
      },
    ]);
  });

  test('a later page links to the first', () => {
    const self: Param[] = [
      ['active', 'true'],
      ['_after', 'x'],
      ['_count', '2'],
    ];
    const found = bundleOf({ self }).link?.find(({ relation }) => relation === 'first');
    expect(found?.url).toBe(`${BASE}/Slot?active=true&_count=2`);
  });

  test('keeps the text of a resource to the character', () => {
    const text = '{"resourceType":"Slot","id":"1","x":1.50,"y":"\\u00e9 \\/"}';
    const written = searchsetText({ ...EMPTY, matches: [{ type: 'Slot', id: '1', text }] }, BASE, 'Slot', []);
    expect(wholeText(written)).toContain(text);
  });
});

describe('the parameters', () => {
  test('reach the service decoded, in order, repeated', async () => {
    const services = fakeServices();
    const query = 'start=ge2027-03-15&start=lt2027-03-16&schedule=Schedule%2FS&status:not=busy&name=M%C3%BCller+A';
    await request(fakeServer({}, services)).get(`/Slot?${query}`);
    expect(services.calls[0]?.params).toEqual([
      ['start', 'ge2027-03-15'],
      ['start', 'lt2027-03-16'],
      ['schedule', 'Schedule/S'],
      ['status:not', 'busy'],
      ['name', 'Müller A'],
    ]);
  });

  test('are the same by GET, by form, and half by each', async () => {
    const services = fakeServices();
    const server = fakeServer({}, services);
    const form = (path: string, body: string) => request(server).post(path).type('form').send(body);
    const answers = [
      await request(server).get('/Slot?schedule=S&start=2027-03-15T09:00:00%2B01:00&_pretty=false'),
      await form('/Slot/_search', 'schedule=S&start=2027-03-15T09:00:00%2B01:00&_pretty=false'),
      await form('/Slot/_search?schedule=S', 'start=2027-03-15T09:00:00%2B01:00&_pretty=false'),
      await form('/Slot/_search?schedule=S&start=2027-03-15T09:00:00%2B01:00&_pretty=false', ''),
      await request(server).post('/Slot/_search?schedule=S&start=2027-03-15T09:00:00%2B01:00&_pretty=false'),
    ];
    expect(new Set(answers.map(({ status, text }) => `${status} ${text.replaceAll(/127[^/]*/g, '')}`)).size).toBe(1);
    expect(new Set(services.calls.map(({ params }) => JSON.stringify(params))).size).toBe(1);
    expect(services.calls[0]?.params).toEqual([
      ['schedule', 'S'],
      ['start', '2027-03-15T09:00:00+01:00'],
    ]);
  });

  test('come back from a link as they went in', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0') && !value.includes('\uFFFD'));
    const params = fc.array(fc.tuple(text, text));
    fc.assert(fc.property(params, (pairs) => expect(parseParams(renderParams(pairs), 'query')).toEqual(pairs)));
  });
});
