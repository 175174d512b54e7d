/** The end of an exhaustive switch: the type checker proves that it is never reached. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value ${JSON.stringify(value)}.`);
}
