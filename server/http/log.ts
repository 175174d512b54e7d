/** What this module needs of a logger; pino's is one. */
export interface Log {
  isLevelEnabled(level: 'debug'): boolean;
  debug(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
