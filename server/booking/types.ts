import type { Reason } from '../base/fault.js';
import type { MetaSets, ParsedJson, Patch } from '../fhir/index.js';

/** One version of a resource, as it goes out: its text carries `id`, `meta.versionId` and `meta.lastUpdated`. */
export interface ResourceVersion {
  readonly type: string;
  readonly id: string;
  readonly versionId: string;
  /** Absent for a computed slot, which changes with what it follows from and at no time of its own. */
  readonly updatedMs?: number;
  readonly text: string;
}

export interface Written extends ResourceVersion {
  readonly updatedMs: number;
  /** `found`: `If-None-Exist` met a resource, nothing was written. `unchanged`: it stood there already. */
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'found';
}

/** The version that must stand there for a write to happen; null: nothing may, as `If-None-Match: *` has it. */
export type Expected = string | null;

/** What an interaction is about: an id, or the search that finds one resource at most. */
export type Target = string | readonly Param[];

/** The version that stands for a deletion. */
export type Removed = Omit<ResourceVersion, 'text'>;

/** What a patch has made of a resource; of a computed Slot, whose patch locks or unlocks it, no time is known. */
export type Patched = ResourceVersion & Pick<Written, 'outcome'>;

/** What a request brings along, whichever door it came through. */
export interface RequestContext {
  /** The base URL under which the caller reached us, without a slash at the end: references that begin so are ours. */
  readonly base: string;
  /** `Prefer: handling=strict`: unknown search parameters are refused. */
  readonly strict: boolean;
  /** Absent where nobody knows who calls. */
  readonly caller?: Caller;
  /** The header `X-Slot-Key`, 1 to 256 characters: what an operation brings as its parameter `key`. */
  readonly slotKey?: string;
  /** Why a plain write goes against the rules: what an operation brings as its parameter `override-reason`. */
  readonly overrideReason?: string;
  /** That reason is for the hours and the past alone: closures, notice, booking window and limits hold. */
  readonly overridesHoursOnly?: boolean;
  /** The header `Idempotency-Key`. */
  readonly idempotency?: Idempotency;
}

/**
 * What a request that may come again is known by:
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export interface Idempotency {
  /** Hash of the caller and the key that it chose. */
  readonly id: string;
  /** Hash of all that must be the same when the key comes again: method, path, query and body. */
  readonly fingerprint: string;
}

/** What a caller may do beyond what all may. */
export type Right = 'override';

/** A `public` key may stand in a browser, where everybody reads it; a `secret` one is for servers. */
export type KeyKind = 'public' | 'secret';

/** Who sends a request. */
export interface Caller {
  readonly name: string;
  readonly rights: readonly Right[];
  /** What the APIs that tell kinds of keys apart let it do. Absent: its key is none of theirs. */
  readonly kind?: KeyKind;
  /** Nothing but the address tells who it is: the next request of the same client may come from another one. */
  readonly byAddress?: true;
}

/** The settings that bookings follow. */
export interface BookingSettings {
  /** How long a hold lasts when nobody says, and at most. */
  readonly holdMinutesDefault: number;
  readonly holdMinutesMax: number;
  /** How far ahead the end of a lock may lie. */
  readonly lockHoursMax: number;
  /** How long a lock without a key lasts. */
  readonly lockMinutesDefault: number;
  /** Holds and locks that one caller may have at a time. */
  readonly holdsPerCallerMax: number;
  /** The types of actors that can be in one place at a time: each of them is a timeline. */
  readonly exclusiveActors: readonly ExclusiveActor[];
}

/** A PractitionerRole is its Practitioner. */
export type ExclusiveActor = 'Practitioner' | 'Device' | 'Location' | 'HealthcareService';

/** Reads and writes of single resources: the only door to the store for whoever changes something. */
export interface Resources {
  /** @throws {Fault} `not-found`, `gone` */
  read(type: string, id: string, context: RequestContext): Promise<ResourceVersion>;
  /** @throws {Fault} `not-found`; `gone` for the version that deleted it */
  version(type: string, id: string, versionId: string): Promise<ResourceVersion>;
  /**
   * @param ifNoneExist the search of the header `If-None-Exist`, already decoded into pairs
   * @throws {Fault} `invalid` and its like for the body, `rule`, `conflict`, `ambiguous` for several matches
   */
  create(type: string, body: ParsedJson, context: RequestContext, ifNoneExist?: readonly Param[]): Promise<Written>;
  /**
   * An unknown id is created, and so is what a condition does not find, under the id of the body or a new one.
   * @throws {Fault} `stale` and all of `create`
   */
  update(
    type: string,
    target: Target,
    body: ParsedJson,
    context: RequestContext,
    expected?: Expected,
  ): Promise<Written>;
  /**
   * Of `Slot.status` see `patch-slot.ts`.
   * @param ifMatch versionId from `If-Match`
   * @throws {Fault} `not-found`, `gone`, `stale`, `ambiguous`, `rule` for a patch that does not apply
   */
  patch(type: string, target: Target, patch: Patch, context: RequestContext, ifMatch?: string): Promise<Patched>;
  /** Profiles, security labels and tags of all resources of a type, or of all. @throws {Fault} `too-costly` */
  metaInUse(type: string | undefined): Promise<MetaSets>;
  /** Undefined where there was nothing to delete. @throws {Fault} `stale`, `ambiguous`, `conflict`, `method` */
  remove(type: string, target: Target, context: RequestContext, ifMatch?: string): Promise<Removed | undefined>;
  /**
   * Writes many at once, by id, for `load`: each is validated and judged as `update` does, valid ones are written
   * together. References to resources that are not there yet are not refused here: see `danglingReferences`.
   */
  load(items: readonly LoadItem[], context: RequestContext): Promise<readonly LoadResult[]>;
}

export interface LoadItem {
  readonly body: ParsedJson;
}

/** What became of one item: written, or refused and why. */
export type LoadResult =
  | {
      readonly ok: true;
      readonly type: string;
      readonly id: string;
      readonly outcome: Written['outcome'];
      readonly references: readonly string[];
    }
  | { readonly ok: false; readonly fault: Error };

/** One search parameter as it stood in the request: decoded name (with modifiers) and value. */
export type Param = readonly [name: string, value: string];

export interface Searches {
  /**
   * @param within only what belongs to another resource; not for Slots, which belong to none
   * @throws {Fault} `invalid`, `required`, `not-supported`, `too-costly`
   */
  search(type: string, params: readonly Param[], context: RequestContext, within?: Within): Promise<SearchAnswer>;

  /**
   * Whether a search of a type can be read at all, which needs no store.
   * @throws {Fault} as `search`, but for what is found out by asking
   */
  check(type: string, params: readonly Param[], context: RequestContext): void;

  /**
   * A search over all types, or those of `_type`.
   *
   * @param patient `Patient/id`: only what belongs to the patient
   * @throws {Fault} as `search`
   */
  searchSystem(params: readonly Param[], context: RequestContext, patient?: string): Promise<SearchAnswer>;

  /**
   * All that belongs to a patient, or to each of them, and what it refers to: see `everything.ts`.
   *
   * @throws {Fault} `not-found`, `gone`, `invalid`, `too-costly`
   */
  everything(patientId: string | undefined, params: readonly Param[], context: RequestContext): Promise<SearchAnswer>;
}

/** What refers to one resource by one parameter. */
export interface Within {
  readonly param: string;
  /** `Type/id`. */
  readonly target: string;
}

/** A searchset, before it is written as a Bundle. */
export interface SearchAnswer {
  /** Absent where it was not asked for and is not free. */
  readonly total?: number;
  /** What was really asked: ignored parameters left out, caps and windows applied. */
  readonly self: readonly Param[];
  /** The parameters of the next page; absent on the last. */
  readonly next?: readonly Param[];
  readonly matches: readonly SearchEntry[];
  readonly included: readonly SearchEntry[];
  /** Things the caller should know (an ignored parameter, a capped `_count`), told as an OperationOutcome entry. */
  readonly remarks: readonly string[];
}

export interface SearchEntry {
  readonly type: string;
  readonly id: string;
  /** The resource as JSON text, already cut by `_elements` or `_summary`. */
  readonly text: string;
}

/** Whose versions are asked for: of one resource, of a type, or of all. */
export interface HistoryScope {
  readonly type?: string;
  readonly id?: string;
}

/** A write of a transaction, with its place in the Bundle. */
export interface TransactionEntry {
  readonly at: number;
  /** What other entries call its resource. */
  readonly fullUrl?: string;
  readonly type: string;
  readonly act:
    | { readonly kind: 'create'; readonly body: ParsedJson; readonly condition?: readonly Param[] }
    | { readonly kind: 'update'; readonly target: Target; readonly body: ParsedJson }
    | { readonly kind: 'patch'; readonly target: Target; readonly patch: Patch }
    | { readonly kind: 'delete'; readonly target: Target };
  /** Only an update may expect nothing. */
  readonly expected?: Expected;
}

/** What became of an entry; null where there was nothing to delete. */
export type TransactionResult = Patched | Removed | null;

export interface Transactions {
  /**
   * Does all or nothing, in one commit: https://hl7.org/fhir/R4/http.html#transaction
   *
   * @returns one result for each entry, in their order
   * @throws {Fault} whatever one of them is refused for, naming its place
   */
  transact(entries: readonly TransactionEntry[], context: RequestContext): Promise<readonly TransactionResult[]>;
}

export interface Histories {
  /**
   * The versions of a resource, of a type or of all, the newest first; what has changed by itself among them.
   *
   * @param params `_since`, `_at`, `_count`, and where a page goes on
   * @throws {Fault} `not-found` for a resource that never was, `invalid`, `too-costly`
   */
  history(scope: HistoryScope, params: readonly Param[], context: RequestContext): Promise<HistoryAnswer>;
}

/** A page of a history, before it is written as a Bundle. */
export interface HistoryAnswer {
  /** Only where it is free: one page has all. */
  readonly total?: number;
  readonly self: readonly Param[];
  /** The parameters of the next page; absent on the last. */
  readonly next?: readonly Param[];
  /** Those of the page before; absent on the first, and with `_at`. */
  readonly prev?: readonly Param[];
  readonly versions: readonly HistoryVersion[];
}

export interface HistoryVersion extends ResourceVersion {
  readonly updatedMs: number;
  /** What made the version; the text of a deletion is empty. */
  readonly change: 'created' | 'updated' | 'deleted';
}

/** What `$validate` is asked: https://hl7.org/fhir/R4/resource-operation-validate.html */
export interface ValidationRequest {
  readonly type: string;
  /** Of the instance that it is about. */
  readonly id?: string;
  /** What is going to be done with the resource; absent: whether it is right as it stands. */
  readonly mode?: 'create' | 'update' | 'delete' | 'profile';
  /** Absent: the resource that is stored. */
  readonly body?: ParsedJson;
  /** Canonical URLs, besides those that the resource claims in its `meta.profile`. */
  readonly profiles: readonly string[];
}

/** What was found. */
export interface Validation {
  /** What a write would be refused for, and what profiles forbid; empty for a valid resource. */
  readonly faults: readonly Reason[];
  /** Profiles that nobody here knows, so that they were not checked. */
  readonly unknownProfiles: readonly string[];
}

export interface Validations {
  /**
   * Judges a resource as a write would, and by profiles. Nothing is written.
   *
   * @throws {Fault} `required`, `invalid`, `not-supported` for a question that makes no sense; `not-found`, `gone`
   * where there is no resource to judge
   */
  validate(request: ValidationRequest, context: RequestContext): Promise<Validation>;
}
