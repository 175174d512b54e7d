import { dateRange } from './date-range.js';
import { narrativeFault } from './narrative.js';

/** Says what is wrong with a value of the right JSON type; undefined: nothing that the schema does not tell. */
type PrimitiveCheck = (value: unknown) => string | undefined;

/** Characters of a text, or of the XHTML of a narrative: https://hl7.org/fhir/R4/datatypes.html#string has 1 MB. */
export const STRING_LENGTH_MAX = 1_048_576;
const INT32_MAX = 2_147_483_647;

/** Every month has so many days, so that only later ones need the calendar. */
const SAFE_DAY = 28;
const NOT_BASE64 = /[^0-9a-zA-Z+/=\s]/;

/** What the schema lacks about each primitive type (https://hl7.org/fhir/R4/datatypes.html). */
export const PRIMITIVE_CHECKS: Readonly<Record<string, PrimitiveCheck | undefined>> = {
  string: tooLong,
  markdown: tooLong,
  'System.String': notEmpty,
  code: tooLong,
  oid: tooLong,
  uri: notEmpty,
  url: notEmpty,
  canonical: notEmpty,
  date: noSuchDay,
  dateTime: noSuchDay,
  instant: noSuchDay,
  integer: (value) => outside(value, -INT32_MAX - 1),
  unsignedInt: (value) => outside(value, 0),
  positiveInt: (value) => outside(value, 1),
  base64Binary: notBase64,
  xhtml: (value) => tooLong(value) ?? narrativeFault(value),
};

/** How each primitive type is written, for whoever wrote it otherwise. */
export const PRIMITIVE_FORMS: Readonly<Record<string, string | undefined>> = {
  instant: 'an instant with seconds and offset, such as 2027-03-15T13:00:00Z',
  dateTime: 'a date or a time with offset, such as 2027-03-15 or 2027-03-15T13:00:00Z',
  date: 'a date such as 2027-03-15',
  time: 'a time of day such as 09:00:00',
  id: 'an id: 1 to 64 letters, digits, hyphens and dots',
  code: 'a code: no spaces at its ends, none doubled',
  string: 'a text that is not empty',
  markdown: 'a text that is not empty',
};

function tooLong(value: unknown): string | undefined {
  const isTooLong = typeof value === 'string' && value.length > STRING_LENGTH_MAX;
  return isTooLong ? `A text has at most ${STRING_LENGTH_MAX} characters.` : undefined;
}

function notEmpty(value: unknown): string | undefined {
  return value === '' ? 'An empty text is not allowed: leave the element out.' : undefined;
}

/** By hand: as a regular expression, groups of four overflow the stack on a photo of some megabytes. */
function notBase64(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const isBase64 =
    !NOT_BASE64.test(value) &&
    value
      .trim()
      .split(/\s+/)
      .every(({ length }) => length > 0 && length % 4 === 0);
  return isBase64 ? undefined : 'This is not base64.';
}

function noSuchDay(value: unknown): string | undefined {
  if (typeof value !== 'string' || !(Number(value.slice(8, 10)) > SAFE_DAY)) return undefined;
  return dateRange(value, 'UTC') === undefined ? `${value.slice(0, 10)} is no day of the calendar.` : undefined;
}

function outside(value: unknown, least: number): string | undefined {
  if (typeof value !== 'number') return undefined;
  if (Number.isInteger(value) && value >= least && value <= INT32_MAX) return undefined;
  return `${value} is not a whole number from ${least} to ${INT32_MAX}.`;
}
