import { describe, expect, test } from '@jest/globals';
import { REASONS_MAX } from '../../server/fhir/findings.js';
import { parseJson, SERVED_TYPES, validateResource } from '../../server/fhir/index.js';
import { STRING_LENGTH_MAX } from '../../server/fhir/primitives.js';
import { appointment, schedule, slot, VALID } from './valid-resources.js';

/** What JSON would carry: members that are undefined in the source of a test are not there. */
function judged(resource: object, ownBases?: readonly string[]): string[] {
  const sent = JSON.parse(JSON.stringify(resource)) as { resourceType: string };
  return validateResource(sent, sent.resourceType, ownBases).map(({ kind, expression }) => `${kind} ${expression}`);
}

const [participant] = appointment.participant;
const withExtension = (extension: object) => ({ ...slot, extension: [extension] });
const withDiv = (div: unknown) => ({ ...slot, text: { status: 'generated', div } });
const withContained = (...contained: object[]) => ({
  ...appointment,
  contained,
  participant: [{ actor: { reference: '#p' }, status: 'accepted' }],
});
const DIV = '<div xmlns="http://www.w3.org/1999/xhtml">';

test.each(Object.entries(VALID))('nothing is wrong with %s', (_name, resource) => {
  expect(judged(resource)).toEqual([]);
});

test('there is a valid resource of every served type', () => {
  const types = Object.values(VALID).map((it) => (it as { resourceType: string }).resourceType);
  expect(new Set(types)).toEqual(new Set(SERVED_TYPES));
});

/** Group C2 of docs/scheduling-cases.md, as far as a resource by itself can tell. */
describe('write validation', () => {
  test.each<[string, object, string]>([
    ['V01', { ...slot, schedule: undefined }, 'required Slot.schedule'],
    ['V01', { ...slot, status: undefined }, 'required Slot.status'],
    ['V01', { ...slot, start: undefined }, 'required Slot.start'],
    ['V01', { ...slot, end: undefined }, 'required Slot.end'],
    ['V02', { ...slot, start: '2027-03-15' }, 'invalid Slot.start'],
    ['V02', { ...slot, start: '2027-03-15T13:00' }, 'invalid Slot.start'],
    ['V02', { ...slot, start: '2027-03-15T13:00:00' }, 'invalid Slot.start'],
    ['V03', { ...slot, status: 'available' }, 'code-invalid Slot.status'],
    ['V04', { ...slot, start: slot.end, end: slot.start }, 'rule Slot.end'],
    ['V04', { ...slot, end: slot.start }, 'rule Slot.end'],
    ['V04', { ...slot, end: '2027-03-15T14:00:00+01:00' }, 'rule Slot.end'],
    ['V04', { ...appointment, end: appointment.start }, 'rule Appointment.end'],
    ['V05', { ...appointment, participant: [{ status: 'accepted' }] }, 'invalid Appointment.participant[0]'],
    ['V06', { ...appointment, end: undefined }, 'invalid Appointment'],
    ['V07', { ...appointment, start: undefined, end: undefined }, 'invalid Appointment'],
    ['V08', { ...appointment, cancelationReason: { text: 'x' } }, 'invalid Appointment.cancelationReason'],
    ['V09', { ...schedule, name: 'Dr. Ng' }, 'malformed Schedule.name'],
  ])('%s: %j', (_id, resource, fault) => {
    expect(judged(resource)).toEqual([fault]);
  });
});

describe('integers', () => {
  const ofText = (text: string) => {
    const { plain, exact } = parseJson(text);
    return validateResource(plain, 'Patient', [], exact).map(({ kind, expression }) => `${kind} ${expression}`);
  };
  const born = (digits: string) => ofText(`{"resourceType":"Patient","multipleBirthInteger":${digits}}`);

  test.each(['1.0', '1e0', '10E-1', '-0'])('%s is none', (digits) => {
    expect(born(digits)).toEqual(['invalid Patient.multipleBirth']);
  });

  test.each(['1', '0', '-1'])('%s is one', (digits) => expect(born(digits)).toEqual([]));

  test('in lists, extensions and contained resources, beside decimals with any digits', () => {
    const extension = '{"url":"http://x.example/a","valuePositiveInt":1.0}';
    const decimal = '{"url":"http://x.example/b","valueDecimal":1.50}';
    const observation =
      '{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"valueInteger":1e0,' +
      '"subject":{"reference":"#"}}';
    const found = ofText(
      `{"resourceType":"Patient","contained":[${observation}],"extension":[${decimal},${extension}],` +
        '"telecom":[{"rank":2},{"rank":2.0}]}',
    );
    expect(found.sort()).toEqual([
      'invalid Patient.contained[0].value',
      'invalid Patient.extension[1].value',
      'invalid Patient.telecom[1].rank',
    ]);
  });
});

describe('texts', () => {
  const commented = (comment: string) => ({ ...slot, comment });

  test.each(['a\u00a0b', '\u3000x', 'x\u2003', 'a\u2028b', '\ufeffx', ' ', '\u3000', ' x\r\n\ty', 'é', '\u{1f600}'])(
    '%j is one',
    (text) => {
      expect(judged(commented(text))).toEqual([]);
      const inner = { resourceType: 'Observation', id: 'p', status: 'final', code: { text } };
      expect(judged(withContained(inner))).not.toContain('invalid Appointment.contained[0].code.text');
    },
  );

  test.each([''])('%j is none', (text) => {
    expect(judged(commented(text))).toEqual(['invalid Slot.comment']);
  });
});

/** What R4 asks (https://hl7.org/fhir/R4/validation.html) and its JSON schema does not check: one reason for each. */
describe('faults that the JSON schema lets pass', () => {
  test.each<[string, object, string]>([
    ['no such day', { ...slot, start: '2026-02-31T13:00:00Z' }, 'invalid Slot.start'],
    ['no leap year', { ...slot, start: '2027-02-29T13:00:00Z', end: '2027-03-01T13:00:00Z' }, 'invalid Slot.start'],
    ['a reference to another type', { ...slot, schedule: { reference: 'Patient/1' } }, 'invalid Slot.schedule'],
    ['a type that is another', { ...slot, schedule: { type: 'Patient' } }, 'invalid Slot.schedule'],
    [
      'type and reference at odds',
      { ...slot, schedule: { reference: 'Schedule/1', type: 'Patient' } },
      'invalid Slot.schedule.type',
    ],
    ['no type of R4', { ...slot, schedule: { reference: 'Sched/1' } }, 'invalid Slot.schedule.reference'],
    ['no reference', { ...slot, schedule: { reference: 'not a ref!!' } }, 'invalid Slot.schedule.reference'],
    ['nothing contained', { ...slot, schedule: { reference: '#x' } }, 'invalid Slot.schedule.reference'],
    ['an empty object', { ...slot, schedule: {} }, 'invalid Slot.schedule'],
    ['an object with an id alone', { ...slot, schedule: { id: 'x' } }, 'invalid Slot.schedule'],
    [
      'Appointment.slot that is a Schedule',
      { ...appointment, slot: [{ reference: 'Schedule/1' }] },
      'invalid Appointment.slot[0]',
    ],
    ['an empty array', { ...slot, serviceType: [] }, 'invalid Slot.serviceType'],
    ['an empty array where one is needed', { ...schedule, actor: [] }, 'invalid Schedule.actor'],
    ['an empty participant', { ...appointment, participant: [{}] }, 'invalid Appointment.participant[0]'],
    ['two values', withExtension({ url: 'u:x', valueCode: 'a', valueString: 'b' }), 'invalid Slot.extension[0].value'],
    [
      'value and extension',
      withExtension({ url: 'u:x', valueCode: 'a', extension: [{ url: 'u:y', valueCode: 'b' }] }),
      'invalid Slot.extension[0]',
    ],
    ['neither value nor extension', withExtension({ url: 'u:x' }), 'invalid Slot.extension[0]'],
    ['extension without url', withExtension({ valueCode: 'a' }), 'required Slot.extension[0].url'],
    [
      'a value that is wrong',
      withExtension({ url: 'u:x', valueDate: '2027-02-30' }),
      'invalid Slot.extension[0].value',
    ],
    ['an extension of no type', withExtension({ url: 'u:x', valueFoo: 1 }), 'malformed Slot.extension[0].valueFoo'],
    ['priority 1.5', { ...appointment, priority: 1.5 }, 'invalid Appointment.priority'],
    ['priority -1', { ...appointment, priority: -1 }, 'invalid Appointment.priority'],
    ['minutesDuration 0', { ...appointment, minutesDuration: 0 }, 'invalid Appointment.minutesDuration'],
    [
      'an integer beyond 32 bits',
      { ...appointment, minutesDuration: 2147483648 },
      'invalid Appointment.minutesDuration',
    ],
    [
      'period backwards',
      { ...schedule, planningHorizon: { start: '2027-03', end: '2027-02-28' } },
      'invalid Schedule.planningHorizon',
    ],
    [
      'participant without status',
      { ...appointment, participant: [{ actor: participant?.actor }] },
      'required Appointment.participant[0].status',
    ],
    ['Appointment without status', { ...appointment, status: undefined }, 'required Appointment.status'],
    ['an empty extension for a primitive', { ...slot, _comment: {} }, 'invalid Slot.comment'],
    ['an empty uri', { ...slot, implicitRules: '' }, 'invalid Slot.implicitRules'],
    [
      'a null without a reason',
      { resourceType: 'Patient', name: [{ given: ['A', null] }] },
      'invalid Patient.name[0].given[1]',
    ],
    [
      'base64',
      { resourceType: 'Patient', photo: [{ contentType: 'x/y', data: 'abc' }] },
      'invalid Patient.photo[0].data',
    ],
    [
      'an unknown day',
      { resourceType: 'PractitionerRole', availableTime: [{ daysOfWeek: ['monday'] }] },
      'code-invalid PractitionerRole.availableTime[0].daysOfWeek[0]',
    ],
    [
      'apr-1',
      {
        resourceType: 'AppointmentResponse',
        appointment: { reference: 'Appointment/1' },
        participantStatus: 'accepted',
      },
      'invalid AppointmentResponse',
    ],
    [
      'an unknown answer',
      {
        resourceType: 'AppointmentResponse',
        appointment: { reference: 'Appointment/1' },
        participantStatus: 'yes',
        actor: { display: 'x' },
      },
      'code-invalid AppointmentResponse.participantStatus',
    ],
    ['org-1', { resourceType: 'Organization', active: true }, 'invalid Organization'],
    [
      'a Duration without UCUM',
      withExtension({ url: 'u:x', valueDuration: { value: 1, system: 'u:z', code: 'h' } }),
      'invalid Slot.extension[0].value.system',
    ],
  ])('%s', (_name, resource, fault) => {
    expect(judged(resource)).toEqual([fault]);
  });

  test.each<[string, unknown]>([
    ['a script', `${DIV}<script>alert(1)</script></div>`],
    ['a handler', `${DIV}<p onclick="x()">x</p></div>`],
    ['a javascript link', `${DIV}<a href="javascript:x()">x</a></div>`],
    ['a form', `${DIV}<form>x</form></div>`],
    ['an open tag', `${DIV}<p>x</div>`],
    ['text outside', `${DIV}x</div>y`],
    ['no content', `${DIV} <p/></div>`],
    ['not XHTML', 'just text'],
    ['a number', 5],
    ['an unquoted attribute', `${DIV}<img src=x onerror=alert(1)></div>`],
  ])('narrative: %s', (_name, div) => {
    expect(judged(withDiv(div))).toEqual(['invalid Slot.text.div']);
  });

  test.each<[string, object, string]>([
    [
      'without id',
      withContained({ resourceType: 'Patient', id: 'p' }, { resourceType: 'Patient' }),
      'required Appointment.contained[1].id',
    ],
    [
      'without type',
      withContained({ resourceType: 'Patient', id: 'p' }, { id: 'q' }),
      'invalid Appointment.contained[1].resourceType',
    ],
    [
      'dom-2',
      withContained({ resourceType: 'Patient', id: 'p', contained: [{ resourceType: 'Device', id: 'd' }] }),
      'invalid Appointment.contained[0].contained',
    ],
    [
      'dom-3',
      withContained({ resourceType: 'Patient', id: 'p' }, { resourceType: 'Patient', id: 'q' }),
      'invalid Appointment.contained[1]',
    ],
    [
      'dom-4',
      withContained({ resourceType: 'Patient', id: 'p', meta: { versionId: '1' } }),
      'invalid Appointment.contained[0].meta.versionId',
    ],
    [
      'dom-5',
      withContained({ resourceType: 'Patient', id: 'p', meta: { security: [{ code: 'R' }] } }),
      'invalid Appointment.contained[0].meta.security',
    ],
    [
      'its own faults',
      withContained({ resourceType: 'Patient', id: 'p', gender: 'f' }),
      'code-invalid Appointment.contained[0].gender',
    ],
    [
      'a wrong target',
      withContained({ resourceType: 'Organization', id: 'p', name: 'x' }),
      'invalid Appointment.participant[0].actor',
    ],
    [
      'faults of a type that is not served',
      {
        ...withContained({ resourceType: 'Endpoint', id: 'p' }),
        participant: appointment.participant,
        supportingInformation: [{ reference: '#p' }],
      },
      'required Appointment.contained[0].connectionType',
    ],
  ])('contained: %s', (_name, resource, fault) => {
    expect(judged(resource)).toContain(fault);
  });
});

describe('faults that the schema tells', () => {
  test.each<[string, object, string]>([
    ['a wrong JSON type', { ...slot, schedule: 'Schedule/1' }, 'malformed Slot.schedule'],
    ['null', { ...slot, comment: null }, 'malformed Slot.comment'],
    ['an empty text', { ...slot, comment: '' }, 'invalid Slot.comment'],
    ['an id that is too long', { ...slot, id: 'x'.repeat(65) }, 'invalid Slot.id'],
    ['one where several go', { ...schedule, actor: { reference: 'Practitioner/1' } }, 'malformed Schedule.actor'],
    ['an odd name', { ...schedule, 'a b`': 1 }, 'malformed Schedule.`a b`'],
    ['a code that is a number', { ...slot, status: 1 }, 'malformed Slot.status'],
  ])('%s', (_name, resource, fault) => {
    expect(judged(resource)).toEqual([fault]);
  });
});

test('several faults are told at once, broken rules last, so that 400 wins over 422', () => {
  const bad = { ...slot, status: 'x', end: slot.start, comment: '' };
  expect(judged(bad)).toEqual(['code-invalid Slot.status', 'invalid Slot.comment', 'rule Slot.end']);

  const inside = { ...withContained({ resourceType: 'Patient', id: 'p', gender: 'f' }), end: appointment.start };
  expect(judged(inside)).toEqual(['code-invalid Appointment.contained[0].gender', 'rule Appointment.end']);
});

test('an invariant is not told where an element it looks at is at fault already', () => {
  const wrongCode = { ...appointment, status: 'no-show', cancelationReason: { text: 'x' } };
  expect(judged(wrongCode)).toEqual(['code-invalid Appointment.status']);
});

test('references under a base URL of this server are judged like relative ones', () => {
  const toPatient = { ...slot, schedule: { reference: 'https://here.example/Patient/1' } };
  expect(judged(toPatient)).toEqual([]);
  expect(judged(toPatient, ['https://here.example'])).toEqual(['invalid Slot.schedule']);
});

test('the body must be a resource of the type', () => {
  for (const body of [null, [], 'Slot', 5, undefined, {}, { resourceType: 'Patient' }]) {
    expect(validateResource(body, 'Slot')).toHaveLength(1);
  }
  expect(validateResource({ resourceType: 'Bundle' }, 'Bundle')).toMatchObject([{ kind: 'not-supported' }]);
});

test('a resource with a million faults gets an answer of bounded size', () => {
  const withFaults = (count: number) => {
    const unknown = Array.from({ length: count }, (_, index) => [`x${index}`, 1]);
    return validateResource({ ...slot, ...(Object.fromEntries(unknown) as object) }, 'Slot');
  };
  const told = withFaults(REASONS_MAX);
  expect(told).toHaveLength(REASONS_MAX);
  expect(told.at(-1)?.message).not.toBe('There are more faults than these.');
  const crowd = Array.from({ length: 20_000 }, () => ({ status: 'x', foo: 1 }));
  expect(validateResource({ ...appointment, participant: crowd }, 'Appointment')).toHaveLength(REASONS_MAX + 1);
  for (const count of [REASONS_MAX + 1, 10_000]) {
    const reasons = withFaults(count);
    expect(reasons).toHaveLength(REASONS_MAX + 1);
    expect(reasons.at(-1)?.message).toBe('There are more faults than these.');
  }
});

test('STRING_LENGTH_MAX is for texts, codes and narratives alike', () => {
  const narrative = (length: number) => withDiv(`${DIV}${'x'.repeat(length - DIV.length - '</div>'.length)}</div>`);
  const coded = (length: number) => ({ ...slot, serviceType: [{ coding: [{ code: 'x'.repeat(length) }] }] });
  const commented = (length: number) => ({ ...slot, comment: 'x'.repeat(length) });
  for (const [make, element] of [
    [narrative, 'text.div'],
    [coded, 'serviceType[0].coding[0].code'],
    [commented, 'comment'],
  ] as const) {
    expect(judged(make(STRING_LENGTH_MAX))).toEqual([]);
    expect(judged(make(STRING_LENGTH_MAX + 1))).toEqual([`invalid Slot.${element}`]);
  }
});

test('texts of many megabytes get an answer', () => {
  const data = 'AAAA'.repeat(3_000_000);
  const photo = [{ contentType: 'image/png', data }];
  const extension = [{ url: 'u:x', valueBase64Binary: data }];
  expect(judged({ resourceType: 'Patient', photo, extension })).toEqual([]);
  expect(judged({ ...slot, language: 'a '.repeat(6_000_000) })).toContain('invalid Slot.language');
});

test('base64 with spaces is judged in linear time', () => {
  const data = `${'AAAA  '.repeat(20_000)}!`;
  const bad = {
    resourceType: 'Patient',
    photo: [{ contentType: 'x/y', data }],
    extension: [{ url: 'u:x', valueBase64Binary: data }],
  };
  expect(judged(bad).sort()).toEqual(['invalid Patient.extension[0].value', 'invalid Patient.photo[0].data']);
});
