/** What SQLite can be given for a `?`. */
export type SqlParameter = string | number | null;

/** A piece of SQL with the parameters of its question marks, in their order. */
export interface Sql {
  readonly sql: string;
  readonly parameters: readonly SqlParameter[];
}

/** The texts of each template, their line breaks and indents taken as one space; a template is one object for ever. */
const squeezed = new WeakMap<TemplateStringsArray, readonly string[]>();

function textsOf(template: TemplateStringsArray): readonly string[] {
  const known = squeezed.get(template);
  if (known) return known;
  const texts = template.map((text) => text.replace(/\s+/g, ' '));
  squeezed.set(template, texts);
  return texts;
}

/** SQL from a template: pieces are spliced in, every other value becomes a parameter. Nothing is ever quoted. */
export function sql(template: TemplateStringsArray, ...parts: readonly (Sql | SqlParameter)[]): Sql {
  const texts = textsOf(template);
  let text = texts[0] ?? '';
  const parameters: SqlParameter[] = [];
  parts.forEach((part, at) => {
    if (part !== null && typeof part === 'object') {
      text += part.sql;
      parameters.push(...part.parameters);
    } else {
      text += '?';
      parameters.push(part);
    }
    text += texts[at + 1] ?? '';
  });
  return { sql: text, parameters };
}

/** Text of ours, such as the name of an alias; never something that came in. */
export function raw(text: string): Sql {
  return { sql: text, parameters: [] };
}

export const TRUE = raw('1 = 1');

/** Not `0`: SQLite folds that into its neighbours, and then finds no use for the index that it is told to use. */
export const FALSE = raw('1 = 0');

/** All conditions, or `TRUE` if there are none. */
export function and(conditions: readonly Sql[]): Sql {
  return combined(conditions, 'AND', TRUE);
}

/** Any of the conditions, or `FALSE` if there are none. */
export function or(conditions: readonly Sql[]): Sql {
  return combined(conditions, 'OR', FALSE);
}

/** Long lists are nested in halves, since SQLite refuses expressions that are more than 1,000 deep. */
const FLAT_LENGTH_MAX = 50;

function combined(conditions: readonly Sql[], operator: 'AND' | 'OR', none: Sql): Sql {
  const [first] = conditions;
  if (!first) return none;
  if (conditions.length === 1) return first;
  if (conditions.length > FLAT_LENGTH_MAX) {
    const half = Math.ceil(conditions.length / 2);
    const halves = [conditions.slice(0, half), conditions.slice(half)].map((part) => combined(part, operator, none));
    return sql`(${joined(halves, ` ${operator} `)})`;
  }
  return sql`(${joined(conditions, ` ${operator} `)})`;
}

/** Pieces one after the other with `separator` between them. */
export function joined(pieces: readonly Sql[], separator: string): Sql {
  return {
    sql: pieces.map((piece) => piece.sql).join(separator),
    parameters: pieces.flatMap((piece) => piece.parameters),
  };
}
