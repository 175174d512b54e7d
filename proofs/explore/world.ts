/** One state of everything, and what may happen next in it. */
import { decided, Violation, type State, type Unit } from './model.js';
import type { Delivery, Op, Point } from './program.js';

/** What of an operation was carried out, by unit; of a pause, when it ends. */
type Progress = { readonly values: readonly (Value | undefined)[] } | { readonly endMs: number };
interface Value {
  readonly value: unknown;
  readonly key: string;
}

/** A program at some point. */
export interface Actor {
  readonly point: Point;
  readonly progress: readonly Progress[];
  /** Whether others changed something since its last pause ended: only then another look can show anything new. */
  readonly isNews: boolean;
  readonly isStopped: boolean;
  readonly isAsleep: boolean;
  /** While it reads: what each document was since it began. */
  readonly seen: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface World {
  readonly state: State;
  readonly nowMs: number;
  readonly actors: readonly Actor[];
  /** Units of a lost operation that may still be carried out. */
  readonly late: readonly Unit[];
  readonly left: { readonly stops: number; readonly sleeps: number; readonly losses: number; readonly looks: number };
}

export interface Move {
  readonly label: () => string;
  readonly to: () => World;
}

export interface Rules {
  readonly names: readonly string[];
  readonly sleepsMs: number;
  readonly oneSleeps: boolean;
  readonly inOrder: boolean;
  /** Small numbers for equal things. */
  readonly keyOf: (thing: unknown) => number;
  readonly applied: (state: State, unit: Unit) => { readonly state: State; readonly value: unknown };
  /** @throws {NeedsRun} where that point is not known yet */
  readonly pointAfter: (point: Point, delivery: Delivery, key: string) => Point;
  /** Looks at what a program has just answered. @throws {Violation} */
  readonly onAnswer: (name: string, actor: Actor, state: State) => void;
}

export function actorAt(point: Point, nowMs: number): Actor {
  return {
    point,
    progress: point.ops.map((op) => begun(op, nowMs)),
    isNews: true,
    isStopped: false,
    isAsleep: false,
    seen: undefined,
  };
}

export function keyOfWorld(world: World, { keyOf }: Rules): string {
  const { stops, sleeps, losses, looks } = world.left;
  const actors = world.actors.map((actor) => keyOfActor(actor, keyOf));
  const left = [stops, sleeps, losses, looks].join('');
  return [keyOf(world.state), world.nowMs, ...actors, keyOf(world.late), left].join(';');
}

const ACTOR_KEYS = new WeakMap<Actor, string>();

function keyOfActor(actor: Actor, keyOf: Rules['keyOf']): string {
  let key = ACTOR_KEYS.get(actor);
  if (key === undefined) {
    const progress = actor.progress.map((one) =>
      'endMs' in one ? String(one.endMs) : one.values.map((value) => (value ? keyOf(value.key) : '-')).join(','),
    );
    const seen = actor.seen ? keyOf(actor.seen) : '';
    const flags = [actor.isNews, actor.isStopped, actor.isAsleep].map(Number).join('');
    key = `${String(actor.point.id)}:${progress.join('|')}:${flags}${String(seen)}`;
    ACTOR_KEYS.set(actor, key);
  }
  return key;
}

/** Whether a program has answered, and has nothing more to do aside. */
export function isFinished({ point }: Actor): boolean {
  return point.answer !== undefined && point.ops.length === 0;
}

/** Everything that may happen next. None: the run is over. */
export function movesOf(world: World, rules: Rules): readonly Move[] {
  const steps = world.actors.flatMap((_, at) => (isActive(world.actors[at]!) ? stepsOf(world, at, rules) : []));
  const late = world.late.map((unit) => ({
    label: () => `late: ${textOf(unit)}`,
    to: () => lateStep(world, unit, rules),
  }));
  const waiting = steps.length === 0 ? timePasses(world) : undefined;
  const mayWake = world.nowMs >= rules.sleepsMs || (steps.length === 0 && !waiting);
  const waking = mayWake
    ? world.actors.flatMap((actor, at) => (actor.isAsleep ? [wakingOf(world, at, rules)] : []))
    : [];
  const maySleep = steps.length > 0 && world.left.sleeps > 0 && !rules.oneSleeps;
  const sleeping = maySleep ? [{ label: () => 'all sleep', to: () => slept(world, rules) }] : [];
  return [...steps, ...late, ...(waiting ? [waiting] : []), ...waking, ...sleeping];
}

function isActive({ isStopped, isAsleep }: Actor): boolean {
  return !isStopped && !isAsleep;
}

function stepsOf(world: World, at: number, rules: Rules): readonly Move[] {
  const actor = world.actors[at]!;
  const moves: Move[] = [];
  actor.point.ops.forEach((_, index) => {
    const progress = actor.progress[index]!;
    if ('endMs' in progress) {
      const isOver = world.nowMs >= progress.endMs;
      if (!isOver && (!actor.isNews || world.left.looks === 0)) return;
      const from = isOver ? world : { ...world, left: { ...world.left, looks: world.left.looks - 1 } };
      moves.push(move(`${rules.names[at]!}: goes on`, () => delivered(lookedAgain(from, at), at, index, [], rules)));
      return;
    }
    const open = progress.values.flatMap((value, unit) => (value === undefined ? [unit] : []));
    for (const unit of rules.inOrder ? open.slice(0, 1) : open) moves.push(...unitMoves(world, at, index, unit, rules));
    if (world.left.losses > 0) moves.push(...lossMoves(world, at, index, rules));
  });
  return moves;
}

/** Carrying out a unit; doing so and stopping for ever; doing so and sleeping before the answer is seen. */
function unitMoves(world: World, at: number, index: number, unit: number, rules: Rules): readonly Move[] {
  const what = () => `${rules.names[at]!}: ${textOf(unitsOf(world, at, index)[unit]!)}`;
  const step = (from = world) => carriedOut(from, at, index, unit, rules);
  const moves: Move[] = [{ label: what, to: () => completed(step(), at, index, rules) }];
  if (world.left.stops > 0) {
    moves.push({ label: () => `${what()}, and stops`, to: () => stopped(step(), at) });
  }
  if (world.left.sleeps === 0) return moves;
  const { values } = world.actors[at]!.progress[index] as { readonly values: readonly unknown[] };
  const isLast = values.filter((one) => one === undefined).length === 1;
  if (rules.oneSleeps) {
    moves.push({ label: () => `${what()}, and sleeps`, to: () => asleep(completed(step(), at, index, rules), at) });
    if (isLast) moves.push({ label: () => `${what()}, and sleeps before it knows`, to: () => asleep(step(), at) });
    return moves;
  }
  const sleeping = () => completed(slept(step(), rules), at, index, rules);
  return isLast ? [...moves, { label: () => `${what()}, and all sleep`, to: sleeping }] : moves;
}

/** The answer is lost; what was not carried out yet never is, or may be later. */
function lossMoves(world: World, at: number, index: number, rules: Rules): readonly Move[] {
  const { values } = world.actors[at]!.progress[index] as { values: readonly unknown[] };
  const units = unitsOf(world, at, index);
  const rest = units.filter((unit, one) => values[one] === undefined && changes(unit));
  if (units.some(({ do: what }) => what === 'idle')) return [];
  const left = { ...world.left, losses: world.left.losses - 1 };
  const lost = (late: readonly Unit[]) => () => delivered({ ...world, left, late }, at, index, 'lost', rules);
  const what = `${rules.names[at]!}: loses the answer to ${textOf(units[0]!)}`;
  return [move(what, lost([])), ...(rest.length > 0 ? [move(`${what}, which is on its way`, lost(rest))] : [])];
}

function carriedOut(world: World, at: number, index: number, unit: number, rules: Rules): World {
  const { state, value } = rules.applied(world.state, unitsOf(world, at, index)[unit]!);
  const actor = world.actors[at]!;
  const progress = actor.progress.map((one, other) => {
    if (other !== index || 'endMs' in one) return one;
    const key = String(rules.keyOf(value));
    return { values: one.values.map((old, place) => (place === unit ? { value, key } : old)) };
  });
  return withState(withActor(world, at, { ...actor, progress }), state, at);
}

/** Delivers the result of an operation whose units are all carried out. */
function completed(world: World, at: number, index: number, rules: Rules): World {
  const { values } = world.actors[at]!.progress[index] as { values: readonly (Value | undefined)[] };
  const known = values.filter((value) => value !== undefined);
  return known.length < values.length ? world : delivered(world, at, index, known, rules);
}

function delivered(world: World, at: number, op: number, values: readonly Value[] | 'lost', rules: Rules): World {
  const actor = world.actors[at]!;
  const { nowMs } = world;
  const key = `${String(op)}:${values === 'lost' ? '!' : values.map((value) => value.key).join(',')}@${String(nowMs)}`;
  const delivery = { op, nowMs, values: values === 'lost' ? values : values.map(({ value }) => value) };
  const point = rules.pointAfter(actor.point, delivery, key);
  const kept = actor.progress.filter((_, index) => index !== op);
  const progress = [...kept, ...point.ops.slice(kept.length).map((one) => begun(one, nowMs))];
  let { seen } = actor;
  for (const remark of point.remarks) {
    if (remark.is === 'reading') {
      seen = Object.fromEntries(remark.ids.map((id) => [id, [decided(world.state, id)]]));
      continue;
    }
    remark.ids.forEach((id, place) => {
      const shown = remark.versions[place]!;
      if (seen![id]!.includes(shown)) return;
      throw new Violation(`a read shows ${id} as ${shown}, which meanwhile was ${seen![id]!.join(', then ')}`);
    });
    seen = undefined;
  }
  const next: Actor = { ...actor, point, progress, seen };
  if (point.answer && !actor.point.answer) rules.onAnswer(rules.names[at]!, next, world.state);
  return withActor(world, at, next);
}

function lateStep(world: World, unit: Unit, rules: Rules): World {
  const late = world.late.filter((one) => one !== unit);
  return withState({ ...world, late }, rules.applied(world.state, unit).state, -1);
}

function slept(world: World, { sleepsMs }: Rules): World {
  return { ...world, nowMs: world.nowMs + sleepsMs, left: { ...world.left, sleeps: world.left.sleeps - 1 } };
}

function asleep(world: World, at: number): World {
  const left = { ...world.left, sleeps: world.left.sleeps - 1 };
  return withActor({ ...world, left }, at, { ...world.actors[at]!, isAsleep: true });
}

function wakingOf(world: World, at: number, rules: Rules): Move {
  return move(`${rules.names[at]!}: wakes up`, () => {
    const nowMs = Math.max(world.nowMs, rules.sleepsMs);
    const awake = withActor({ ...world, nowMs }, at, { ...world.actors[at]!, isAsleep: false });
    const isDone = (one: Progress) => 'values' in one && !one.values.includes(undefined);
    const index = awake.actors[at]!.progress.findIndex(isDone);
    return index < 0 ? awake : completed(awake, at, index, rules);
  });
}

function stopped(world: World, at: number): World {
  const left = { ...world.left, stops: world.left.stops - 1 };
  return withActor({ ...world, left }, at, { ...world.actors[at]!, isStopped: true, seen: undefined });
}

function lookedAgain(world: World, at: number): World {
  return withActor(world, at, { ...world.actors[at]!, isNews: false });
}

/** Where all wait, the clock goes on to the end of the shortest pause. */
function timePasses(world: World): Move | undefined {
  const ends = world.actors
    .filter(isActive)
    .flatMap(({ progress }) => progress.flatMap((one) => ('endMs' in one ? [one.endMs] : [])));
  if (ends.length === 0) return undefined;
  const nowMs = Math.min(...ends);
  return move(`the clock goes on to ${String(nowMs)}`, () => ({ ...world, nowMs }));
}

/** A change is news for all others, and one more thing that a reader may show. */
function withState(world: World, state: State, by: number): World {
  if (state === world.state) return world;
  const actors = world.actors.map((actor, at) => {
    const seen = actor.seen && noted(actor.seen, state);
    const isNews = actor.isNews || at !== by;
    return seen === actor.seen && isNews === actor.isNews ? actor : { ...actor, seen, isNews };
  });
  return { ...world, state, actors };
}

function noted(seen: NonNullable<Actor['seen']>, state: State): NonNullable<Actor['seen']> {
  const fresh = Object.keys(seen).filter((id) => !seen[id]!.includes(decided(state, id)));
  if (fresh.length === 0) return seen;
  return { ...seen, ...Object.fromEntries(fresh.map((id) => [id, [...seen[id]!, decided(state, id)]])) };
}

function withActor(world: World, at: number, actor: Actor): World {
  return { ...world, actors: world.actors.with(at, actor) };
}

function begun(op: Op, nowMs: number): Progress {
  return 'units' in op ? { values: op.units.map(() => undefined) } : { endMs: nowMs + op.pauseMs };
}

function unitsOf(world: World, at: number, index: number): readonly Unit[] {
  const op = world.actors[at]!.point.ops[index]!;
  return 'units' in op ? op.units : [];
}

function changes(unit: Unit): boolean {
  return !['idle', 'read', 'read record', 'overdue records'].includes(unit.do);
}

function move(label: string, to: () => World): Move {
  return { label: () => label, to };
}

function textOf(unit: Unit): string {
  const { do: what, ...parts } = unit;
  const words = Object.values(parts).map((part: unknown) =>
    typeof part === 'object' ? ((part as { _id?: string } | null)?._id ?? '') : String(part as string | number),
  );
  return [what, ...words].join(' ').trim();
}
