import { fault, type Fault } from '../base/fault.js';

/** What one search may ask for. Crossing one is a 400, never a silent cut; `_count` alone is lowered, and told. */

/** Entries on one page. */
export const SEARCH_COUNT_MAX = 1_000;
/** Entries on one page of a FHIR search that names no `_count`. */
export const SEARCH_COUNT_DEFAULT = 50;
/** The same for an availability question. */
export const AVAILABILITY_COUNT_DEFAULT = 1_000;
/** Name and value pairs. */
export const PARAMETERS_MAX = 100;
/** Alternatives, separated by commas, in one value. */
export const VALUES_MAX = 1_000;
/** Conditions in the whole filter: a bare id counts once for each type that the reference may lead to. */
export const CONDITIONS_MAX = 10_000;
/** References that one parameter follows: `schedule.actor.name` two, `_has:Appointment:patient:slot.status` two. */
export const CHAIN_DEPTH_MAX = 4;
/** Segments of the path of a URL that `:above` goes up. */
export const URL_SEGMENTS_MAX = 100;
/** `_include` and `_revinclude` together. */
export const INCLUDES_MAX = 20;
export const SORT_TERMS_MAX = 5;
export const ELEMENTS_MAX = 100;
/** Characters of one value. */
export const VALUE_LENGTH_MAX = 100_000;

/** Part of a message: what the caller wrote, short enough to be read. */
export function quoted(text: string): string {
  return text.length <= 80 ? `"${text}"` : `"${text.slice(0, 77)}…"`;
}

/** The refusal of a parameter that cannot be read; an empty name where no single one is to blame. */
export function unreadable(name: string, message: string): Fault {
  return name === '' ? fault('invalid', message) : fault('invalid', message, name.slice(0, 80));
}
