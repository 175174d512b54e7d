import { MultiBar, Presets } from 'cli-progress';
import type { LoadReport } from './load-files.js';

/** How often a line is written where there is no terminal to draw a bar on. */
const RESOURCES_PER_LINE = 10_000;

interface Progress extends LoadReport {
  /** Leaves the terminal as it was found. */
  stop(): void;
}

/**
 * A bar on a terminal, else a plain line now and then.
 *
 * @param bytesTotal length of all files; undefined where it cannot be known, and then there is no bar either
 */
export function makeProgress(bytesTotal: number | undefined, output: NodeJS.WriteStream): Progress {
  return output.isTTY && bytesTotal ? barOn(output, bytesTotal) : linesOn(output);
}

function barOn(stream: NodeJS.WriteStream, bytesTotal: number): Progress {
  const format = '{bar} {percentage}% · {resources} resources · {eta_formatted} left';
  const bars = new MultiBar({ stream, format, clearOnComplete: true, hideCursor: true }, Presets.shades_classic);
  const bar = bars.create(bytesTotal, 0, { resources: 0 });
  return {
    read: (bytes) => bar.increment(bytes),
    done: (resources) => bar.update({ resources }),
    refused: (line) => bars.log(`${line}\n`),
    stop: () => bars.stop(),
  };
}

function linesOn(stream: NodeJS.WriteStream): Progress {
  let toldAt = 0;
  return {
    read: () => undefined,
    done: (resources) => {
      if (resources - toldAt < RESOURCES_PER_LINE) return;
      toldAt = resources;
      stream.write(`${resources} resources so far\n`);
    },
    refused: (line) => stream.write(`${line}\n`),
    stop: () => undefined,
  };
}
