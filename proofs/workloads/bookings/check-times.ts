/**
 * What stood while the load went on. Whoever was told that it has a time has it from that answer on, until somebody
 * begins to ask for a change of it, or its hold ends: in that stretch nobody else may be told the same.
 */
import type { Agendas } from './agendas.js';
import { excess, occupanciesOf, type Occupancy } from './occupancy.js';
import { occupiesAt, type Asked, type Plan, type Seen } from './told.js';

/** A stretch of time, of the clock of the machine, in which something was so for certain. */
interface Certain {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Had extends Certain {
  readonly occupancy: Occupancy;
}

export function timeOffences(agendas: Agendas, attempts: readonly Asked[]): readonly string[] {
  const had = hadPlaces(agendas, attempts);
  return [...togetherOffences(agendas, had), ...lockOffences(agendas, attempts)];
}

/** How many stretches were looked at: none would prove nothing. */
export function hadPlaces(agendas: Agendas, attempts: readonly Asked[]): readonly Had[] {
  const touching = attemptsByAppointment(attempts);
  return attempts.flatMap(({ plan, told }) =>
    (told?.appointments ?? []).flatMap((seen) => {
      const fromMs = told?.answeredMs ?? Infinity;
      if (!occupiesAt(seen, fromMs)) return [];
      const holdMs = seen.status === 'pending' ? (seen.holdUntilMs ?? Infinity) : Infinity;
      const toMs = Math.min(holdMs, ...(touching.get(seen.id) ?? []).map((one) => endBy(one, seen, plan.startedMs)));
      if (toMs <= fromMs) return [];
      return occupanciesOf(agendas, seen).map((occupancy) => ({ fromMs, toMs, occupancy }));
    }),
  );
}

/** From when on an attempt may have changed what was seen by whoever had begun to ask for it at `askedMs`. */
function endBy({ plan, told }: Asked, seen: Seen, askedMs: number): number {
  if (told && told.answeredMs < askedMs) return Infinity;
  const result = told?.appointments.find(({ id }) => id === seen.id);
  return result && result.version <= seen.version ? Infinity : plan.startedMs;
}

function attemptsByAppointment(attempts: readonly Asked[]): ReadonlyMap<string, readonly Asked[]> {
  const touching = new Map<string, Asked[]>();
  for (const attempt of attempts) {
    if (attempt.outcome === 'refused') continue;
    const { plan, told } = attempt;
    const ids = new Set([plan.changes, plan.gives, ...(told?.appointments ?? []).map(({ id }) => id)]);
    for (const id of ids) {
      if (id === undefined) continue;
      const known = touching.get(id) ?? [];
      known.push(attempt);
      touching.set(id, known);
    }
  }
  return touching;
}

/** Goes through the stretches in order of time, with those that have begun and not ended. */
function togetherOffences(agendas: Agendas, had: readonly Had[]): readonly string[] {
  const offences = new Set<string>();
  let open = new Map<string, Had>();
  for (const one of had.toSorted((a, b) => a.fromMs - b.fromMs)) {
    open = new Map([...open].filter(([, { toMs }]) => toMs > one.fromMs));
    const key = `${one.occupancy.by} ${one.occupancy.place.slot}`;
    // Told twice of one version: it is had once.
    const before = open.get(key);
    open.set(key, before && before.toMs > one.toMs ? before : one);
    const others = [...open].filter(([name]) => name !== key).map(([, { occupancy }]) => occupancy);
    const found = excess(agendas, one.occupancy, others);
    if (found !== undefined) offences.add(`At ${new Date(one.fromMs).toISOString()} ${found}`);
  }
  return [...offences];
}

/** The kinds of requests that lock with a key. */
const LOCKS: readonly string[] = ['$lock', 'overbooked: lock'];

function isBookedWithKey({ key, makes }: Plan): boolean {
  return key !== undefined && makes.length > 0;
}

/** Nobody without its key wins a time that is locked. */
function lockOffences(agendas: Agendas, attempts: readonly Asked[]): readonly string[] {
  const changes = attempts.filter(({ outcome, plan }) => outcome !== 'refused' && plan.slot !== undefined);
  const opening = attempts.filter(({ outcome, plan }) => outcome !== 'refused' && isBookedWithKey(plan));
  const locks = attempts.flatMap((lock) => {
    const { plan, told } = lock;
    if (!LOCKS.includes(plan.kind) || plan.slot === undefined || told?.expiresMs === undefined) return [];
    const enders = [...changes, ...opening].filter(
      (one) =>
        one !== lock &&
        mayFollow(one, lock) &&
        (one.plan.key === plan.key || (one.plan.slot === plan.slot && !LOCKS.includes(one.plan.kind))),
    );
    const toMs = Math.min(told.expiresMs, ...enders.map((one) => one.plan.startedMs));
    return [{ id: lock.id, key: plan.key, place: agendas.ofSlot(plan.slot), fromMs: told.answeredMs, toMs }];
  });
  return attempts.flatMap(({ id, plan, told }) => {
    if (plan.makes.length === 0 || !told) return [];
    const places = told.appointments.flatMap(({ slots }) => slots.map((slot) => agendas.ofSlot(slot)));
    const lock = locks.find(
      (one) =>
        one.fromMs <= plan.startedMs &&
        told.answeredMs <= one.toMs &&
        one.key !== plan.key &&
        places.some(
          (place) => place.startMs === one.place.startMs && sharesTimeline(place.timelines, one.place.timelines),
        ),
    );
    return lock ? [`${id} has won a time that ${lock.id} had locked.`] : [];
  });
}

/** Whether an attempt was not over before another began. */
function mayFollow({ told }: Asked, { plan }: Asked): boolean {
  return !told || told.answeredMs >= plan.startedMs;
}

function sharesTimeline(one: readonly string[], other: readonly string[]): boolean {
  return one.some((name) => other.includes(name));
}
