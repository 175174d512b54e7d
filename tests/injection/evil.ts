/** What a database, a query language or JavaScript could take for more than text. Each may stand for a uri, too. */

export const EVIL: readonly string[] = [
  '$where',
  '$gt',
  '$$ROOT',
  '{"$gt":""}',
  '{"$ne":null}',
  '[$ne]',
  'a.b',
  '.',
  '.*',
  '__proto__',
  'constructor',
  'toString',
  "';return(true);//",
  "'OR'1'='1",
  '%',
  '_',
  '\\u0000',
];

/** Names of elements and parameters that nothing has. */
export const EVIL_NAMES: readonly string[] = [
  '$where',
  '$expr',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'a.b',
  '.',
  '$',
  '%24where',
];

/** A text as a value of a search, in which `\`, `,`, `|` and `$` mean something: R4 search, 3.1.1.4.8. */
export function asValue(text: string): string {
  return encodeURIComponent(text.replace(/[\\,|$]/g, '\\$&'));
}

/** An object as JSON text, in which `__proto__` is a name like any other. */
export function jsonWith(resource: object, name: string, value: unknown): string {
  const rest = JSON.stringify(resource).slice(1);
  return `{${JSON.stringify(name)}:${JSON.stringify(value)},${rest}`;
}
