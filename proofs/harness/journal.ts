import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from './random.js';
import type { Answer, Attempt, Outcome, Told, Worker } from './workload.js';

/** One line of a journal. */
type Line =
  | { readonly id: string; readonly plan: unknown }
  | { readonly id: string; readonly became: Outcome; readonly tookMs: number; readonly told?: unknown }
  | { readonly complaint: string };

export interface Journal {
  readonly attempts: readonly Attempt[];
  readonly complaints: readonly string[];
}

const ENDING = '.ndjson';

/** Whether something was thrown because the front or its database is away: no offence, and the answer is lost. */
export function isAway(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'kind' in thrown && thrown.kind === 'unavailable';
}

/**
 * A worker whose every line goes to `write` before the next thing happens. An attempt is told before it is made, so
 * that a killed process leaves no commit that no journal names.
 */
export class JournalingWorker implements Worker {
  #ids = 0;
  #acknowledged = 0;
  #answered = 0;

  constructor(
    readonly name: string,
    readonly random: Random,
    private readonly write: (line: string) => void,
  ) {}

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Attempts with an answer, a refusal being one. */
  get answered(): number {
    return this.#answered;
  }

  newId(): string {
    this.#ids += 1;
    return `${this.name}-${String(this.#ids)}`;
  }

  async attempt(id: string, plan: unknown, act: () => Promise<Answer | Told>): Promise<Outcome> {
    this.#line({ id, plan });
    const startedMs = performance.now();
    const said = await act().catch((thrown: unknown) => {
      if (!isAway(thrown)) this.complain(`${id} failed: ${textOf(thrown)}`);
      return 'unknown' as const;
    });
    const { answer: became, told } = typeof said === 'string' ? { answer: said, told: undefined } : said;
    if (became === 'acknowledged') this.#acknowledged += 1;
    if (became !== 'unknown') this.#answered += 1;
    this.#line({ id, became, tookMs: Math.round(performance.now() - startedMs), ...(told !== undefined && { told }) });
    return became;
  }

  complain(what: string): void {
    this.#line({ complaint: `${this.name}: ${what}` });
  }

  #line(line: Line): void {
    this.write(`${JSON.stringify(line)}\n`);
  }
}

/** Appends to the journal of one worker in a folder, one write(2) a line: what was written outlives the process. */
export function journalFile(folder: string, worker: string): { write: (line: string) => void; close: () => void } {
  const file = openSync(join(folder, worker + ENDING), 'a');
  return { write: (line) => void writeSync(file, line), close: () => closeSync(file) };
}

/** All journals of a folder; the attempts of each worker in their order. */
export function readJournals(folder: string): Journal {
  const journals = readdirSync(folder)
    .filter((name) => name.endsWith(ENDING))
    .sort()
    .map((name) => journalOf(name.slice(0, -ENDING.length), readFileSync(join(folder, name), 'utf8')));
  return {
    attempts: journals.flatMap(({ attempts }) => attempts),
    complaints: journals.flatMap(({ complaints }) => complaints),
  };
}

/**
 * What one worker wrote. A last line without its line break was cut off by a kill: a plan that was not yet acted on,
 * or an outcome that is unknown now.
 */
export function journalOf(worker: string, text: string): Journal {
  const attempts = new Map<string, Attempt>();
  const complaints: string[] = [];
  for (const json of text.split('\n').slice(0, -1)) {
    const line = JSON.parse(json) as Line;
    if ('complaint' in line) complaints.push(line.complaint);
    else if ('plan' in line) {
      attempts.set(line.id, { id: line.id, worker, plan: line.plan, outcome: 'unknown', cutShort: true, tookMs: 0 });
    } else {
      const { id, became: outcome, tookMs, told } = line;
      attempts.set(id, {
        ...attempts.get(id),
        id,
        worker,
        plan: attempts.get(id)?.plan,
        outcome,
        cutShort: false,
        tookMs,
        ...(told !== undefined && { told }),
      });
    }
  }
  return { attempts: [...attempts.values()], complaints };
}

/** An error in one line, with where it was thrown. */
export function textOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const [, place = ''] = thrown.stack?.split('\n    at ') ?? [];
  return `${thrown.name}: ${thrown.message} (${place.trim()})`;
}
