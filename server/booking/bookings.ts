import type { Appointment, CodeableConcept, Patient, Schedule, Slot } from 'fhir/r4.js';
import type { Param, RequestContext, ResourceVersion, SearchEntry } from './types.js';

/** What a change rests on. */
export interface Precondition {
  /** The versionId that `If-Match` names: what is acted on stands in this version, or nothing is done (`stale`). */
  readonly ifMatch?: string;
}

/** Opening words of whoever acts on a time that is locked, held, or against the rules. */
export interface Permission extends Precondition {
  /** The key of a lock or hold, 1 to 256 characters. */
  readonly key?: string;
  /** Goes against the rules (notice, hours, closures, limits, the past): only with the right to, and it is kept. */
  readonly overrideReason?: string;
}

/**
 * What a request says a reference is: `Type/id` on this server, of the type that the parameter takes and with a
 * well-formed id, or the identifier by which to look it up. Whether there is such a resource is not known yet.
 */
export type NamedResource =
  { readonly reference: string } | { readonly identifier: { readonly system?: string; readonly value: string } };

/** `$find`: docs of each parameter in docs/operations.md §1.2. Lists are in order of preference. */
export interface FindRequest {
  /** As written: a time with offset or a bare date. Absent: now. */
  readonly start?: string;
  /** Absent: start + 7 days. */
  readonly end?: string;
  readonly practitioners: readonly NamedResource[];
  readonly locations: readonly NamedResource[];
  readonly locationTexts: readonly string[];
  readonly organizations: readonly NamedResource[];
  /** `system|code`, either part may be empty. */
  readonly specialties: readonly string[];
  readonly visitTypes: readonly string[];
  readonly patients: readonly NamedResource[];
  /** Patients that are not stored: each takes a place, none is created. */
  readonly newPatientCount: number;
  readonly reasons: readonly CodeableConcept[];
  readonly referral?: { readonly system?: string; readonly value?: string };
  /** All of them must be free at once. */
  readonly schedules: readonly NamedResource[];
  readonly healthcareService?: NamedResource;
  /** Its time counts as free. */
  readonly ignoreAppointment?: NamedResource;
  /** 2 to 6: first visits of weekly series. */
  readonly occurrenceCount?: number;
  /** Proposals carry contained Slots, as Medplum's callers expect. */
  readonly containedSlots: boolean;
  /** As asked; a page has its limit. */
  readonly count?: number;
  /** `_cursor` of a `next` link, which asks its other parameters again. */
  readonly cursor?: string;
}

export interface FindAnswer {
  readonly total: number;
  /** Each with its id. */
  readonly proposals: readonly (Appointment & { readonly id: string })[];
  /** Parameters of the self link: what was really asked. */
  readonly self: readonly Param[];
  readonly next?: readonly Param[];
  readonly notices: readonly string[];
}

/**
 * What `$hold` and `$book` are asked for: a stored Appointment or a proposal by its id, or a resource. The resource is
 * one that FHIR's rules allow; `exact` is the same tree with the digits it came with, as `ParsedJson` has it. An id
 * that the request gave beside the resource is in the resource.
 */
export type AppointmentInput = { readonly id: string } | { readonly resource: Appointment; readonly exact: unknown };

export interface HoldRequest extends Permission {
  readonly appointment: AppointmentInput;
  /** Whose time, when the resource names no Slot. */
  readonly schedules: readonly NamedResource[];
  readonly patients: readonly NamedResource[];
  /** Absent: the default length from now. Of the past: `invalid`. */
  readonly untilMs?: number;
}

export interface BookRequest extends Permission {
  /** Several: all or none. */
  readonly appointments: readonly AppointmentInput[];
  readonly schedules: readonly NamedResource[];
  readonly patients: readonly NamedResource[];
  /** Created where none of the same id or identifier is stored. FHIR's rules allow them. */
  readonly newPatients: readonly Patient[];
  /** ISiK: that one is cancelled and the new one booked, or neither. */
  readonly cancelledAppointment?: NamedResource;
  readonly comment?: string;
  /** ISiK's and Argonaut's bare or `appt-resource` forms are refused without a Patient. */
  readonly patientRequired: boolean;
}

/**
 * What became of Appointments, and of the Slots that they take. Those that were asked for stand here in the order of
 * the request, the visits of a series in order of time; one that was cancelled for a new one does not.
 */
export interface BookingAnswer {
  readonly appointments: readonly (ResourceVersion & { readonly outcome: 'created' | 'updated' | 'unchanged' })[];
  readonly slots: readonly SearchEntry[];
  /** End of the hold, whole seconds. */
  readonly expiresMs?: number;
  readonly notices: readonly string[];
}

export interface SlotAnswer {
  readonly slot: ResourceVersion;
  /** End of the lock. */
  readonly expiresMs?: number;
}

export interface ConflictsRequest {
  /**
   * The planned change: this Schedule, or a Slot of it, which FHIR's rules allow; absent: what is stored. Whether the
   * availability rules of a Schedule can be read has not been looked at.
   */
  readonly planned?: Schedule | Slot;
  /** As written: a time with offset or a bare date. Absent: now. */
  readonly start?: string;
  readonly end?: string;
}

export interface Conflict {
  readonly appointment: SearchEntry;
  /** The rule or Slot that it collides with. */
  readonly diagnostics: string;
}

/**
 * Every change of who has a time, whichever door it came through. All of them throw Faults: `conflict` for a time that
 * is taken, locked or held, `rule` for what the rules refuse, `forbidden` for a wrong key, one reason each.
 */
export interface Bookings {
  /**
   * @param request `untilMs` absent: a lock without a key, of default length
   * @throws {Fault} `invalid` for a time past, `rule` beyond the longest lock
   */
  lock(
    slotId: string,
    request: Permission & { readonly untilMs?: number },
    context: RequestContext,
  ): Promise<SlotAnswer>;
  unlock(slotId: string, request: Permission, context: RequestContext): Promise<SlotAnswer>;
  disable(slotId: string, request: Precondition, context: RequestContext): Promise<SlotAnswer>;
  enable(slotId: string, request: Precondition, context: RequestContext): Promise<SlotAnswer>;
  find(request: FindRequest, context: RequestContext): Promise<FindAnswer>;
  hold(request: HoldRequest, context: RequestContext): Promise<BookingAnswer>;
  book(request: BookRequest, context: RequestContext): Promise<BookingAnswer>;
  confirm(id: string, request: Permission, context: RequestContext): Promise<BookingAnswer>;
  cancel(
    id: string,
    request: Permission & { readonly reason?: CodeableConcept },
    context: RequestContext,
  ): Promise<BookingAnswer>;
  /** @param request `start`: a time with offset; `schedules`: empty for those it has now */
  reschedule(
    id: string,
    request: Permission & { readonly start: string; readonly schedules: readonly NamedResource[] },
    context: RequestContext,
  ): Promise<BookingAnswer>;
  conflicts(scheduleId: string, request: ConflictsRequest, context: RequestContext): Promise<readonly Conflict[]>;
}
