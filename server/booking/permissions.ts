import type { Appointment, AuditEvent, Extension, FhirResource } from 'fhir/r4.js';
import { instantMs, instantText, type Clock } from '../base/clock.js';
import { fault, type Fault } from '../base/fault.js';
import type { NewId } from '../base/ids.js';
import { parseJson, printJson, withMeta, type JsonObject } from '../fhir/index.js';
import { naturalOrderOf } from '../search/index.js';
import { appointmentKey } from './appointment-key.js';
import { HOLD_GIVEN_UP } from './cancelation-reasons.js';
import type { Draft } from './draft.js';
import { resourceIndex } from './resource-index.js';
import { resourceOf } from './schedule-reader.js';
import { keyHashOf, type AppointmentChange } from './stage-appointment.js';
import type { Change } from './stage-write.js';
import { HOLD_UNTIL_URL } from './steps.js';
import type { RequestContext } from './types.js';

/** The longest key of a lock or hold. */
export const KEY_CHARACTERS_MAX = 256;

/** @param place where the key stood @throws {Fault} `invalid` */
export function refuseKeyLength(key: string, place: string): void {
  if (key.length >= 1 && key.length <= KEY_CHARACTERS_MAX) return;
  throw fault('invalid', `A key has 1 to ${KEY_CHARACTERS_MAX} characters.`, place);
}

/** What a caller brings to have its way with a time. */
export interface Permitted {
  readonly keyHash?: string;
  readonly caller?: string;
  /** Why it goes against the rules; the caller has the right to. */
  readonly override?: string;
  readonly hoursOnly?: boolean;
}

/**
 * What a request brings, judged.
 *
 * @throws {Fault} `invalid` for a key of no or too many characters, `forbidden` for an override without the right
 */
export function permittedBy(
  { caller, slotKey, overrideReason, overridesHoursOnly }: RequestContext,
  asked: { readonly key?: string; readonly overrideReason?: string } = {},
): Permitted {
  const key = asked.key ?? slotKey;
  const reason = asked.overrideReason ?? overrideReason;
  if (key !== undefined) refuseKeyLength(key, 'key');
  if (reason !== undefined && !caller?.rights.includes('override')) {
    throw fault('forbidden', 'Only a caller with the right to override may go against the rules.', 'override-reason');
  }
  return {
    ...(key !== undefined && { keyHash: keyHashOf(key) }),
    ...(caller && { caller: caller.name }),
    ...(reason !== undefined && { override: reason }),
    ...(overridesHoursOnly && { hoursOnly: true }),
  };
}

/** What `load` brings: it writes what has been agreed elsewhere, also against the rules. */
const IMPORT: Permitted = { override: 'import' };

/** A write of an Appointment, as the engine takes it. What `load` writes of the past claims nothing: it is over. */
export function appointmentChange(
  deps: { readonly clock: Clock },
  { id, base, bulk, permitted = {}, asked = {} }: Change,
  previous: FhirResource | undefined,
  after: Appointment,
): AppointmentChange {
  const before = previous?.resourceType === 'Appointment' ? previous : undefined;
  const isOver = after.end !== undefined && instantMs(after.end) <= deps.clock.nowMs();
  if (!bulk) return { id, base, before, after, ...permitted, ...asked };
  return { id, base, before, after, ...IMPORT, lenient: true, ...(isOver && { claimsNothing: true }) };
}

/**
 * Holds that were opened by their key are given up for the Appointment that is booked instead.
 *
 * @throws {Fault} `invalid` for one that the same request writes; nothing of the draft may be committed then
 */
export async function stageOpened(
  draft: Draft,
  deps: { readonly clock: Clock; readonly defaultZone: string },
  { base }: Change,
  opened: readonly string[],
): Promise<void> {
  for (const name of opened) {
    const key = appointmentKey(name);
    const { id } = key;
    // Given up is what it had as stored: what the same request has let it claim since would stay for ever.
    if (draft.writes(key)) throw givenUpFault(id);
    const document = await draft.original(key);
    const [held] = resourceOf(document);
    if (!document || held?.resourceType !== 'Appointment') continue;
    const exact = parseJson(document.text).exact as JsonObject;
    const updatedMs = Math.max(deps.clock.nowMs(), document.updatedMs);
    const meta = { id, versionId: String(document.revision + 1), lastUpdated: instantText(updatedMs) };
    const { extension, ...rest } = { ...exact, status: 'cancelled', cancelationReason: HOLD_GIVEN_UP } as JsonObject;
    const kept = ((extension ?? []) as readonly Extension[]).filter(({ url }) => url !== HOLD_UNTIL_URL);
    const text = printJson(withMeta({ ...rest, ...(kept.length > 0 && { extension: kept }) }, meta));
    const index = resourceIndex(JSON.parse(text) as FhirResource, id, deps.defaultZone, base);
    const order = naturalOrderOf('Appointment', index);
    draft.put({ type: 'Appointment', id, updatedMs, deleted: false, text, index, order, keepHistory: true });
  }
}

function givenUpFault(id: string): Fault {
  const message = `Your key opens the hold of Appointment/${id}: do not write it in the same request.`;
  return fault('invalid', message);
}

/** Records that somebody went against the rules, in the commit that did. Nothing where no rule had to give way. */
export async function stageOverride(
  draft: Draft,
  deps: { readonly clock: Clock; readonly newId: NewId; readonly defaultZone: string },
  { id, base, bulk, permitted = {} }: Change,
  overridden: readonly string[],
): Promise<void> {
  if (bulk || overridden.length === 0 || permitted.override === undefined) return;
  const updatedMs = deps.clock.nowMs();
  const eventId = deps.newId();
  const key = { type: 'AuditEvent', id: eventId };
  await draft.prepare([key]);
  const event: AuditEvent = {
    resourceType: 'AuditEvent',
    type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
    action: 'U',
    recorded: instantText(updatedMs),
    outcome: '0',
    outcomeDesc: `${permitted.override} (against: ${[...new Set(overridden)].join(', ')})`,
    agent: [{ name: permitted.caller ?? 'unknown', requestor: true }],
    source: { observer: { display: 'fhir-slots' } },
    entity: [{ what: { reference: `Appointment/${id}` } }],
  };
  const text = printJson(withMeta(event, { id: eventId, versionId: '1', lastUpdated: instantText(updatedMs) }));
  const index = resourceIndex(event, eventId, deps.defaultZone, base);
  const order = naturalOrderOf('AuditEvent', index);
  draft.put({ ...key, updatedMs, deleted: false, text, index, order, keepHistory: true });
}
