const INDENT = '  ';
/** A string, a sign, or what stands between them (numbers, `true`, `null`); white space falls out. */
const JSON_TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g;

/** JSON text with line breaks and two spaces a level. Works on the text, so that `1.50` stays `1.50`. */
export function prettyJson(text: string): string {
  const pieces: string[] = [];
  let depth = 0;
  let previous = '';
  for (const [token] of text.matchAll(JSON_TOKEN)) {
    const opensNothing = (token === '}' || token === ']') && (previous === '{' || previous === '[');
    if (token === '}' || token === ']') depth -= 1;
    const breaks = previous === '{' || previous === '[' || previous === ',' || token === '}' || token === ']';
    if (breaks && !opensNothing) pieces.push('\n', INDENT.repeat(depth));
    pieces.push(token === ':' ? ': ' : token);
    if (token === '{' || token === '[') depth += 1;
    previous = token;
  }
  return pieces.join('');
}
