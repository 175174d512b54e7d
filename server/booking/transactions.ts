import type { Appointment, FhirResource } from 'fhir/r4.js';
import type { Interval } from '../base/interval.js';
import { fault } from '../base/fault.js';
import { liveClaims, takesPlace } from '../claims/index.js';
import { parseJson, printJson, type JsonObject } from '../fhir/index.js';
import { appointmentIn } from './appointment-inputs.js';
import { appointmentKey } from './appointment-key.js';
import { checkBody } from './check-body.js';
import { makeDecide } from './decide.js';
import type { Draft } from './draft.js';
import { permittedBy } from './permissions.js';
import { resourceOf } from './schedule-reader.js';
import { stageRemoval, stageWrite, type WriteDeps } from './stage-write.js';
import type { RequestContext, ResourceVersion, Written } from './types.js';
import { UnitBook } from './unit-book.js';

/** A stretch of time of a Schedule, in one of its pools. */
export interface PoolTime extends Interval {
  readonly schedule: string;
  readonly pool: string;
}

/** Reads and writes that stand or fall together. Each resource is written once at most. */
export interface Transaction {
  /**
   * A resource as this transaction leaves it; undefined where none stands there. The commit stands only while it is
   * the same.
   */
  read(type: string, id: string): Promise<ResourceVersion | undefined>;
  /**
   * Writes a resource whole, under its id, through the engine.
   *
   * @param pool of an Appointment: in which it is to count
   * @throws {Fault} all of `Resources.update`
   */
  put(resource: FhirResource & { readonly id: string }, pool?: string): Promise<Written>;
  /**
   * Sets elements of a resource; undefined takes one away. All else stays as it was written.
   *
   * @throws {Fault} `not-found` where nothing stands there, and all of `put`
   */
  amend(type: string, id: string, elements: JsonObject, pool?: string): Promise<Written>;
  /** Deletes a resource, if one stands there. @throws {Fault} all of `Resources.remove` */
  remove(type: string, id: string): Promise<void>;
  /** The Appointments that have a place of a pool at that time. The commit stands only while they are the same. */
  appointmentsAt(time: PoolTime): Promise<readonly Appointment[]>;
}

/**
 * Decides on what it reads, and commits what it wrote, all or nothing.
 *
 * @param decide taken again, on fresh reading, whenever somebody else was first: it changes nothing but by its
 *   transaction
 */
export type Transact = <T>(context: RequestContext, decide: (transaction: Transaction) => Promise<T>) => Promise<T>;

/** The service for changes of several resources at once. */
export function makeTransact(deps: WriteDeps): Transact {
  const change = makeDecide(deps);
  return (context, decide) => change(context, (draft) => decide(transactionOn(draft, deps, context)));
}

/** What is read and written on a draft. */
export function transactionOn(draft: Draft, deps: WriteDeps, context: RequestContext): Transaction {
  const { base } = context;
  const permitted = permittedBy(context);

  async function read(type: string, id: string): Promise<ResourceVersion | undefined> {
    const key = { type, id };
    const found = await draft.get(key);
    if (!draft.writes(key)) draft.check(key);
    if (!found || found.deleted) return undefined;
    const { text, updatedMs } = found;
    return { type, id, versionId: String(draft.revisionLeft(key)), updatedMs, text };
  }

  async function write(type: string, id: string, exact: unknown, pool: string | undefined): Promise<Written> {
    const body = parseJson(printJson(exact));
    const resource = checkBody(type, body, base);
    const asked = pool === undefined ? {} : { asked: { pool, timeRequired: true } };
    return stageWrite(draft, deps, { type, id, body, resource, base, bulk: false, permitted, ...asked });
  }

  return {
    read,
    put: (resource, pool) => write(resource.resourceType, resource.id, resource, pool),
    async amend(type, id, elements, pool) {
      const before = await read(type, id);
      if (!before) throw fault('not-found', `${type}/${id} does not exist.`);
      const whole = { ...(parseJson(before.text).exact as JsonObject), ...elements };
      const kept = Object.entries(whole).filter(([, value]) => value !== undefined);
      return write(type, id, Object.fromEntries(kept), pool);
    },
    async remove(type, id) {
      const before = await draft.original({ type, id });
      if (before && !before.deleted) await stageRemoval(draft, deps, before, base, permitted);
    },
    async appointmentsAt({ schedule, pool, ...time }) {
      const book = UnitBook.of(draft, deps.clock.nowMs());
      const { claims } = await book.within(await book.timelines(schedule), time);
      const own = liveClaims(claims, book.nowMs).filter(
        (claim) => takesPlace(claim) && claim.schedule === schedule && claim.pool === pool,
      );
      const keys = [...new Set(own.map(({ by }) => by))].map(appointmentKey);
      await draft.prepare(keys);
      const found = await Promise.all(keys.map((key) => draft.get(key)));
      return found.flatMap((document) => appointmentIn(resourceOf(document)[0]) ?? []);
    },
  };
}
