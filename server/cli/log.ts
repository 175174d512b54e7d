import pino from 'pino';

const STANDARD_ERROR = 2;

/** JSON lines on standard error: standard output is for what the commands tell a person. */
export function makeLog(level: string): pino.Logger {
  return pino({ level, base: null }, pino.destination({ dest: STANDARD_ERROR, sync: true }));
}
