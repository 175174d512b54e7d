import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What was asked for on the command line. */
export interface Options {
  /** Small numbers, to try the benchmark itself; its figures mean nothing. */
  readonly quick: boolean;
  /** Past Appointments of row c. */
  readonly appointments: number;
  /** Where servers under measurement leave their CPU profiles; absent: nowhere. */
  readonly profileFolder: string | undefined;
  /** A MongoDB URL: rows make databases named after the one it names. Absent: SQLite files. */
  readonly storeUrl: string | undefined;
}

/** What a row works with: the options, and a folder of its own that goes away with it. */
export class Bench {
  readonly #endings: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly options: Options,
    readonly folder: string,
  ) {}

  /** Runs a row and then undoes what it has set up, last things first, even where it fails. */
  static async run<T>(options: Options, row: (bench: Bench) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'fhir-slots-bench-'));
    const bench = new Bench(options, folder);
    bench.atEnd(() => rm(folder, { recursive: true, force: true }));
    try {
      return await row(bench);
    } finally {
      for (const ending of bench.#endings.reverse()) await ending();
    }
  }

  atEnd(ending: () => Promise<unknown>): void {
    this.#endings.push(ending);
  }

  path(name: string): string {
    return join(this.folder, name);
  }
}

/** One printed line: a median, what it should be, and how it came about. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Absent: nobody has set one. */
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
  /** Why the goal says nothing here, where it does not. */
  readonly notJudged?: string | undefined;
  readonly notes: readonly string[];
}

/** A row of the benchmark. */
export type Row = (bench: Bench) => Promise<readonly Figure[]>;
