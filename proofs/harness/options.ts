import { parseArgs, type ParseArgsConfig } from 'node:util';

/** What both programs are told. */
export interface Options {
  readonly workload: string;
  /** URLs of the fronts; none: a store that is made for this run. */
  readonly places: readonly string[];
  readonly processes: number;
  readonly documents: number;
  readonly seed: string;
}

const COMMON = {
  workload: { type: 'string', default: 'transfers' },
  store: { type: 'string' },
  'store-also': { type: 'string' },
  processes: { type: 'string', default: '4' },
  documents: { type: 'string', default: '8' },
  seed: { type: 'string' },
} as const;

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/**
 * Reads the command line: what both programs know, and what only one knows.
 *
 * @throws {TypeError} for an option that neither knows
 */
export function readOptions(own: NonNullable<ParseArgsConfig['options']>): { options: Options; values: Values } {
  const { values } = parseArgs({ options: { ...COMMON, ...own } }) as { values: Values };
  const places = [textIn(values, 'store'), textIn(values, 'store-also')].filter((place) => place !== undefined);
  if (values['store-also'] !== undefined && values['store'] === undefined) {
    throw new Error('--store-also is a second front of what --store names.');
  }
  const options = {
    workload: textIn(values, 'workload') ?? '',
    places,
    processes: numberIn(values, 'processes'),
    documents: numberIn(values, 'documents'),
    // Printed, and given again by whoever wants the same choices.
    seed: textIn(values, 'seed') ?? String(process.pid),
  };
  if (options.processes < Math.max(1, places.length)) throw new Error('Each front needs a process.');
  return { options, values };
}

/** @throws {Error} where the option is no whole number of 0 or more */
export function numberIn(values: Values, name: string): number {
  const text = textIn(values, name) ?? '';
  if (!/^\d+$/.test(text)) throw new Error(`--${name} is a whole number, not '${text}'.`);
  return Number(text);
}

export function textIn(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}
