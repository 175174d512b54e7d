/**
 * Runs the real code of the protocol as programs whose every step the explorer decides. What a program does next
 * depends only on the answers that it got and on the times at which it got them, so each such history is run once, and
 * remembered as a *point*.
 */
import type { ProtocolDeps, Table } from '../../server/store/mongo/protocol/index.js';
import { versionOf, type Cell, type Unit } from './model.js';

/** Something that a program asked for and waits for: units in any order, or a pause. */
export type Op =
  | { readonly units: readonly Unit[]; readonly result: (values: readonly unknown[]) => unknown }
  | { readonly pauseMs: number };

/** What a program says of itself: it begins to read, has read, or has its answer. */
export type Remark =
  | { readonly is: 'reading'; readonly ids: readonly string[] }
  | { readonly is: 'read'; readonly ids: readonly string[]; readonly versions: readonly string[] };

export type Answer =
  | { readonly committed: true }
  | { readonly committed: false; readonly stale: readonly string[] }
  | { readonly failed: string };

export interface Program {
  readonly name: string;
  readonly isReader: boolean;
  readonly main: (process: Process) => Promise<Answer>;
  /** What breaks a rule on purpose; the code itself has no switches. */
  readonly wrap?: ((table: Table) => Table) | undefined;
  /** How far the clock that it sees is ahead. */
  readonly aheadMs?: number | undefined;
  readonly idOf: (attempt: number) => string;
}

export interface Process {
  readonly deps: ProtocolDeps;
  readonly remark: (remark: Remark) => void;
  /** Lets the explorer choose when to go on. */
  readonly idle: () => Promise<void>;
}

/** What is delivered to a program: the result of one of its pending operations, or that it was lost. */
export interface Delivery {
  readonly op: number;
  readonly values: readonly unknown[] | 'lost';
  readonly nowMs: number;
}

export class Point {
  readonly ops: readonly Op[];
  readonly answer: Answer | undefined;
  readonly remarks: readonly Remark[];
  readonly attempts: number;
  readonly next = new Map<string, Point>();
  #run: Run | undefined;

  private constructor(
    readonly id: number,
    private readonly program: Program,
    run: Run,
    private readonly before: { readonly point: Point; readonly delivery: Delivery } | undefined,
  ) {
    this.ops = run.pending.map(({ op }) => op);
    this.answer = run.answer;
    this.remarks = run.remarks;
    this.attempts = run.attempts;
    this.#run = run;
  }

  static async start(program: Program, id: number): Promise<Point> {
    return new Point(id, program, await Run.start(program), undefined);
  }

  /** Where the program gets by a delivery. */
  async after(delivery: Delivery, id: number): Promise<Point> {
    const run = this.#run ?? (await this.#again());
    this.#run = undefined;
    await run.deliver(delivery);
    return new Point(id, this.program, run, { point: this, delivery });
  }

  async #again(): Promise<Run> {
    if (!this.before) return Run.start(this.program);
    const run = await this.before.point.#again();
    await run.deliver(this.before.delivery);
    return run;
  }
}

interface Pending {
  readonly op: Op;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One living execution of a program. */
class Run {
  pending: Pending[] = [];
  answer: Answer | undefined;
  remarks: Remark[] = [];
  attempts = 0;
  #nowMs = 0;

  static async start(program: Program): Promise<Run> {
    const run = new Run();
    const table = recordingTable((op) => run.#issue(op));
    const deps: ProtocolDeps = {
      table: program.wrap?.(table) ?? table,
      clock: { nowMs: () => run.#nowMs + (program.aheadMs ?? 0) },
      pause: (pauseMs) => run.#issue({ pauseMs }) as Promise<void>,
      newId: () => program.idOf(++run.attempts),
      random: () => 1,
      aside: () => undefined,
    };
    const idle = () => run.#issue({ units: [{ do: 'idle' }], result: () => undefined }) as Promise<void>;
    program.main({ deps, remark: (remark) => run.remarks.push(remark), idle }).then(
      (answer) => (run.answer = answer),
      (error: unknown) => (run.answer = { failed: (error as Error).message }),
    );
    await settled();
    return run;
  }

  async deliver({ op, values, nowMs }: Delivery): Promise<void> {
    this.#nowMs = nowMs;
    this.remarks = [];
    const [pending] = this.pending.splice(op, 1);
    if (values === 'lost') pending!.reject(new Error('the connection was lost'));
    else pending!.resolve('units' in pending!.op ? pending!.op.result(values) : undefined);
    await settled();
  }

  #issue(op: Op): Promise<unknown> {
    return new Promise((resolve, reject) => this.pending.push({ op, resolve, reject }));
  }
}

/** Resolves when everything that could go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A table that asks for each operation as units. */
export function recordingTable(issue: (op: Op) => Promise<unknown>): Table {
  const one = (unit: Unit) => issue({ units: [unit], result: ([value]) => value });
  const all = (units: readonly Unit[]) => issue({ units, result: (values) => values });
  const read = (ids: readonly string[]) =>
    all(ids.map((_id) => ({ do: 'read', _id }))) as Promise<(Cell | undefined)[]>;
  return {
    insertRecord: (record) => one({ do: 'insert record', record }) as Promise<void>,
    readRecord: (commit) => one({ do: 'read record', commit }) as ReturnType<Table['readRecord']>,
    turnRecord: (commit, to) => one({ do: 'turn record', commit, to }) as Promise<boolean>,
    removeRecord: (commit) => one({ do: 'remove record', commit }) as Promise<void>,
    overdueRecords: (beforeMs) => one({ do: 'overdue records', beforeMs }) as ReturnType<Table['overdueRecords']>,
    read,
    readLatest: read,
    layIntents: (intents) => all(intents.map((intent) => ({ do: 'lay', ...intent }))) as Promise<void>,
    takeOff: (commit, ids) => all(ids.map((_id) => ({ do: 'take off', commit, _id }))) as Promise<void>,
    rollForward: (commit, ids) => all(ids.map((_id) => ({ do: 'roll forward', commit, _id }))) as Promise<void>,
    keepVersions: (cells) => all(cells.map((cell) => ({ do: 'keep version', cell }))) as Promise<void>,
    writeAlone: (write) => one({ do: 'write alone', write }) as Promise<boolean>,
  };
}

/** The versions of cells as a reader was shown them. */
export function versionsOf(cells: readonly (Cell | undefined)[]): readonly string[] {
  return cells.map(versionOf);
}
