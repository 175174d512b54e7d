import { fault } from '../base/fault.js';

/** The longest path of a FHIRPath Patch. */
export const FHIRPATH_CHARACTERS_MAX = 500;

/** How deep its brackets may nest: reading a path takes a time that grows with it. */
export const FHIRPATH_BRACKETS_MAX = 8;

/** What all paths of one request may cost: each word of a path, by each value of the resource, about 0.3 µs. */
export const FHIRPATH_WORK_MAX = 1_000_000;

/** What one character of a path costs to read. */
const CHARACTER_WORK = 25;

/** What copying a value costs, in words. */
const COPY_WORDS = 3;

/**
 * Of FHIRPath what leads to elements of the resource and asks something of them. Left out is what reads elsewhere
 * (`%resource`, `resolve()`), multiplies (`descendants()`, `repeat()`, unions, `~`), knows regular expressions or
 * units, or makes values that no resource holds.
 */
const WORD =
  /\s+|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|@[\dT:.+Z-]+|\$this\b|[A-Za-z_]\w*|\d+(?:\.\d+)?|!=|[<>]=?|[=.()[\]-]/y;

const OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'xor', 'implies', 'is', 'as']);

const WITHOUT_ARGUMENT: ReadonlySet<string> = new Set([
  ...['first', 'last', 'tail', 'single', 'count', 'empty', 'exists', 'not'],
]);
const WITH_ARGUMENT: ReadonlySet<string> = new Set([
  ...['where', 'exists', 'skip', 'take', 'extension', 'ofType', 'as', 'is', 'startsWith', 'endsWith', 'contains'],
]);

/** Lets a path pass, or not, and counts what all paths of a request cost together. */
export class FhirPathGuard {
  #workLeft = FHIRPATH_WORK_MAX;

  /**
   * @param path as it was sent
   * @param valueCount of the resource that it is applied to
   * @param place of the path in the patch, for the fault
   * @returns the path as fhirpath reads it: what FHIR names like an operator (`text.div`) is in backticks
   * @throws {Fault} `invalid` for what is no path of a patch here, `too-costly` where the request costs too much
   */
  pass(path: string, valueCount: number, place: string): string {
    if (path.length > FHIRPATH_CHARACTERS_MAX) {
      throw fault('invalid', `A path has at most ${FHIRPATH_CHARACTERS_MAX} characters.`, place);
    }
    const words = wordsOf(path, place);
    refuseBrackets(words, place);
    for (const [at, word] of words.entries()) refuseWord(words, at, word, place);
    this.#workLeft -= path.length * CHARACTER_WORK + (words.length + COPY_WORDS) * valueCount;
    if (this.#workLeft >= 0) return words.map((word, at) => quoted(words, at, word)).join(' ');
    const advice = 'Send fewer operations, shorter paths, or a JSON Patch.';
    throw fault('too-costly', `Its paths would cost more than ${FHIRPATH_WORK_MAX}. ${advice}`, place);
  }
}

/** @throws {Fault} `invalid` where something is no word */
function wordsOf(path: string, place: string): readonly string[] {
  const words: string[] = [];
  for (let at = 0; at < path.length; at = WORD.lastIndex) {
    WORD.lastIndex = at;
    const word = WORD.exec(path)?.[0];
    if (word === undefined) {
      const advice = 'A path has names, indexes, functions, comparisons and texts in single quotes.';
      throw fault('invalid', `'${path.slice(at, at + 20)}' cannot stand in the path of a patch. ${advice}`, place);
    }
    if (word.trim() !== '') words.push(word);
  }
  return words;
}

function refuseBrackets(words: readonly string[], place: string): void {
  let depth = 0;
  for (const word of words) {
    if (word === '(' || word === '[') depth += 1;
    if (word === ')' || word === ']') depth -= 1;
    if (depth < 0) break;
    if (depth > FHIRPATH_BRACKETS_MAX) {
      throw fault('invalid', `The brackets of a path nest at most ${FHIRPATH_BRACKETS_MAX} times.`, place);
    }
  }
  if (depth !== 0) throw fault('invalid', 'A bracket of the path has no other half.', place);
}

/** After a dot, a name without an argument is that of an element. */
function quoted(words: readonly string[], at: number, word: string): string {
  const isElement = words[at - 1] === '.' && words[at + 1] !== '(' && /^[A-Za-z_]/.test(word);
  return isElement ? `\`${word}\`` : word;
}

function refuseWord(words: readonly string[], at: number, word: string, place: string): void {
  const next = words[at + 1] ?? '';
  if (/^\d/.test(word) && /^['`\w]/.test(next) && !OPERATORS.has(next)) {
    throw fault('invalid', `A number with a unit (${word} ${next.slice(0, 20)}) cannot stand in a path.`, place);
  }
  if (!/^\w/.test(word) || next !== '(' || (OPERATORS.has(word) && words[at - 1] !== '.')) return;
  const functions = words[at + 2] === ')' ? WITHOUT_ARGUMENT : WITH_ARGUMENT;
  if (functions.has(word)) return;
  const known = [...new Set([...WITHOUT_ARGUMENT, ...WITH_ARGUMENT])].join(', ');
  throw fault('invalid', `${word.slice(0, 40)}(…) cannot stand so in a path; there are ${known}.`, place);
}
