#!/usr/bin/env node
/**
 * The command `fhir-slots`.
 *
 * Exit codes: 0 done · 1 not all of it could be done · 2 not understood (command, flag or setting) ·
 * 130, 143 a second SIGINT or SIGTERM cut the stopping short.
 */
import { CommanderError } from 'commander';
import { describeFailure, EXIT_DONE, EXIT_USAGE } from './failure.js';
import { makeProgram } from './program.js';

// Whoever reads our output may go away (`fhir-slots config | head -1`): that ends the output, not the work.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

try {
  await makeProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has already said what is wrong, or shown what was asked for.
    process.exitCode = error.exitCode === 0 ? EXIT_DONE : EXIT_USAGE;
  } else {
    const { text, exitCode } = describeFailure(error);
    process.stderr.write(`fhir-slots: ${text}\n`);
    process.exitCode = exitCode;
  }
}
