/** Who has time in this workload, and the few times that all workers want. */
import { createHash } from 'node:crypto';
import type { Extension, FhirResource, Schedule, Slot } from 'fhir/r4.js';
import type { Run } from '../../harness/workload.js';

const MS_PER_MINUTE = 60_000;
const MINUTES_PER_DAY = 1_440;
const MS_PER_DAY = MINUTES_PER_DAY * MS_PER_MINUTE;
const DAYS_PER_WEEK = 7;
const LENGTH_MINUTES = 50;
/** One time begins here and ends in the next UTC day, so that claims stand in two units. */
const CROSSING_MS = Date.parse('2090-03-15T23:50:00Z');
/** In this zone all times lie within one local day, which limits count. */
const ZONE = 'America/Los_Angeles';
const ZONE_OFFSET_MINUTES = -7 * 60;
/** More times than these do not fit into that day. */
export const TIMES_MAX = 16;
export const TIMES_MIN = 4;

const AVAILABILITY_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/availability';
const CAPACITY_URL = 'http://fhir-registry.smarthealthit.org/StructureDefinition/slot-capacity';
const SERVICE_SYSTEM = 'urn:fhir-slots:proof';

/** The few Schedules, by what is special about each. */
const AGENDAS = {
  /** One at a time, with a pause after each. The same doctor as `group`. */
  solo: { actors: ['Practitioner/d1'], stored: false, capacity: 1, pauseMinutes: 10 },
  group: { actors: ['Practitioner/d1'], stored: false, capacity: 3, pauseMinutes: 0 },
  /** Two pools, of one and of three places, side by side. The same doctor as `device`. */
  pools: { actors: ['Practitioner/d2'], stored: false, capacity: 1, pauseMinutes: 0 },
  /** Stored Slots that lie on two timelines. */
  device: { actors: ['Practitioner/d2', 'Device/v'], stored: true, capacity: 3, pauseMinutes: 0 },
  /** A timeline of its own, booked together with `solo` or `group`. */
  room: { actors: ['Location/r'], stored: false, capacity: 1, pauseMinutes: 0 },
  /** Stored Slots, every second one of three places. */
  stored: { actors: ['Practitioner/d3'], stored: true, capacity: 1, pauseMinutes: 0 },
  /** Three places at each time, and fewer on its day than it has times. */
  limited: { actors: ['Location/l'], stored: false, capacity: 3, pauseMinutes: 0 },
  /** Time slots of a service of ReserveKit, every second one of three places. The same doctor as `stored`. */
  service: { actors: ['Practitioner/d3'], stored: false, capacity: 1, pauseMinutes: 0 },
  /** The same time slots a week later, on the same Schedule. */
  nextWeek: { actors: ['Practitioner/d3'], stored: false, capacity: 1, pauseMinutes: 0 },
} as const;

export type AgendaName = keyof typeof AGENDAS;
const OF_SERVICE: readonly AgendaName[] = ['service', 'nextWeek'];
const WITHOUT_SERVICE = (Object.keys(AGENDAS) as readonly AgendaName[]).filter((name) => !OF_SERVICE.includes(name));
/** Those whose every second time has three places, and the others one. */
const ALTERNATING: readonly AgendaName[] = ['stored', ...OF_SERVICE];

/** The types of visits at `pools`, by pool. */
export const POOLS = { one: 1, three: 3 } as const;
export type Pool = keyof typeof POOLS;

/** The service of ReserveKit that belongs to a run. */
export interface RunService {
  readonly number: number;
  /** The numbers of its time slots, in the order of their times. */
  readonly timeSlots: readonly number[];
}

/** One time of one Schedule. */
export interface Place {
  readonly agenda: AgendaName;
  readonly schedule: string;
  /** Its number among the times. */
  readonly at: number;
  readonly slot: string;
  readonly stored: boolean;
  readonly startMs: number;
  readonly endMs: number;
  readonly pauseMs: number;
  readonly timelines: readonly string[];
}

/** All the times of a run. */
export class Agendas {
  readonly places: readonly Place[];
  readonly #names: readonly AgendaName[];
  readonly #bySlot: ReadonlyMap<string, Place>;

  /** @param service absent: nothing is booked at the agendas `service` and `nextWeek` */
  constructor(
    readonly run: Run,
    readonly service?: RunService,
  ) {
    const { documents } = run;
    if (documents < TIMES_MIN || documents > TIMES_MAX) {
      throw new Error(`Bookings need ${String(TIMES_MIN)} to ${String(TIMES_MAX)} documents.`);
    }
    const times = Array.from({ length: documents }, (_, at) => at);
    this.#names = service ? [...WITHOUT_SERVICE, ...OF_SERVICE] : WITHOUT_SERVICE;
    this.places = this.#names.flatMap((agenda) => times.map((at) => this.#place(agenda, at)));
    this.#bySlot = new Map(this.places.map((place) => [place.slot, place]));
  }

  /** How many Appointments the agenda `limited` takes in its day. */
  get limit(): number {
    return Math.ceil(this.run.documents / 2);
  }

  /** @throws {Error} for a Slot that is none of this run */
  ofSlot(id: string): Place {
    const place = this.#bySlot.get(id);
    if (!place) throw new Error(`Slot/${id} is none of this run.`);
    return place;
  }

  at(agenda: AgendaName, at: number): Place {
    return this.places[this.#names.indexOf(agenda) * this.run.documents + at] as Place;
  }

  /** How many may have the place at once. */
  capacityOf({ agenda, at }: Pick<Place, 'agenda' | 'at'>, pool: Pool | undefined): number {
    if (agenda === 'pools') return POOLS[pool ?? 'one'];
    if (ALTERNATING.includes(agenda)) return at % 2 === 0 ? 1 : 3;
    return AGENDAS[agenda].capacity;
  }

  /** The date of a time slot of the service. */
  dateOf({ startMs }: Pick<Place, 'startMs'>): string {
    return new Date(startMs + ZONE_OFFSET_MINUTES * MS_PER_MINUTE).toISOString().slice(0, 'YYYY-MM-DD'.length);
  }

  /** The service as ReserveKit is to make it. */
  serviceInput(): object {
    const times = Array.from({ length: this.run.documents }, (_, at) => this.#place('service', at));
    return {
      name: this.run.id,
      timezone: ZONE,
      time_slots: times.map((place) => ({
        day_of_week: (new Date(`${this.dateOf(place)}T00:00:00Z`).getUTCDay() + 6) % DAYS_PER_WEEK,
        start_time: `${this.dateOf(place)} ${clockFace(place.startMs / MS_PER_MINUTE + ZONE_OFFSET_MINUTES)}`,
        end_time: `${this.dateOf(place)} ${clockFace(place.endMs / MS_PER_MINUTE + ZONE_OFFSET_MINUTES)}`,
        max_bookings: this.capacityOf(place, undefined),
      })),
    };
  }

  /** The actor that makes the time of the service that of a doctor. */
  get serviceActor(): string {
    return this.#actors('service')[0] ?? '';
  }

  /** Everything that stands before anybody books, what is referred to first, but the service. */
  resources(): readonly FhirResource[] {
    const references = new Set(WITHOUT_SERVICE.flatMap((name) => this.#actors(name)));
    const actors = [...references].map((reference) => {
      const [resourceType, id] = reference.split('/');
      return { resourceType, id } as FhirResource;
    });
    const schedules = WITHOUT_SERVICE.map((name) => this.#schedule(name));
    const slots = this.places.filter(({ stored }) => stored).map((place) => this.#slot(place));
    return [{ resourceType: 'Patient', id: this.patient }, ...actors, ...schedules, ...slots];
  }

  get patient(): string {
    return `${this.run.id}-q`;
  }

  /** The system of the identifiers that tell the Appointments of this run, each with the id of its attempt. */
  get marks(): string {
    return `urn:fhir-slots:proof:${this.run.id}`;
  }

  #actors(agenda: AgendaName): readonly string[] {
    return AGENDAS[agenda].actors.map((actor) => actor.replace('/', `/${this.run.id}-`));
  }

  #place(agenda: AgendaName, at: number): Place {
    const { stored, pauseMinutes } = AGENDAS[agenda];
    const isOfService = OF_SERVICE.includes(agenda);
    const schedule = isOfService ? `rk-service-${String(this.service?.number)}` : `${this.run.id}-${agenda}`;
    const laterMs = agenda === 'nextWeek' ? DAYS_PER_WEEK * MS_PER_DAY : 0;
    const startMs = this.#firstMs() + at * LENGTH_MINUTES * MS_PER_MINUTE + laterMs;
    const exclusive = this.#actors(agenda).filter((actor) => !actor.startsWith('Location/'));
    return {
      ...{ agenda, schedule, at, stored, startMs, endMs: startMs + LENGTH_MINUTES * MS_PER_MINUTE },
      slot: stored ? `${schedule}-${String(at)}` : computedId(schedule, startMs),
      pauseMs: pauseMinutes * MS_PER_MINUTE,
      timelines: exclusive.length > 0 ? exclusive : [`Schedule/${schedule}`],
    };
  }

  #firstMs(): number {
    return CROSSING_MS - Math.floor(this.run.documents / 2) * LENGTH_MINUTES * MS_PER_MINUTE;
  }

  #schedule(agenda: AgendaName): Schedule {
    const actor = this.#actors(agenda).map((reference) => ({ reference }));
    // Only the service has times a week later, where no check would know of others.
    const planningHorizon = { end: new Date(CROSSING_MS + MS_PER_DAY).toISOString() };
    const id = `${this.run.id}-${agenda}`;
    const schedule = { resourceType: 'Schedule' as const, id, actor, planningHorizon };
    if (AGENDAS[agenda].stored) return schedule;
    if (agenda !== 'pools') return { ...schedule, extension: [this.#rule(agenda, ...this.#ownParts(agenda))] };
    const rules = (Object.keys(POOLS) as Pool[]).map((pool) =>
      this.#rule(
        agenda,
        { url: 'pool', valueString: pool },
        { url: 'capacity', valuePositiveInt: POOLS[pool] },
        { url: 'serviceType', valueCodeableConcept: serviceType(pool) },
      ),
    );
    return { ...schedule, extension: rules };
  }

  #ownParts(agenda: AgendaName): readonly Extension[] {
    const { capacity, pauseMinutes } = AGENDAS[agenda];
    const limit = [
      { url: 'count', valuePositiveInt: this.limit },
      { url: 'per', valueCode: 'day' },
    ];
    return [
      { url: 'capacity', valuePositiveInt: capacity },
      ...(pauseMinutes > 0 ? [minutes('bufferAfter', pauseMinutes)] : []),
      ...(agenda === 'limited' ? [{ url: 'limit', extension: limit }] : []),
    ];
  }

  #rule(agenda: AgendaName, ...parts: readonly Extension[]): Extension {
    const first = this.#firstMs() / MS_PER_MINUTE + ZONE_OFFSET_MINUTES;
    // A visit ends early enough for the pause after it.
    const length = this.run.documents * LENGTH_MINUTES + AGENDAS[agenda].pauseMinutes;
    const open = [
      { url: 'availableStartTime', valueTime: clockFace(first) },
      { url: 'availableEndTime', valueTime: clockFace(first + length) },
    ];
    const grid = [minutes('duration', LENGTH_MINUTES), { url: 'fixedDuration', valueBoolean: true }];
    const zone = { url: 'timezone', valueCode: ZONE };
    return { url: AVAILABILITY_URL, extension: [zone, { url: 'availableTime', extension: open }, ...grid, ...parts] };
  }

  #slot(place: Place): Slot {
    return {
      ...{
        resourceType: 'Slot',
        id: place.slot,
        schedule: { reference: `Schedule/${place.schedule}` },
        status: 'free',
      },
      start: new Date(place.startMs).toISOString(),
      end: new Date(place.endMs).toISOString(),
      extension: [{ url: CAPACITY_URL, valueInteger: this.capacityOf(place, undefined) }],
    };
  }
}

/** The type of visit that a pool is for. */
export function serviceType(pool: Pool) {
  return { coding: [{ system: SERVICE_SYSTEM, code: pool }] };
}

/** The pool that a type of visit is for. */
export function poolOf(code: string | undefined): Pool | undefined {
  return code !== undefined && Object.hasOwn(POOLS, code) ? (code as Pool) : undefined;
}

function minutes(url: string, value: number): Extension {
  return { url, valueDuration: { value, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' } };
}

function clockFace(minute: number): string {
  const ofDay = minute % MINUTES_PER_DAY;
  const digits = (value: number) => String(value).padStart(2, '0');
  return `${digits(Math.floor(ofDay / 60))}:${digits(ofDay % 60)}:00`;
}

const KEY_CHARACTERS = 16;

/** The id of a computed Slot as callers know it: `{schedule key}-{start minute, base 36}-{minutes, base 36}`. */
function computedId(schedule: string, startMs: number): string {
  const hash = createHash('sha256').update(schedule).digest('hex');
  const key = BigInt(`0x${hash}`).toString(36).padStart(KEY_CHARACTERS, '0').slice(-KEY_CHARACTERS);
  return `${key}-${(startMs / MS_PER_MINUTE).toString(36)}-${LENGTH_MINUTES.toString(36)}`;
}
