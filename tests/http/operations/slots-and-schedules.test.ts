/** The operations of our own: on Slots, and the question what a change would collide with. */
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { LAST_MODIFIED } from '../fake-services.js';
import { CONTEXT, EXPIRES_MS, parameters, SLOT, startWith } from './fake-bookings.js';

const UNTIL = ['until', { valueDateTime: '2027-03-15T08:00:00-04:00' }] as const;

describe('Slot', () => {
  test('$lock: until when, under which key; its end in the headers', async () => {
    const { server, calls } = startWith();
    const sent = parameters(UNTIL, ['key', { valueString: 'k' }]);
    const { status, text, headers } = await request(server).post('/Slot/s1/$lock').send(sent);
    expect([status, text]).toEqual([200, SLOT.text]);
    expect(headers).toMatchObject({
      expires: 'Mon, 15 Mar 2027 12:00:00 GMT',
      etag: 'W/"5"',
      'last-modified': LAST_MODIFIED,
    });
    expect(calls).toEqual([['lock', 's1', { untilMs: EXPIRES_MS, key: 'k' }, CONTEXT]]);
  });

  test('$unlock: the key, here from the header', async () => {
    const { server, calls } = startWith();
    const { status, text, headers } = await request(server).post('/Slot/s1/$unlock').set('X-Slot-Key', 'k');
    expect([status, text, headers['expires']]).toEqual([200, SLOT.text, undefined]);
    expect(calls).toEqual([['unlock', 's1', { key: 'k' }, expect.objectContaining({ slotKey: 'k' })]]);
  });

  test.each(['disable', 'enable'] as const)('$%s, of the version that If-Match names', async (verb) => {
    const { server, calls } = startWith();
    const { status, text } = await request(server).post(`/Slot/s1/$${verb}`).set('If-Match', 'W/"4"');
    expect([status, text, calls]).toEqual([200, SLOT.text, [[verb, 's1', { ifMatch: '4' }, CONTEXT]]]);
  });

  test.each([
    ['lock', [['key', { valueString: 'k' }]]],
    ['lock', [UNTIL]],
    ['unlock', []],
  ] as const)('$%s without what it needs: 400 required (%#)', async (verb, sent) => {
    const { server, calls } = startWith();
    const { status, text } = await request(server)
      .post(`/Slot/s1/$${verb}`)
      .send(parameters(...sent));
    expect([status, JSON.parse(text), calls]).toMatchObject([400, { issue: [{ code: 'required' }] }, []]);
  });
});

describe('Schedule/[id]/$conflicts', () => {
  test('GET: the Appointments, each once, and an issue for each collision', async () => {
    const { server, calls } = startWith();
    const { status, text } = await request(server).get('/Schedule/dr-adams/$conflicts?start=2027-03-15');
    expect([status, JSON.parse(text)]).toEqual([
      200,
      {
        resourceType: 'Bundle',
        type: 'searchset',
        total: 1,
        link: [{ relation: 'self', url: 'http://x/Schedule/dr-adams/$conflicts?start=2027-03-15' }],
        entry: [
          {
            fullUrl: 'http://x/Appointment/a1',
            resource: { resourceType: 'Appointment', id: 'a1', status: 'booked' },
            search: { mode: 'match' },
          },
          {
            resource: {
              resourceType: 'OperationOutcome',
              issue: ['Slot/x', 'Schedule.extension[0]'].map((diagnostics) => ({
                severity: 'information',
                code: 'business-rule',
                details: { text: `Appointment/a1 collides with ${diagnostics}.` },
                diagnostics,
              })),
            },
            search: { mode: 'outcome' },
          },
        ],
      },
    ]);
    expect(calls).toEqual([['conflicts', 'dr-adams', { start: '2027-03-15' }, CONTEXT]]);
  });

  const schedule = (id?: string) => ({
    resourceType: 'Schedule',
    ...(id !== undefined && { id }),
    actor: [{ reference: 'Practitioner/adams' }],
  });
  const slot = (reference: string) => ({
    resourceType: 'Slot',
    status: 'busy',
    schedule: { reference },
    start: '2027-03-15T14:00:00Z',
    end: '2027-03-15T15:00:00Z',
  });

  test.each([schedule(), schedule('dr-adams'), slot('Schedule/dr-adams'), slot('http://x/Schedule/dr-adams')])(
    'POST: what is planned (%#)',
    async (resource) => {
      const { server, calls } = startWith();
      await request(server)
        .post('/Schedule/dr-adams/$conflicts')
        .send(parameters(['resource', { resource }]));
      expect(calls).toEqual([['conflicts', 'dr-adams', { planned: resource }, CONTEXT]]);
    },
  );

  test.each([schedule('dr-baker'), slot('Schedule/dr-baker'), { resourceType: 'Patient' }])(
    'POST: what is planned for another Schedule, or is none: 400 (%#)',
    async (resource) => {
      const { server, calls } = startWith();
      const sent = parameters(['resource', { resource }]);
      const { status } = await request(server).post('/Schedule/dr-adams/$conflicts').send(sent);
      expect([status, calls]).toEqual([400, []]);
    },
  );
});
