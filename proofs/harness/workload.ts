/**
 * What is done under load, and what must be true afterwards. The harness starts processes, kills them, and keeps their
 * journals; it knows neither documents nor stores nor requests: those belong to workloads.
 */
import type { Random } from './random.js';

export interface Run {
  /** Sets this run apart from others on the same data: letters and digits. */
  readonly id: string;
  /** How many documents the workers contend for. */
  readonly documents: number;
}

export interface Workload {
  /**
   * Opens one front of what is proved: the URL of a store, later of a server.
   *
   * @throws {Fault} `unavailable` while the front is away; the worker tries again
   */
  open(place: string, run: Run): Promise<Scene>;
}

/** What one process does at one front. */
export interface Scene {
  /** Makes what all workers share. Once in a run, before they start. */
  prepare(): Promise<void>;
  /** The step that a worker repeats until it is stopped or killed. A Fault `unavailable` is no offence. */
  stepOf(worker: Worker): () => Promise<void>;
  /** Looks whether all is as the journals say. Once in a run, after all workers have ended. */
  check(attempts: readonly Attempt[]): Promise<Findings>;
  close(): Promise<void>;
}

export interface Worker {
  /** No other process of the run has it, and ids may begin with it. */
  readonly name: string;
  readonly random: Random;
  /** Ids of attempts: unique in the run. */
  newId(): string;
  /** Journals the plan, acts, and journals what became of it. What it throws is journaled, and never thrown on. */
  attempt(id: string, plan: unknown, act: () => Promise<Answer | Told>): Promise<Outcome>;
  /** Journals something that must not be. */
  complain(what: string): void;
}

export type Answer = 'acknowledged' | 'refused';

/** An answer with what it said, for the check to hold against what is there. */
export interface Told {
  readonly answer: Answer;
  /** JSON. */
  readonly told: unknown;
}

/** `unknown`: the answer was lost, with the database or with the process. All of it happened, or nothing. */
export type Outcome = Answer | 'unknown';

export interface Attempt {
  readonly id: string;
  readonly worker: string;
  readonly plan: unknown;
  readonly outcome: Outcome;
  /** What the answer said, where the workload journals it. */
  readonly told?: unknown;
  /** Whether the process was killed between the plan and the answer. */
  readonly cutShort: boolean;
  /** From the plan to the answer; 0 where it was cut short. */
  readonly tookMs: number;
}

export interface Findings {
  /** Each a sentence on something that is wrong. */
  readonly offences: readonly string[];
  /** What else is worth a line. */
  readonly notes: readonly string[];
}
