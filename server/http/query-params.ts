import { fault } from '../base/fault.js';
import type { Param } from '../booking/index.js';

/** Longer questions go by `POST [type]/_search`, whose form is bounded by the size of a body. */
export const QUERY_CHARACTERS_MAX = 16_384;
/** How many parameters one request may carry, query and form together. */
export const PARAMS_MAX = 500;

const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
const REPLACEMENT = '\uFFFD';
const ESCAPED_REPLACEMENT = /%EF%BF%BD/i;

/** The query of a request target. @throws {Fault} `malformed`, `invalid`, `too-large` */
export function paramsOfUrl(url: string): readonly Param[] {
  const start = url.indexOf('?');
  if (start < 0) return [];
  const query = url.slice(start + 1);
  if (query.length > QUERY_CHARACTERS_MAX) {
    const advice = 'Send the parameters as a form to POST [type]/_search.';
    throw fault('too-large', `The query has more than ${QUERY_CHARACTERS_MAX} characters. ${advice}`);
  }
  return parseParams(query, 'query');
}

/**
 * Decodes `a=1&b=2` into pairs: order and repetition are kept, `+` is a space.
 * @param source where the text stood, for the message
 * @throws {Fault} `malformed` for a broken escape, bytes that are not UTF-8, or the character U+0000
 */
export function parseParams(text: string, source: string): readonly Param[] {
  if (BROKEN_ESCAPE.test(text)) throw fault('malformed', `The ${source} has a % that starts no escape like %2F.`);
  const params = [...new URLSearchParams(text)];
  checkParamCount(params);
  for (const [name, value] of params) {
    if (name.includes('\0') || value.includes('\0')) {
      throw fault('malformed', `The ${source} contains the character U+0000, which FHIR knows no use for.`, name);
    }
    const replaced = name.includes(REPLACEMENT) || value.includes(REPLACEMENT);
    if (replaced && !text.includes(REPLACEMENT) && !ESCAPED_REPLACEMENT.test(text)) {
      throw fault('malformed', `The ${source} has escapes that are not UTF-8.`, name);
    }
  }
  return params;
}

/** @throws {Fault} `invalid` for more than `PARAMS_MAX` */
export function checkParamCount(params: readonly Param[]): void {
  if (params.length > PARAMS_MAX) throw fault('invalid', `A request may have at most ${PARAMS_MAX} parameters.`);
}

/** Pairs as a query string. What a query may carry as it is (`:`, `/`, `,`) stays readable. */
export function renderParams(params: readonly Param[]): string {
  return params.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join('&');
}

const NEEDS_NO_ESCAPE = /^[\w\-.~:/,]*$/;

function escaped(text: string): string {
  if (NEEDS_NO_ESCAPE.test(text)) return text;
  return encodeURIComponent(text).replace(/%(?:3A|2F|2C)/g, decodeURIComponent);
}
