import { Fault } from '../base/fault.js';

/** Everything went as asked. */
export const EXIT_DONE = 0;
/** The command ran and could not do all of it: a refused line, a port in use, a store that does not open. */
export const EXIT_FAILED = 1;
/** The command was not understood: an unknown command or flag, a bad setting. */
export const EXIT_USAGE = 2;

/** What ends a command with one line for the person who ran it, and no stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    message: string,
    readonly exitCode: typeof EXIT_FAILED | typeof EXIT_USAGE = EXIT_FAILED,
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

/** The text for standard error and the exit code. Only what nobody foresaw shows its stack: it is our bug. */
export function describeFailure(error: unknown): { readonly text: string; readonly exitCode: number } {
  if (error instanceof Failure) return { text: error.message, exitCode: error.exitCode };
  if (error instanceof Fault) return { text: error.message, exitCode: EXIT_FAILED };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `internal error: ${text}`, exitCode: EXIT_FAILED };
}
