/**
 * Walks through every order in which the steps of the programs of a scenario can happen, and through everything that
 * the scenario lets go wrong. States that were reached before are not gone through again, but all ways to them count.
 */
import { endChecks, onAnswer } from './checks.js';
import { apply, Violation, type Applied, type State, type Unit } from './model.js';
import { Point, recordingTable, type Delivery, type Program } from './program.js';
import { initialState, programsOf, type Break, type Protocol, type Scenario } from './scenario.js';
import { actorAt, keyOfWorld, movesOf, type Move, type Rules, type World } from './world.js';

export interface Explored {
  /** Different orders of steps from beginning to end. */
  readonly schedules: number;
  readonly states: number;
  /** Histories that single programs went through. */
  readonly points: number;
  readonly violation: Violation | undefined;
}

/** Longer than any deadline and any time for settling. */
const LONG_MS = 100_000;

/** Says that some code has to be run, which takes turns of the event loop, before the walk can go on. */
class NeedsRun {
  constructor(readonly run: () => Promise<void>) {}
}

/** A state on the way, with what was tried in it so far. */
interface Frame {
  readonly world: World;
  readonly key: string;
  readonly moves: readonly Move[];
  at: number;
  ways: number;
}

export async function explore(scenario: Scenario, protocol: Protocol, broken?: Break): Promise<Explored> {
  return new Explorer(scenario, protocol, broken).explore();
}

class Explorer {
  readonly #programs: readonly Program[];
  readonly #rules: Rules;
  /** By state, how many ways lead from it to an end. */
  readonly #ways = new Map<string, number>();
  readonly #numbers = new Map<string, number>();
  readonly #numbersOfObjects = new WeakMap<object, number>();
  readonly #states = new Map<number, State>();
  readonly #applied = new WeakMap<State, Map<number, Applied>>();
  readonly #swept = new Map<string, State | Violation>();
  #points = 0;

  constructor(
    readonly scenario: Scenario,
    readonly protocol: Protocol,
    readonly broken: Break | undefined,
  ) {
    this.#programs = programsOf(scenario, protocol, broken);
    this.#rules = {
      names: this.#programs.map(({ name }) => name),
      sleepsMs: scenario.sleepsMs ?? 0,
      oneSleeps: scenario.sleeps === 'one',
      inOrder: scenario.inOrder ?? false,
      keyOf: (thing) => this.#numberOf(thing),
      applied: (state, unit) => this.#apply(state, unit),
      pointAfter: (point, delivery, key) => this.#pointAfter(point, delivery, key),
      onAnswer: (name, actor, state) => onAnswer(scenario, name, actor, state),
    };
  }

  async explore(): Promise<Explored> {
    const points = await Promise.all(this.#programs.map((program) => Point.start(program, this.#points++)));
    const { stops, sleepsMs, loses } = this.scenario;
    const world: World = {
      state: this.#known(initialState(this.scenario)),
      nowMs: 0,
      actors: points.map((point) => actorAt(point, 0)),
      late: [],
      left: {
        stops: stops ? 1 : 0,
        sleeps: sleepsMs === undefined ? 0 : 1,
        losses: loses ? 1 : 0,
        looks: this.scenario.looks ?? 1,
      },
    };
    const path: Frame[] = [];
    try {
      return this.#explored(await this.#walk(path, world), undefined);
    } catch (thrown) {
      if (!(thrown instanceof Violation)) throw thrown;
      thrown.schedule = path.flatMap(({ moves, at }) => moves[at]?.label() ?? []);
      return this.#explored(0, thrown);
    }
  }

  #explored(schedules: number, violation: Violation | undefined): Explored {
    return { schedules, states: this.#ways.size, points: this.#points, violation };
  }

  /** Depth first, with a path of its own: it may be very long, and has to wait where code is run. */
  async #walk(path: Frame[], world: World): Promise<number> {
    path.push(this.#frameOf(world));
    for (;;) {
      const frame = path.at(-1)!;
      const ways = await this.#running(() => this.#waysOf(path, frame));
      if (ways === undefined) continue;
      const parent = path.at(-2);
      if (!parent) return ways;
      path.pop();
      parent.ways += ways;
      parent.at += 1;
    }
  }

  /** Goes on from a frame: down to a new state, which it adds to the path; or answers how many ways there were. */
  #waysOf(path: Frame[], frame: Frame): number | undefined {
    for (; frame.at < frame.moves.length; frame.at += 1) {
      const world = frame.moves[frame.at]!.to();
      const known = this.#ways.get(keyOfWorld(world, this.#rules));
      if (known === undefined) {
        path.push(this.#frameOf(world));
        return undefined;
      }
      frame.ways += known;
    }
    if (frame.moves.length === 0) {
      endChecks(this.scenario, frame.world, this.#rules.names, this.#sweep(frame.world));
      frame.ways = 1;
    }
    this.#ways.set(frame.key, frame.ways);
    return frame.ways;
  }

  #frameOf(world: World): Frame {
    return { world, key: keyOfWorld(world, this.#rules), moves: movesOf(world, this.#rules), at: 0, ways: 0 };
  }

  async #running<T>(action: () => T): Promise<T | undefined> {
    try {
      return action();
    } catch (thrown) {
      if (!(thrown instanceof NeedsRun)) throw thrown;
      await thrown.run();
      return undefined;
    }
  }

  #pointAfter(point: Point, delivery: Delivery, key: string): Point {
    const next = point.next.get(key);
    if (next) return next;
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- no error: a stack each time would take most of it
    throw new NeedsRun(async () => {
      point.next.set(key, await point.after(delivery, this.#points++));
    });
  }

  /** What is left when a sweeper comes long after. */
  #sweep({ state, nowMs }: World): State {
    const key = `${String(this.#numberOf(state))};${String(nowMs)}`;
    const swept = this.#swept.get(key);
    if (swept instanceof Violation) throw swept;
    if (swept) return swept;
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- no error: a stack each time would take most of it
    throw new NeedsRun(async () => {
      let after = state;
      const table = recordingTable((op) => {
        if (!('units' in op)) return Promise.resolve();
        const values = op.units.map((unit) => {
          const applied = this.#apply(after, unit);
          after = applied.state;
          return applied.value;
        });
        return Promise.resolve(op.result(values));
      });
      const wrapped = this.broken?.wrap?.(table, this.scenario) ?? table;
      try {
        await this.protocol.sweep({ table: wrapped, clock: { nowMs: () => nowMs + LONG_MS } }, 100);
        this.#swept.set(key, after);
      } catch (thrown) {
        if (!(thrown instanceof Violation)) throw thrown;
        this.#swept.set(key, thrown);
      }
    });
  }

  #apply(state: State, unit: Unit): Applied {
    let ofState = this.#applied.get(state);
    if (!ofState) this.#applied.set(state, (ofState = new Map<number, Applied>()));
    const key = this.#numberOf(unit);
    let applied = ofState.get(key);
    if (!applied) {
      const { state: next, value } = apply(state, unit);
      ofState.set(key, (applied = { state: next === state ? state : this.#known(next), value }));
    }
    return applied;
  }

  /** Equal states are one object. */
  #known(state: State): State {
    const number = this.#numberOf(state);
    const known = this.#states.get(number);
    if (known) return known;
    this.#states.set(number, state);
    return state;
  }

  #numberOf(thing: unknown): number {
    if (typeof thing !== 'object' || thing === null) return this.#numberOfText(JSON.stringify(thing) ?? 'none');
    let number = this.#numbersOfObjects.get(thing);
    if (number === undefined) {
      number = this.#numberOfText(JSON.stringify(thing));
      this.#numbersOfObjects.set(thing, number);
    }
    return number;
  }

  #numberOfText(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) this.#numbers.set(text, (number = this.#numbers.size));
    return number;
  }
}
