/** Options of a URL whose values let somebody in. */
const SECRET_OPTION = /([?&][^=&]*(?:password|secret|token|mechanismproperties)[^=&]*=)[^&\s]*/gi;

/**
 * A URL fit for a screen or a log: everything between `//` and the last `@` is hidden, and so are the values of options
 * such as `tlsCertificateKeyFilePassword`. Greedy on purpose, since a password may contain an unescaped `@` or `/`.
 * Where somebody has forgotten the `//`, only a path of a file may have an `@`.
 */
export function withoutSecrets(url: string): string {
  const plain = url.replace(/\/\/.*@/s, '//***@').replace(SECRET_OPTION, '$1***');
  return /^(?:file|sqlite):/i.test(plain) ? plain : plain.replace(/^([a-z][a-z0-9+.-]*:)(?!\/\/).*@/is, '$1***@');
}

/** The value of a setting, fit for a screen or a log. */
export function shownValue(secret: 'part' | 'whole' | undefined, text: string): string {
  if (secret === 'whole') return '***';
  return secret === 'part' ? withoutSecrets(text) : text;
}
