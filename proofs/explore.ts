/**
 * `npm run explore -- [--quick] [--only=WORDS]`
 *
 * Walks through every interleaving of concurrent commits, readers and sweepers of the protocol of commits, and through
 * the broken rules that it must find. Prints how many schedules there are and how many different states they lead
 * through; the exit code is 1 where something is wrong.
 */
import { parseArgs } from 'node:util';
import { BROKEN_RULES } from './explore/breaks.js';
import { explore, type Explored } from './explore/explore.js';
import type { Protocol } from './explore/scenario.js';
import { LONG_SCENARIOS, SCENARIOS } from './explore/scenarios.js';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
});
const isMeant = ({ name }: { readonly name: string }) => name.includes(values.only);

/** The compiled server stands beside the compiled proofs. */
const PROTOCOL = new URL('../store/mongo/protocol/index.js', import.meta.url).href;
const protocol = (await import(PROTOCOL)) as Protocol;

for (const scenario of [...SCENARIOS, ...(values.quick ? [] : LONG_SCENARIOS)].filter(isMeant)) {
  const { explored, seconds } = await timed(() => explore(scenario, protocol));
  const { schedules, states, violation } = explored;
  console.log(`${scenario.name}: ${schedules.toPrecision(3)} schedules, ${states} states, ${seconds.toFixed(1)} s`);
  if (violation) report(`WRONG: ${violation.message}`, violation.schedule);
}
for (const broken of BROKEN_RULES.filter(isMeant)) {
  const { explored, seconds } = await timed(() => explore(broken.scenario, protocol, broken));
  const { violation, states } = explored;
  console.log(`broken on purpose: ${broken.name}: ${states} states, ${seconds.toFixed(1)} s`);
  if (violation) console.log(`  found: ${violation.message} (${violation.schedule.length} steps)`);
  else report('WRONG: not found', []);
}

async function timed(run: () => Promise<Explored>): Promise<{ readonly explored: Explored; readonly seconds: number }> {
  const startMs = performance.now();
  const explored = await run();
  return { explored, seconds: (performance.now() - startMs) / 1_000 };
}

function report(message: string, schedule: readonly string[]): void {
  process.exitCode = 1;
  console.log([message, ...schedule].map((line) => `  ${line}`).join('\n'));
}
