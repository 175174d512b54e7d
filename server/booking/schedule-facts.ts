import type { CodeableConcept, FhirResource, HealthcareService, Period, PractitionerRole, Schedule } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import { ALWAYS, type Interval } from '../base/interval.js';
import type { WeeklyHours } from '../slots/index.js';
import { isZone } from '../zones/index.js';
import { faceMinute, intersectWeeklyHours, weekdayOfCode } from './hours.js';
import { periodInterval } from './periods.js';
import { AVAILABILITY_URL, HOURS_PER_RULE_MAX, readRules, type ScheduleRule } from './read-rules.js';
import { scheduleKeyOf } from './slot-id.js';

/** https://hl7.org/fhir/extensions/StructureDefinition-timezone.html */
export const TIMEZONE_URL = 'http://hl7.org/fhir/StructureDefinition/timezone';

/** Everything about a Schedule that decides which of its times are free, read from it and from its actors. */
export interface ScheduleFacts {
  readonly id: string;
  /** Its short name in the ids of its computed slots. */
  readonly key: string;
  /** IANA name: bare dates of a question and of `planningHorizon` lie in it. */
  readonly zone: string;
  /** False while the Schedule or one of its actors is inactive: nothing is offered then. */
  readonly active: boolean;
  /** `planningHorizon`. */
  readonly horizon: Interval;
  readonly rules: readonly ScheduleRule[];
  readonly schedule: Schedule;
}

/**
 * @param actors the actors of the Schedule that are on this server, in its order
 * @throws {Fault} `too-costly` for more hours than a rule may have
 * @param defaultZone what counts where neither the Schedule, nor an actor, nor a rule names a zone
 */
export function factsOf(schedule: Schedule, actors: readonly FhirResource[], defaultZone: string): ScheduleFacts {
  const id = schedule.id ?? '';
  const zone = zoneOfSchedule(schedule, actors, defaultZone);
  const hours = hoursOfActors(actors);
  return {
    id,
    key: scheduleKeyOf(id),
    zone,
    active: [schedule, ...actors].every(isActive),
    horizon: schedule.planningHorizon ? periodInterval(schedule.planningHorizon, zone) : ALWAYS,
    rules: readRules(schedule, zone).rules.map((rule) => (rule.hoursOfActors ? withHours(rule, hours) : rule)),
    schedule,
  };
}

/**
 * The zone of a Schedule: its own, else that of a Location actor, else of the first actor that has one, else of
 * its first rule that names one, else the default (design §3).
 */
export function zoneOfSchedule(schedule: Schedule, actors: readonly FhirResource[], defaultZone: string): string {
  const locations = actors.filter(({ resourceType }) => resourceType === 'Location');
  const named = [schedule, ...locations, ...actors].map(zoneExtensionOf).find((zone) => zone !== undefined);
  return named ?? zoneOfRules(schedule) ?? defaultZone;
}

/** The zone of the first rule that names one, looked up without reading the rules, which need it. */
function zoneOfRules({ extension = [] }: Schedule): string | undefined {
  return extension
    .filter(({ url }) => url === AVAILABILITY_URL)
    .flatMap((rule) => rule.extension ?? [])
    .find(({ url, valueCode }) => url === 'timezone' && valueCode !== undefined && isZone(valueCode))?.valueCode;
}

/** The zone that a resource names for itself. */
function zoneExtensionOf(resource: FhirResource): string | undefined {
  if (!('extension' in resource)) return undefined;
  const zone = resource.extension?.find(({ url }) => url === TIMEZONE_URL)?.valueCode;
  return zone !== undefined && isZone(zone) ? zone : undefined;
}

/** Practitioner, HealthcareService and the like say it by `active`, Location and Device by `status`. */
function isActive(resource: FhirResource): boolean {
  const { active, status } = resource as { active?: boolean; status?: string };
  return active !== false && status !== 'inactive';
}

/** What a rule without hours takes from the actors: the hours common to all that tell any, and their closures. */
interface ActorHours {
  readonly hours: readonly WeeklyHours[];
  readonly notAvailable: readonly { during?: Period | undefined }[];
}

function hoursOfActors(actors: readonly FhirResource[]): ActorHours {
  const telling = actors.filter(tellsHours);
  const weeks = telling.map(({ availableTime }) => availableTime ?? []).filter((times) => times.length > 0);
  if (weeks.some((times) => times.length > HOURS_PER_RULE_MAX)) {
    throw fault(
      'too-costly',
      `An actor of the Schedule has more than ${HOURS_PER_RULE_MAX} availableTimes.`,
      'schedule',
    );
  }
  const [first = [], ...others] = weeks.map((times) => times.flatMap(weeklyHoursOf));
  return {
    hours: others.reduce<readonly WeeklyHours[]>(intersectWeeklyHours, first),
    notAvailable: telling.flatMap(({ notAvailable }) => notAvailable ?? []),
  };
}

function tellsHours(actor: FhirResource): actor is HealthcareService | PractitionerRole {
  return actor.resourceType === 'HealthcareService' || actor.resourceType === 'PractitionerRole';
}

type ActorTime = NonNullable<(HealthcareService | PractitionerRole)['availableTime']>[number];

function weeklyHoursOf(time: ActorTime): WeeklyHours[] {
  const daysOfWeek = (time.daysOfWeek ?? []).flatMap((code) => weekdayOfCode(code) ?? []);
  if (time.allDay) return [{ daysOfWeek, startMinute: 0, endMinute: 0 }];
  const startMinute = faceMinute(time.availableStartTime ?? '');
  const endMinute = faceMinute(time.availableEndTime ?? '');
  // Hours that lack a side, or that begin within a minute, say nothing that slots could be cut from.
  return startMinute === undefined || endMinute === undefined ? [] : [{ daysOfWeek, startMinute, endMinute }];
}

function withHours(rule: ScheduleRule, actors: ActorHours): ScheduleRule {
  const closures = actors.notAvailable.flatMap(({ during }) => (during ? [periodInterval(during, rule.zone)] : []));
  return { ...rule, hours: actors.hours, closures: [...rule.closures, ...closures] };
}

/** The types of visit that a rule serves: its own, else the Schedule's; none: every type. */
export function serviceTypesOf(facts: ScheduleFacts, rule: ScheduleRule): readonly CodeableConcept[] {
  return rule.serviceTypes.length > 0 ? rule.serviceTypes : (facts.schedule.serviceType ?? []);
}
