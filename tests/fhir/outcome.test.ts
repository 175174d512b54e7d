import { expect, test } from '@jest/globals';
import { Fault, fault, type FaultKind } from '../../server/base/fault.js';
import { outcomeOf } from '../../server/fhir/index.js';

test.each<[FaultKind, number, string]>([
  ['malformed', 400, 'structure'],
  ['invalid', 400, 'value'],
  ['required', 400, 'required'],
  ['code-invalid', 400, 'code-invalid'],
  ['not-supported', 400, 'not-supported'],
  ['unauthenticated', 401, 'login'],
  ['forbidden', 403, 'forbidden'],
  ['not-found', 404, 'not-found'],
  ['method', 405, 'not-supported'],
  ['not-acceptable', 406, 'not-supported'],
  ['conflict', 409, 'conflict'],
  ['gone', 410, 'deleted'],
  ['stale', 412, 'conflict'],
  ['ambiguous', 412, 'multiple-matches'],
  ['too-large', 413, 'too-long'],
  ['media-type', 415, 'not-supported'],
  ['rule', 422, 'business-rule'],
  ['too-costly', 422, 'too-costly'],
  ['too-many', 429, 'throttled'],
  ['unavailable', 503, 'transient'],
])('%s is answered with %i and the code %s', (kind, status, code) => {
  const outcome = outcomeOf(fault(kind, 'Do this instead.'));
  expect(outcome.status).toBe(status);
  expect(outcome.body).toEqual({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code, details: { text: expect.any(String) }, diagnostics: 'Do this instead.' }],
  });
});

test('each reason is an issue, and a conflict among them decides', () => {
  const thrown = new Fault([
    { kind: 'rule', message: 'Closed.', expression: 'Slot.start' },
    { kind: 'conflict', message: 'Taken.' },
  ]);
  const { status, body } = outcomeOf(thrown);
  expect(status).toBe(409);
  expect(body.issue.map(({ code, diagnostics }) => [code, diagnostics])).toEqual([
    ['business-rule', 'Closed.'],
    ['conflict', 'Taken.'],
  ]);
  expect(body.issue[0]?.expression).toEqual(['Slot.start']);
});

test.each<[string, unknown]>([
  ['an Error', new Error('password=secret')],
  ['a text', 'secret'],
  ['nothing', undefined],
  ['a Fault about ourselves', fault('bug', 'secret table missing')],
  ['a Fault without reasons', new Fault([])],
])('%s is a mistake of ours, of which the caller learns nothing', (_name, thrown) => {
  const { status, body } = outcomeOf(thrown);
  expect(status).toBe(500);
  expect(body.issue).toMatchObject([{ severity: 'fatal', code: 'exception' }]);
  expect(JSON.stringify(body)).not.toContain('secret');
});

test.each([
  'Slot.start',
  'Appointment.participant[0].actor',
  'Schedule.`a b`',
  'start',
  '_lastUpdated',
  'schedule.actor',
  'schedule:Schedule.actor:missing',
])('%s is named', (expression) => {
  expect(outcomeOf(fault('invalid', 'x', expression)).body.issue[0]?.expression).toEqual([expression]);
});

test.each(['', 'a b', 'start=1', '<script>', "x'; drop", '1.2'])(
  '%j is no expression and is left out',
  (expression) => {
    expect(outcomeOf(fault('invalid', 'x', expression)).body.issue[0]).not.toHaveProperty('expression');
  },
);
