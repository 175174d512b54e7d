import { fault } from '../base/fault.js';
import { nameText } from './find-names.js';
import { CAPACITY_MAX } from './read-rules.js';
import type { FindRequest, NamedResource } from './bookings.js';
import type { ProposedTimes } from './find-proposals.js';
import type { Param } from './types.js';

/** Proposals on one page: where nobody says, and at most. */
const FIND_COUNT_DEFAULT = 20;
export const FIND_COUNT_MAX = 1_000;
const CURSOR_LENGTH_MAX = 1_000;
const CURSOR_PARAM = '_cursor';

/** A proposal with its place in the order: by preference, then start, then id. */
export interface PlacedProposal extends ProposedTimes {
  /** How well it fits, then its start. */
  readonly keys: readonly number[];
}

/** What a page goes on from. */
export interface Cursor {
  /** How many places were asked for: new patients stand in no link. */
  readonly places: number;
  readonly keys: readonly number[];
  readonly id: string;
}

/** How many proposals a page holds. */
export function pageSizeOf({ count = FIND_COUNT_DEFAULT }: FindRequest): number {
  return Math.min(count, FIND_COUNT_MAX);
}

/** Before and after, as `sort` wants it. */
export function byPlace(a: Pick<PlacedProposal, 'keys' | 'id'>, b: Pick<PlacedProposal, 'keys' | 'id'>): number {
  const at = a.keys.findIndex((key, index) => key !== b.keys[index]);
  if (at >= 0) return (a.keys[at] ?? 0) - (b.keys[at] ?? 0);
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** A place in the order as the value of `_cursor`: opaque to callers, and safe in a URL. */
function cursorText({ places, keys, id }: Cursor): string {
  return Buffer.from(JSON.stringify([places, ...keys, id]), 'utf8').toString('base64url');
}

/** Reads what `cursorText` wrote. @throws {Fault} `invalid` for anything else */
export function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  const parts = text.length > CURSOR_LENGTH_MAX ? [] : partsOf(text);
  const [places, ...keys] = parts.slice(0, -1);
  const id = parts.at(-1);
  const isNumbers = [places, ...keys].every((key): key is number => Number.isFinite(key));
  const isPlaces = Number.isInteger(places) && Number(places) >= 1 && Number(places) <= CAPACITY_MAX;
  if (isNumbers && isPlaces && keys.length > 0 && typeof id === 'string') {
    return { places: Number(places), keys: keys as number[], id };
  }
  throw fault('invalid', 'This is no link of ours to a next page: begin again with the first.', CURSOR_PARAM);
}

function partsOf(text: string): readonly unknown[] {
  const bytes = Buffer.from(text, 'base64url');
  // Buffer skips what is not base64url; a text of ours comes out as it went in.
  if (bytes.toString('base64url') !== text) return [];
  try {
    const parts: unknown = JSON.parse(bytes.toString('utf8'));
    return Array.isArray(parts) ? (parts as unknown[]) : [];
  } catch {
    return [];
  }
}

/**
 * What was really asked, as the parameters of a link.
 *
 * @param bounds `start` and `end`, filled in where they were left out
 */
export function askedParams(request: FindRequest, bounds: readonly Param[]): readonly Param[] {
  const named = (name: string, list: readonly NamedResource[]) => list.map((one): Param => [name, nameText(one)]);
  const texts = (name: string, list: readonly string[]) => list.map((text): Param => [name, text]);
  const { referral, healthcareService, ignoreAppointment, occurrenceCount } = request;
  return [
    ...bounds,
    ...named('practitioner', request.practitioners),
    ...named('location-reference', request.locations),
    ...texts('location-string', request.locationTexts),
    ...named('organization', request.organizations),
    ...texts('specialty', request.specialties),
    ...texts('visit-type', request.visitTypes),
    ...named('patient-reference', request.patients),
    ...request.reasons.map((reason): Param => ['reason', reasonText(reason)]),
    ...texts('referral-identifier', referral ? [`${referral.system ?? ''}|${referral.value ?? ''}`] : []),
    ...named('schedule', request.schedules),
    ...named('service-type-reference', healthcareService ? [healthcareService] : []),
    ...named('ignore-appointment', ignoreAppointment ? [ignoreAppointment] : []),
    ...texts('occurrence-count', occurrenceCount === undefined ? [] : [String(occurrenceCount)]),
    ['_count', String(pageSizeOf(request))],
  ];
}

/** The parameters of the page after. */
export function nextParams(asked: readonly Param[], last: Cursor): readonly Param[] {
  return [...asked, [CURSOR_PARAM, cursorText(last)]];
}

function reasonText({ coding: [coding] = [], text }: FindRequest['reasons'][number]): string {
  return coding?.code === undefined ? (text ?? coding?.display ?? '') : `${coding.system ?? ''}|${coding.code}`;
}
