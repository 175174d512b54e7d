import type { Appointment, Extension, Reference } from 'fhir/r4.js';
import { instantText } from '../base/clock.js';
import { localReference, printJson, type JsonObject } from '../fhir/index.js';
import type { Claim } from '../claims/index.js';
import type { Target } from './appointment-targets.js';
import type { AppointmentChange } from './stage-appointment.js';
import { HOLD_UNTIL_URL } from './steps.js';

/** Why an Appointment stands against the rules: kept in it, `valueString`. */
export const OVERRIDE_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/override-reason';

/** The pool in whose capacity an Appointment counts, `valueString`: of the rule that gave it its time. */
export const POOL_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/pool';

/** The extensions that the engine decides. */
const OURS: readonly string[] = [HOLD_UNTIL_URL, OVERRIDE_URL, POOL_URL];

/** The elements of an Appointment that the engine decides. */
const DECIDED = ['slot', 'start', 'end', 'extension', 'supportingInformation'] as const;

export type Amended = Pick<Appointment, (typeof DECIDED)[number]>;

/** The elements that the engine decides take the place of those that were sent, where these stood. */
export function amended(exact: JsonObject, elements: Amended): JsonObject {
  const names = [...new Set([...Object.keys(exact), ...DECIDED])];
  const whole = names.map((name) => {
    const isDecided = (DECIDED as readonly string[]).includes(name);
    return [name, isDecided ? exactly(exact[name], elements[name as keyof Amended]) : exact[name]] as const;
  });
  return Object.fromEntries(whole.filter(([, value]) => value !== undefined));
}

/** As it was written, digits and all, whatever of it stays. */
function exactly(written: unknown, decided: unknown): unknown {
  if (!Array.isArray(written) || !Array.isArray(decided)) return decided;
  const byText = new Map(written.map((one: unknown) => [JSON.stringify(JSON.parse(printJson(one))), one]));
  return decided.map((one: unknown) => byText.get(JSON.stringify(one)) ?? one);
}

/**
 * What the engine says in the resource: each of its Slots, or else Schedules; its pools, which stay told when it gives
 * its time up; when its hold ends; why it may stand.
 */
export function amendedOf(
  change: AppointmentChange,
  targets: readonly Target[],
  claims: readonly Claim[],
  untilMs: number | undefined,
  isOverridden: boolean,
): Amended {
  const { after, before, override, base } = change;
  if (!after) return {};
  const said = (after.extension ?? []).filter(({ url }) => !OURS.includes(url));
  const pools = targets.length > 0 ? claims.flatMap(({ pool }) => pool ?? []) : poolsOf(after);
  const reason = isOverridden ? override : overrideOf(before);
  const extension: Extension[] = [
    ...said,
    ...[...new Set(pools)].map((pool) => ({ url: POOL_URL, valueString: pool })),
    ...(untilMs === undefined ? [] : [{ url: HOLD_UNTIL_URL, valueInstant: instantText(untilMs) }]),
    ...(reason === undefined ? [] : [{ url: OVERRIDE_URL, valueString: reason }]),
  ];
  const named = withSlots(after.slot ?? [], targets, base);
  const slotless = targets.filter(({ slot }) => slot === undefined).map(({ view }) => `Schedule/${view.facts.id}`);
  const information = after.supportingInformation ?? [];
  const missing = slotless.filter((one) => !information.some(({ reference }) => reference === one));
  const startMs = Math.min(...targets.map((target) => target.startMs));
  const endMs = Math.max(...targets.map((target) => target.endMs));
  const [start, end] = [after.start ?? textOfMs(startMs), after.end ?? textOfMs(endMs)];
  return {
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(named.length > 0 && { slot: named }),
    ...(extension.length > 0 && { extension }),
    ...(information.length + missing.length > 0 && {
      supportingInformation: [...information, ...missing.map((reference) => ({ reference }))],
    }),
  };
}

/** The pools in which an Appointment says that it counts. */
export function poolsOf({ extension = [] }: Appointment): readonly string[] {
  return extension.flatMap(({ url, valueString }) => (url === POOL_URL ? (valueString ?? []) : []));
}

/** What was written stays, words and Slots of other servers too; by what is added the engine finds its claims again. */
function withSlots(written: readonly Reference[], targets: readonly Target[], base: string): Reference[] {
  const keys = written.flatMap(({ reference }) => localReference(reference, [base]) ?? []);
  const known = new Set(keys.map(({ type, id }) => `${type}/${id}`));
  const taken = targets.flatMap(({ slot }) => (slot === undefined ? [] : [`Slot/${slot}`]));
  return [...written, ...taken.filter((one) => !known.has(one)).map((reference) => ({ reference }))];
}

function textOfMs(ms: number): string | undefined {
  return Number.isFinite(ms) ? instantText(ms) : undefined;
}

function overrideOf(appointment: Appointment | undefined): string | undefined {
  return appointment?.extension?.find(({ url }) => url === OVERRIDE_URL)?.valueString;
}
