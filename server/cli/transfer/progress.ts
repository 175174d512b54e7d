import { MultiBar, Presets, type SingleBar } from 'cli-progress';

/** How often a line is written where there is no terminal to draw a bar on. */
const VERSIONS_PER_LINE = 5_000;

/** Tells a person how far a copy, an export or an import has come. */
export interface TransferProgress {
  /**
   * Another part of the work begins.
   *
   * @param total how many versions it has, where that is known
   * @param done how many of them an earlier run has done
   */
  readonly stage: (name: string, total?: number, done?: number) => void;
  /** So many versions more. */
  readonly done: (versions: number) => void;
  readonly tell: (line: string) => void;
  /** Leaves the terminal as it was found. */
  readonly stop: () => void;
}

/** A bar on a terminal, else a plain line now and then. */
export function makeTransferProgress(output: NodeJS.WriteStream): TransferProgress {
  return output.isTTY ? barsOn(output) : linesOn(output);
}

const FORMAT_WITH_TOTAL = '{stage} {bar} {percentage}% · {value} of {total} versions · {eta_formatted} left';
const FORMAT = '{stage} {value} versions';

function barsOn(stream: NodeJS.WriteStream): TransferProgress {
  const bars = new MultiBar({ stream, clearOnComplete: true, hideCursor: true }, Presets.shades_classic);
  let bar: SingleBar | undefined;
  return {
    stage: (name, total, done = 0) => {
      if (bar) bars.remove(bar);
      // Without a total no bar can be drawn, only the count.
      const options = { format: total === undefined ? FORMAT : FORMAT_WITH_TOTAL };
      bar = bars.create(total ?? Number.MAX_SAFE_INTEGER, done, { stage: name }, options);
    },
    done: (versions) => bar?.increment(versions),
    tell: (line) => bars.log(`${line}\n`),
    stop: () => bars.stop(),
  };
}

function linesOn(stream: NodeJS.WriteStream): TransferProgress {
  let [stage, total, sum, toldAt] = ['', '', 0, 0];
  return {
    stage: (name, versions, done = 0) => {
      stage = name;
      total = versions === undefined ? '' : ` of ${versions}`;
      sum = done;
      toldAt = done;
    },
    done: (versions) => {
      sum += versions;
      if (sum - toldAt < VERSIONS_PER_LINE) return;
      toldAt = sum;
      stream.write(`${stage}: ${sum}${total} versions so far\n`);
    },
    tell: (line) => stream.write(`${line}\n`),
    stop: () => undefined,
  };
}
