import { LosslessNumber, parse as parseLossless, stringify as stringifyLossless } from 'lossless-json';
import { fault } from '../base/fault.js';
import { placeOf } from './json-place.js';
import type { ParsedJson } from './parsed-json.js';

/** Objects and arrays inside one another. FHIR resources stay below 20; code that walks a tree may rely on it. */
export const JSON_DEPTH_MAX = 64;

/**
 * Names that no FHIR element has and that mean something to JavaScript, or (the last) to lossless-json, which takes an
 * object with it for a number.
 */
export const FORBIDDEN_NAMES: ReadonlySet<string> = new Set([
  '__proto__',
  'constructor',
  'prototype',
  'isLosslessNumber',
]);
const MAYBE_FORBIDDEN = /__proto__|"constructor"|"prototype"|"isLosslessNumber"/;

/** https://hl7.org/fhir/R4/datatypes.html#string: no control characters but tab, line feed and carriage return. */
const FORBIDDEN_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]|\p{Surrogate}/u;

/** How lossless-json's numbers look where JSON.stringify meets them. No text that `parseJson` took contains it. */
const LOSSLESS_MARK = '"isLosslessNumber":true';

const [QUOTE, COMMA, MINUS, DIGIT_0, DIGIT_9, COLON, BACKSLASH] = [0x22, 0x2c, 0x2d, 0x30, 0x39, 0x3a, 0x5c];
const [BRACKET_OPEN, BRACKET_CLOSE, BRACE_OPEN, BRACE_CLOSE] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Up to here an integer is what JavaScript writes it as. */
const SAFE_DIGITS = 15;

/**
 * Reads JSON without losing a digit, and refuses what could hurt later: see `FORBIDDEN_NAMES`, `FORBIDDEN_CHARACTER`,
 * `JSON_DEPTH_MAX`; a name twice in one object; numbers too large for any arithmetic.
 *
 * @throws {Fault} `malformed` for what is no JSON of ours, `invalid` for a number or a character that FHIR forbids
 */
export function parseJson(text: string): ParsedJson {
  const plain = parse(text);
  const facts = scan(text, plain);
  const suspicious = facts.hasEscape || MAYBE_FORBIDDEN.test(text);
  const seen = { root: plain, nameCount: 0 };
  walk(plain, seen, suspicious);
  if (seen.nameCount !== facts.nameCount) throw fault('malformed', 'An object in this JSON has the same name twice.');
  if (!facts.hasEscape && FORBIDDEN_CHARACTER.test(text)) refuseCharacter(plain);
  return { plain, exact: facts.hasOddNumber ? parseLossless(text, null, exactNumber) : plain };
}

/** Writes a tree of `parseJson`, or a changed copy of one, with the digits it came with. */
export function printJson(exact: unknown): string {
  const text = JSON.stringify(exact);
  return text.includes(LOSSLESS_MARK) ? (stringifyLossless(exact) ?? text) : text;
}

/**
 * A copy of a resource that carries what the server says of it. The order is the natural one: resourceType, id, meta,
 * then the rest as written. What else was in `meta` stays.
 *
 * @param lastUpdated an instant, as FHIR writes it
 */
export function withMeta(
  exact: unknown,
  { id, versionId, lastUpdated }: { readonly id: string; readonly versionId: string; readonly lastUpdated: string },
): unknown {
  const resource = exact as Readonly<Record<string, unknown>>;
  const meta = inFront({ versionId, lastUpdated }, resource['meta'] as object | undefined);
  return inFront({ resourceType: resource['resourceType'], id, meta }, resource);
}

/** A copy with some members set, and first in order. */
function inFront(members: object, rest: object | undefined): object {
  // Ten times as fast as spreading, on every resource that is written.
  return Object.assign<object, object, object | undefined, object>({}, members, rest, members);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : '';
    throw fault('malformed', `This is not JSON: ${why.slice(0, 200)}.`, undefined, cause);
  }
}

interface TextFacts {
  /** Of members of objects, each time they are written. */
  readonly nameCount: number;
  /** There is a number that JavaScript would write differently. */
  readonly hasOddNumber: boolean;
  readonly hasEscape: boolean;
}

/** What the tree no longer tells. The text is known to be JSON, so only strings need care. */
function scan(text: string, plain: unknown): TextFacts {
  let nameCount = 0;
  let hasOddNumber = false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COLON) nameCount += 1;
    else if (code === BRACE_OPEN || code === BRACKET_OPEN) {
      depth += 1;
      if (depth > JSON_DEPTH_MAX) throw fault('malformed', `This JSON is nested deeper than ${JSON_DEPTH_MAX} levels.`);
    } else if (code === BRACE_CLOSE || code === BRACKET_CLOSE) depth -= 1;
    else if (code === MINUS || isDigit(code)) {
      const end = endOfNumber(text, at);
      hasOddNumber ||= isOdd(text, at, end, plain);
      at = end - 1;
    }
  }
  return { nameCount, hasOddNumber, hasEscape: text.includes('\\') };
}

/** The place of the closing quote. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
}

/** The place after the last character of a number: what ends it is a comma, a bracket or white space. */
function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code <= 0x20 || code === COMMA || code === BRACE_CLOSE || code === BRACKET_CLOSE) break;
  }
  return end;
}

function isOdd(text: string, start: number, end: number, plain: unknown): boolean {
  if (end - start === 1) return false;
  const digits = text.slice(start, end);
  if (end - start <= SAFE_DIGITS && /^[1-9]\d*$/.test(digits)) return false;
  const value = Number(digits);
  if (!Number.isFinite(value)) {
    const place = placeOf(plain, (leaf) => typeof leaf === 'number' && !Number.isFinite(leaf), JSON_DEPTH_MAX);
    throw fault('invalid', `The number ${digits.slice(0, 40)} is too large.`, place);
  }
  return String(value) !== digits;
}

function isDigit(code: number): boolean {
  return code >= DIGIT_0 && code <= DIGIT_9;
}

interface Seen {
  /** The whole tree, to tell where in it a fault is. */
  readonly root: unknown;
  nameCount: number;
}

/** Counts the names of a tree; with `suspicious`, judges each name and text. The depth is known to be bounded. */
function walk(value: unknown, seen: Seen, suspicious: boolean): void {
  if (typeof value === 'string') {
    if (suspicious && FORBIDDEN_CHARACTER.test(value)) refuseCharacter(seen.root);
  } else if (Array.isArray(value)) {
    for (const item of value) walk(item, seen, suspicious);
  } else if (value !== null && typeof value === 'object') {
    for (const name of Object.keys(value)) {
      seen.nameCount += 1;
      if (suspicious) judgeName(name, seen.root);
      walk((value as Readonly<Record<string, unknown>>)[name], seen, suspicious);
    }
  }
}

function judgeName(name: string, root: unknown): void {
  if (FORBIDDEN_NAMES.has(name)) {
    const place = placeOf(root, (leaf, isName) => isName && leaf === name, JSON_DEPTH_MAX);
    throw fault('malformed', `The name "${name}" is not allowed in this JSON.`, place);
  }
  if (FORBIDDEN_CHARACTER.test(name)) refuseCharacter(root);
}

function refuseCharacter(root: unknown): never {
  const place = placeOf(root, (leaf) => typeof leaf === 'string' && FORBIDDEN_CHARACTER.test(leaf), JSON_DEPTH_MAX);
  throw fault(
    'invalid',
    'A text holds a control character or half a surrogate pair, which FHIR does not allow.',
    place,
  );
}

function exactNumber(digits: string): number | LosslessNumber {
  const value = Number(digits);
  return String(value) === digits ? value : new LosslessNumber(digits);
}
