import { isCalendarDate, isZone } from '../../zones/index.js';
import { SlotsApiError, type Code } from './errors.js';

/** The members of a body or the parameters of a query, unread. */
export type Members = Readonly<Record<string, unknown>>;

/** ISO 8601 with `Z` or an offset. */
const DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/;

const NAME_CHARACTERS_MAX = 255;
/** No text of FHIR has a control character but tab, line feed and carriage return, nor half a surrogate pair. */
const FORBIDDEN_IN_NAMES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]|\p{Surrogate}/u;
/** FHIR's integer, as extensions keep it. */
const INTEGER_MOST = 2 ** 31 - 1;

/** The JSON of a body; no body is an empty object. @throws {SlotsApiError} E013 */
export function jsonOf(bytes: unknown): unknown {
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) return {};
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new SlotsApiError('E013', 'The body is no JSON.', { cause });
  }
}

/** @throws {SlotsApiError} E013 for anything but an object */
export function membersOf(json: unknown): Members {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Members;
  throw new SlotsApiError('E013', 'The body must be a JSON object.');
}

/** A text that must be there. @throws {SlotsApiError} E013 */
export function text(members: Members, name: string): string {
  const value = members[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new SlotsApiError('E013', `${name} must be a string that is not empty.`);
}

/** The name of a resource. @throws {SlotsApiError} E013 */
export function nameIn(members: Members): string {
  const name = text(members, 'name');
  if (name.length > NAME_CHARACTERS_MAX) {
    throw new SlotsApiError('E013', `name has at most ${NAME_CHARACTERS_MAX} characters.`);
  }
  if (!FORBIDDEN_IN_NAMES.test(name)) return name;
  throw new SlotsApiError('E013', 'name has no control characters and no half of a surrogate pair.');
}

/** @throws {SlotsApiError} E022 */
export function zoneIn(members: Members): string {
  const zone = members['timezone'];
  if (typeof zone === 'string' && isZone(zone)) return zone;
  throw new SlotsApiError('E022', 'timezone must be an IANA zone such as Europe/Lisbon.');
}

/** @throws {SlotsApiError} with the code for anything but a boolean */
export function booleanIn(members: Members, name: string, code: Code): boolean {
  const value = members[name];
  if (typeof value === 'boolean') return value;
  throw new SlotsApiError(code, `${name} must be true or false.`);
}

/** A whole number from `least` on. @throws {SlotsApiError} with the code */
export function integerIn(members: Members, name: string, least: number, code: Code): number {
  const value = members[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= INTEGER_MOST) return value;
  throw new SlotsApiError(code, `${name} must be a whole number from ${least} to ${INTEGER_MOST}.`);
}

/** A time with its offset, as UTC milliseconds. @throws {SlotsApiError} E013 */
export function timeIn(members: Members, name: string): number {
  const value = members[name];
  // In a query, a plus that was not escaped arrives as a space.
  const written = typeof value === 'string' ? value.replace(/ (?=\d\d:?\d\d$)/, '+') : '';
  const [, date = ''] = DATE_TIME.exec(written) ?? [];
  const ms = Date.parse(written.replace(',', '.').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  if (isCalendarDate(date) && !Number.isNaN(ms)) return ms;
  throw new SlotsApiError('E013', `${name} must be a time with Z or an offset, as 2031-06-10T13:00:00Z.`);
}

/** What is read of a member that may be absent. */
export function ifThere<T>(members: Members, name: string, read: (members: Members, name: string) => T): T | undefined {
  return members[name] === undefined ? undefined : read(members, name);
}
