import { setImmediate } from 'node:timers/promises';
import type { Resource } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import { PATIENT_COMPARTMENT, SERVED_TYPES } from '../fhir/index.js';
import { allOf, CURSOR_PARAM, EVERYTHING, parseSearch, positionOf, type Filter } from '../search/index.js';
import { nameOf, type Store } from '../store/index.js';
import { asOf } from './as-of.js';
import {
  encodePlace,
  readEverythingQuestion,
  type EverythingPlace,
  type EverythingQuestion,
} from './everything-question.js';
import { referredFrom, type IncludesDeps } from './includes.js';
import { BASE_INSIDE } from './inside.js';
import { anothers, withoutSlotsOf } from './of-another.js';
import { standing } from './read-resources.js';
import type { Param, RequestContext, SearchAnswer, SearchEntry } from './types.js';

/** Resources that may belong to one patient in the time asked for, and as many to which these may refer. */
export const EVERYTHING_MAX = 5_000;
/** Patients whose resources one page of `Patient/$everything` looks at; it may hold fewer resources than it could. */
export const PATIENTS_PER_PAGE_MAX = 100;
/** Resources looked at for one page of `Patient/$everything` after which no other patient comes on it. */
export const LOOKED_AT_PER_PAGE_MAX = 5_000;

/** The parameters that tell when the care of a resource was. */
const CARE_DATES: ReadonlyMap<string, string> = new Map([
  ['Appointment', 'date'],
  ['AppointmentResponse', 'appointment.date'],
]);

/**
 * What comes along: whatever lies in no patient's compartment, and Schedules. What of it is another patient's all the
 * same, {@link anothers} tells.
 */
const SUPPORTING: readonly string[] = SERVED_TYPES.filter(
  (type) => type === 'Schedule' || !PATIENT_COMPARTMENT.has(type),
);

/** A resource with its place. */
interface Placed {
  readonly place: EverythingPlace;
  readonly entry: SearchEntry;
}

/**
 * All that belongs to a patient and what it refers to, each once, page by page in the order of {@link EverythingPlace}:
 * https://hl7.org/fhir/R4/patient-operation-everything.html
 *
 * @param patientId absent: of all patients, one after the other, what they share once on a page
 * @throws {Fault} `not-found`, `gone`, `invalid`; `too-costly` beyond {@link EVERYTHING_MAX}
 */
export async function everything(
  deps: IncludesDeps,
  patientId: string | undefined,
  params: readonly Param[],
  { strict }: Pick<RequestContext, 'strict'>,
): Promise<SearchAnswer> {
  const question = readEverythingQuestion(params, patientId !== undefined, deps.defaultZone, strict);
  if (patientId === undefined) return answerOf(question, await walk(deps, question));
  standing(await deps.store.read({ type: 'Patient', id: patientId }), { type: 'Patient', id: patientId });
  const { own, ahead } = await recordOf(deps, patientId, question, isAfter(question.after), question.count);
  return { ...answerOf(question, pageOf(ahead, question.count)), total: own };
}

/** A page, and where the next one goes on. */
interface EverythingPage {
  readonly shown: readonly Placed[];
  readonly next?: EverythingPlace;
}

function pageOf(ahead: readonly Placed[], count: number): EverythingPage {
  const shown = ahead.slice(0, count);
  const last = ahead.length > shown.length ? shown.at(-1) : undefined;
  return { shown, ...(last && { next: last.place }) };
}

function answerOf({ applied, remarks }: EverythingQuestion, { shown, next }: EverythingPage): SearchAnswer {
  const kept = applied.filter(([name]) => name !== CURSOR_PARAM);
  const entries = (isIncluded: boolean) =>
    shown.filter(({ place }) => (place.rank === 2) === isIncluded).map(({ entry }) => entry);
  return {
    self: applied,
    ...(next && { next: [...kept, [CURSOR_PARAM, encodePlace(next)]] }),
    matches: entries(false),
    included: entries(true),
    remarks,
  };
}

/** Patient by patient, in the order of their ids; others have their turn between two of them. */
async function walk(deps: IncludesDeps, question: EverythingQuestion): Promise<EverythingPage> {
  const { after, count } = question;
  const patients = await patientsFrom(deps.store, after);
  const known = new Set<string>();
  const found: Placed[] = [];
  let lookedAt = 0;
  for (const [at, patient] of patients.entries()) {
    await setImmediate();
    const isFurther = isAfter(after?.patient === patient ? after : undefined);
    const isNew = (one: Placed) => isFurther(one) && !known.has(nameOf(one.entry));
    const record = await recordOf(deps, patient, question, isNew, count - found.length);
    for (const { entry } of record.ahead) known.add(nameOf(entry));
    found.push(...record.ahead);
    if (found.length > count) return pageOf(found, count);
    lookedAt += record.lookedAt;
    const isEnough = lookedAt >= LOOKED_AT_PER_PAGE_MAX || at + 1 === PATIENTS_PER_PAGE_MAX;
    if (isEnough && at + 1 < patients.length) return { shown: found, next: { patient, ...AFTER_ALL } };
  }
  return { shown: found };
}

/** No type that comes along is greater, and no id. */
const AFTER_ALL = { rank: 2, type: 'Slot', id: 'z'.repeat(64) } as const;

/** The ids of some patients, from one on that a page ended with, if it has more. */
async function patientsFrom(store: Store, after: EverythingPlace | undefined): Promise<readonly string[]> {
  const query = { type: 'Patient', filter: EVERYTHING, sort: [], limit: PATIENTS_PER_PAGE_MAX + 1 };
  const first = after && { after: positionOf('Patient', [], { id: after.patient, updatedMs: 0, index: {} }) };
  const found = (await store.search({ ...query, ...first })).map(({ document }) => document.id);
  return after === undefined || after.id === AFTER_ALL.id ? found : [after.patient, ...found];
}

/** What was asked of one patient. */
interface PatientRecord {
  /** How many of those asked for belong to the patient. */
  readonly own: number;
  /** In order; more than there is room for say only that there are more. */
  readonly ahead: readonly Placed[];
  /** How many resources were looked at. */
  readonly lookedAt: number;
}

/**
 * What was asked of one patient; nothing where the patient is gone. What comes along is looked for only where it is
 * asked for, and where what is the patient's own leaves room for it.
 */
async function recordOf(
  deps: IncludesDeps,
  patient: string,
  question: EverythingQuestion,
  isAhead: (placed: Placed) => boolean,
  room: number,
): Promise<PatientRecord> {
  const { store, nowMs } = deps;
  const document = await store.read({ type: 'Patient', id: patient });
  if (!document || document.deleted) return { own: 0, ahead: [], lookedAt: 1 };
  const hasAlong = SUPPORTING.some((type) => isAskedFor(type, question));
  // What leads to nothing that is asked for is itself looked for only if it is.
  const types = [...PATIENT_COMPARTMENT.keys()].filter((type) => hasAlong || isAskedFor(type, question));
  const own = [entryOf(asOf(document, nowMs)), ...(await compartmentOf(deps, patient, types, question))];
  const ofOwn = placedOf(patient, own, 1, question);
  const ahead = ofOwn.filter(isAhead);
  if (!hasAlong || ahead.length > room) return { own: ofOwn.length, ahead, lookedAt: own.length };
  const supporting = await supportingOf(deps, own);
  const along = placedOf(patient, supporting, 2, question).filter(isAhead);
  return { own: ofOwn.length, ahead: [...ahead, ...along], lookedAt: own.length + supporting.length };
}

/** What the resources of a patient refer to, but for what is another patient's. */
async function supportingOf(deps: IncludesDeps, own: readonly SearchEntry[]): Promise<readonly SearchEntry[]> {
  const isAnothers = anothers(own);
  const schedules = new Set<string>();
  const isLeftOut = (entry: SearchEntry) => {
    const isOut = isAnothers(entry);
    if (isOut && entry.type === 'Schedule') schedules.add(nameOf(entry));
    return isOut;
  };
  const referred = await referredFrom(deps, own, { types: SUPPORTING, isLeftOut }, BASE_INSIDE, EVERYTHING_MAX);
  return withoutSlotsOf(schedules, referred, own);
}

function isAskedFor(type: string, { types }: EverythingQuestion): boolean {
  return types?.has(type) ?? true;
}

/** Those that were asked for, in order. */
function placedOf(
  patient: string,
  entries: readonly SearchEntry[],
  rank: 1 | 2,
  question: EverythingQuestion,
): readonly Placed[] {
  const { sinceMs } = question;
  return entries
    .filter(({ type, text }) => isAskedFor(type, question) && (sinceMs === undefined || changedMs(text) > sinceMs))
    .map((entry): Placed => {
      const { type, id } = entry;
      return { entry, place: { patient, type, id, rank: type === 'Patient' && id === patient ? 0 : rank } };
    })
    .sort((a, b) => comparePlaces(a.place, b.place));
}

/** What of some types belongs to a patient, and whose care was in the time asked for where it has such a time. */
async function compartmentOf(
  deps: IncludesDeps,
  patient: string,
  types: readonly string[],
  { start, end }: EverythingQuestion,
): Promise<readonly SearchEntry[]> {
  const { store, nowMs, defaultZone: zone } = deps;
  const entries: SearchEntry[] = [];
  for (const [type, param] of PATIENT_COMPARTMENT) {
    if (!types.includes(type)) continue;
    const belongs: Filter = { kind: 'reference', param, target: `Patient/${patient}` };
    const date = CARE_DATES.get(type);
    const bounds = [...(start === undefined ? [] : [`ge${start}`]), ...(end === undefined ? [] : [`le${end}`])];
    const asked = date === undefined ? [] : bounds.map((bound): Param => [date, bound]);
    const reading = { nowMs, zone, ownBases: [BASE_INSIDE], strict: true, countDefault: 1 };
    const filter = allOf([belongs, parseSearch(type, asked, reading).filter]);
    const found = await store.search({ type, filter, sort: [], limit: EVERYTHING_MAX + 1 });
    entries.push(...found.map(({ document }) => entryOf(asOf(document, nowMs))));
    if (entries.length > EVERYTHING_MAX) {
      const message = `More than ${EVERYTHING_MAX} resources belong to Patient/${patient}; use start and end.`;
      throw fault('too-costly', message, 'start');
    }
  }
  // A Patient may link to itself.
  return entries.filter(({ type, id }) => type !== 'Patient' || id !== patient);
}

function entryOf({ type, id, text }: SearchEntry): SearchEntry {
  return { type, id, text };
}

/** When a resource changed; what is computed has no such time, and is always new. */
function changedMs(text: string): number {
  const { meta } = JSON.parse(text) as Resource;
  return meta?.lastUpdated === undefined ? Infinity : Date.parse(meta.lastUpdated);
}

function comparePlaces(a: EverythingPlace, b: EverythingPlace): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.type !== b.type) return a.type < b.type ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

function isAfter(after: EverythingPlace | undefined): (placed: Placed) => boolean {
  return ({ place }) => after === undefined || comparePlaces(place, after) > 0;
}
