/** What decides which times of a Schedule are free: its zone, whether it is active, its horizon (design §3). */
import { describe, expect, test } from '@jest/globals';
import type { Extension, FhirResource } from 'fhir/r4.js';
import { HOURS_PER_RULE_MAX } from '../../server/booking/read-rules.js';
import { factsOf } from '../../server/booking/schedule-facts.js';
import { hours, part, rule, scheduleWith } from './rule-builder.js';

const inZone = (valueCode: string): Extension[] => [
  { url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode },
];
const PRACTITIONER: FhirResource = { resourceType: 'Practitioner', id: 'p1', extension: inZone('Asia/Tokyo') };
const LOCATION: FhirResource = { resourceType: 'Location', id: 'l1', extension: inZone('Europe/Paris') };
const RULE_IN_KOLKATA = rule(part('timezone', { valueCode: 'Asia/Kolkata' }), hours('09:00', '10:00'));

describe('the zone of a Schedule is', () => {
  const own = scheduleWith([RULE_IN_KOLKATA]);
  test.each<[string, string, Parameters<typeof factsOf>[0], FhirResource[]]>([
    [
      'its own',
      'America/New_York',
      { ...own, extension: [...inZone('America/New_York'), RULE_IN_KOLKATA] },
      [LOCATION],
    ],
    ['else that of a Location actor, wherever it stands', 'Europe/Paris', own, [PRACTITIONER, LOCATION]],
    ['else of the first actor that has one', 'Asia/Tokyo', own, [{ resourceType: 'Practitioner' }, PRACTITIONER]],
    [
      'else that of its first rule that names one',
      'Asia/Kolkata',
      scheduleWith([rule(hours('09:00', '10:00')), RULE_IN_KOLKATA]),
      [],
    ],
    ['else the default', 'Africa/Cairo', scheduleWith([rule(hours('09:00', '10:00'))]), []],
    ['not one that is none', 'Africa/Cairo', scheduleWith([]), [{ ...LOCATION, extension: inZone('Mars/Base') }]],
  ])('%s: %s', (_, zone, schedule, actors) => {
    expect(factsOf(schedule, actors, 'Africa/Cairo').zone).toBe(zone);
  });
});

test('a rule without a zone has that of the Schedule', () => {
  expect(factsOf(scheduleWith([rule(hours('09:00', '10:00'))]), [LOCATION], 'UTC').rules[0]?.zone).toBe('Europe/Paris');
});

test.each<[string, boolean, Partial<ReturnType<typeof scheduleWith>>, FhirResource[]]>([
  ['says nothing', true, {}, [PRACTITIONER]],
  ['is inactive', false, { active: false }, []],
  ['has an inactive actor', false, { active: true }, [PRACTITIONER, { ...PRACTITIONER, active: false }]],
  ['is at an inactive Location', false, {}, [{ ...LOCATION, status: 'inactive' }]],
])('whether anything is offered where the Schedule %s: %s', (_, active, more, actors) => {
  expect(factsOf(scheduleWith([], more), actors, 'UTC').active).toBe(active);
});

test('an actor with more hours than a rule may have is too costly', () => {
  const availableTime = Array.from({ length: HOURS_PER_RULE_MAX + 1 }, () => ({ allDay: true }));
  const actor: FhirResource = { resourceType: 'HealthcareService', id: 'h1', availableTime };
  expect(() => factsOf(scheduleWith([rule(hours('09:00', '10:00'))]), [actor], 'UTC')).toThrow(/availableTimes/);
});

test('bare dates of the planning horizon are whole days of its zone', () => {
  const schedule = scheduleWith([], { planningHorizon: { start: '2027-01-01', end: '2027-01' } });
  expect(factsOf(schedule, [PRACTITIONER], 'UTC').horizon).toEqual({
    startMs: Date.parse('2026-12-31T15:00:00Z'),
    endMs: Date.parse('2027-01-31T15:00:00Z'),
  });
});
