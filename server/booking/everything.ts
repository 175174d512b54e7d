import type { Resource } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import { PATIENT_COMPARTMENT, SERVED_TYPES } from '../fhir/index.js';
import { allOf, CURSOR_PARAM, EVERYTHING, parseSearch, positionOf, type Filter } from '../search/index.js';
import type { Store } from '../store/index.js';
import { asOf } from './as-of.js';
import {
  encodePlace,
  readEverythingQuestion,
  type EverythingPlace,
  type EverythingQuestion,
} from './everything-question.js';
import { referredFrom, type IncludesDeps } from './includes.js';
import { BASE_INSIDE } from './inside.js';
import { standing } from './read-resources.js';
import type { Param, RequestContext, SearchAnswer, SearchEntry } from './types.js';

/** Resources that may belong to one patient in the time asked for, and as many to which these may refer. */
export const EVERYTHING_MAX = 5_000;
/** Patients whose resources one page of `Patient/$everything` looks at; it may hold fewer resources than it could. */
export const PATIENTS_PER_PAGE_MAX = 100;

/** The parameters that tell when the care of a resource was. */
const CARE_DATES: ReadonlyMap<string, string> = new Map([
  ['Appointment', 'date'],
  ['AppointmentResponse', 'appointment.date'],
]);

/** What comes along: whatever lies in no patient's compartment, so that nothing of another patient does. */
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
  const all = await recordOf(deps, patientId, question);
  const own = all.filter(({ place }) => place.rank < 2);
  return { ...answerOf(question, pageOf(all.filter(isAfter(question.after)), question.count)), total: own.length };
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

/** Patient by patient, in the order of their ids. */
async function walk(deps: IncludesDeps, question: EverythingQuestion): Promise<EverythingPage> {
  const { after, count } = question;
  const patients = await patientsFrom(deps.store, after?.patient);
  const known = new Set<string>();
  const found: Placed[] = [];
  for (const patient of patients.slice(0, PATIENTS_PER_PAGE_MAX)) {
    const record = await recordOf(deps, patient, question);
    for (const one of record.filter(isAfter(after?.patient === patient ? after : undefined))) {
      const name = `${one.entry.type}/${one.entry.id}`;
      if (!known.has(name)) found.push(one);
      known.add(name);
    }
    if (found.length > count) return pageOf(found, count);
  }
  const isWhole = patients.length <= PATIENTS_PER_PAGE_MAX;
  const last = patients[PATIENTS_PER_PAGE_MAX - 1] ?? '';
  return { shown: found, ...(!isWhole && { next: { patient: last, ...AFTER_ALL } }) };
}

/** No type that comes along is greater, and no id. */
const AFTER_ALL = { rank: 2, type: 'Slot', id: 'z'.repeat(64) } as const;

/** The ids of some patients, from one on that a page ended with. */
async function patientsFrom(store: Store, first: string | undefined): Promise<readonly string[]> {
  const query = { type: 'Patient', filter: EVERYTHING, sort: [], limit: PATIENTS_PER_PAGE_MAX + 1 };
  const after = first === undefined ? {} : { after: positionOf('Patient', [], { id: first, updatedMs: 0, index: {} }) };
  const found = (await store.search({ ...query, ...after })).map(({ document }) => document.id);
  return first === undefined ? found : [first, ...found];
}

/** All that was asked of one patient, in order; nothing where the patient is gone. */
async function recordOf(deps: IncludesDeps, patient: string, question: EverythingQuestion): Promise<readonly Placed[]> {
  const { store, nowMs } = deps;
  const document = await store.read({ type: 'Patient', id: patient });
  if (!document || document.deleted) return [];
  const own = [entryOf(asOf(document, nowMs)), ...(await compartmentOf(deps, patient, question))];
  const supporting = await referredFrom(deps, own, SUPPORTING, BASE_INSIDE, EVERYTHING_MAX);
  const { types, sinceMs } = question;
  const isWanted = ({ type, text }: SearchEntry) =>
    (types?.has(type) ?? true) && (sinceMs === undefined || changedMs(text) > sinceMs);
  const placed = (entries: readonly SearchEntry[], rank: 1 | 2) =>
    entries.filter(isWanted).map((entry): Placed => {
      const { type, id } = entry;
      return { entry, place: { patient, type, id, rank: type === 'Patient' && id === patient ? 0 : rank } };
    });
  return [...placed(own, 1), ...placed(supporting, 2)].sort((a, b) => comparePlaces(a.place, b.place));
}

/** What belongs to a patient, and whose care was in the time asked for where it has such a time. */
async function compartmentOf(
  deps: IncludesDeps,
  patient: string,
  { start, end }: EverythingQuestion,
): Promise<readonly SearchEntry[]> {
  const { store, nowMs, defaultZone: zone } = deps;
  const entries: SearchEntry[] = [];
  for (const [type, param] of PATIENT_COMPARTMENT) {
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
