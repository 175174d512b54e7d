/**
 * Splits a parameter value at a separator that is not escaped; the escapes stay in the pieces.
 * https://hl7.org/fhir/R4/search.html#escaping
 */
export function splitUnescaped(value: string, separator: ',' | '|'): string[] {
  if (!value.includes('\\')) return value.split(separator);
  const pieces: string[] = [];
  let from = 0;
  for (let at = 0; at < value.length; at++) {
    if (value[at] === '\\') at++;
    else if (value[at] === separator) {
      pieces.push(value.slice(from, at));
      from = at + 1;
    }
  }
  return [...pieces, value.slice(from)];
}

/** Takes the escapes `\,` `\|` `\$` `\\` off; a backslash before anything else stands for itself. */
export function unescaped(piece: string): string {
  return piece.includes('\\') ? piece.replace(/\\([,|$\\])/g, '$1') : piece;
}
