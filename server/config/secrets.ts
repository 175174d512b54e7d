/**
 * A URL fit for a screen or a log: everything between `//` and the last `@` is hidden. Greedy on purpose, since a
 * password may contain an unescaped `@` or `/`.
 */
export function withoutSecrets(url: string): string {
  return url.replace(/\/\/.*@/s, '//***@');
}
