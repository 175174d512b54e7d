import type { Server } from 'node:http';
import type { CapabilityStatement } from 'fhir/r4.js';
import type { Clock } from './base/clock.js';
import type { NewId } from './base/ids.js';
import { callerOfKey } from './auth/index.js';
import {
  makeBookings,
  makeComputedSlotReader,
  makeConflicts,
  makeFind,
  makeHistories,
  makeListing,
  makeNumbers,
  makePoolPlaces,
  makeResources,
  makeSearches,
  makeTransact,
  makeTransactions,
  makeTransactSlots,
  makeValidations,
  proposalOf,
  ScheduleReader,
  writeDeps,
  type BookingSettings,
  type Resources,
  type Searches,
} from './booking/index.js';
import { slotsApiRouter } from './dialects/slots-api/index.js';
import { timeSlotsRouter, type TimeSlotsChoices } from './dialects/time-slots-v1/index.js';
import { ALL_OPERATIONS, baseUrlOf, capabilitiesOf, fhirApp, makeHttpServer, type Log } from './http/index.js';
import type { Store } from './store/index.js';

type Switch = 'on' | 'off';

export interface AppDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly settings: {
    readonly baseUrl: string | undefined;
    readonly defaultTimezone: string;
    readonly corsOrigin: '*' | readonly string[];
    readonly bodyBytesMax: number;
    readonly trustProxy: number;
    readonly overbookedApi: Switch;
    readonly reservekitApi: Switch;
    readonly gpconnectStrict?: Switch;
    readonly booking: BookingSettings;
    readonly reservekit?: TimeSlotsChoices;
  };
  readonly version: string;
}

export interface App {
  /** Not listening yet. */
  readonly server: Server;
  readonly resources: Resources;
  readonly searches: Searches;
}

/** Puts the parts together over a store. */
export function makeApp({ store, clock, newId, log, settings, version }: AppDeps): App {
  const defaultZone = settings.defaultTimezone;
  const schedules = new ScheduleReader(store, defaultZone);
  const computedSlots = makeComputedSlotReader(store, schedules, clock);
  const { exclusiveActors } = settings.booking;
  const writing = {
    ...{ store, clock, newId, defaultZone, computedSlots, schedules, exclusiveActors },
    settings: settings.booking,
  };
  const resources = makeResources(writing);
  const bookings = makeBookings({
    ...writeDeps(writing),
    settings: settings.booking,
    proposalOf: async (id, base) => {
      const deps = { store, clock, schedules, scheduleIdOf: (key: string) => computedSlots.scheduleIdOf(key) };
      const found = await proposalOf(deps, id, base, true);
      return found?.appointment;
    },
    proposalVersion: async (id, base) => (await computedSlots.findProposal(id, base))?.versionId,
    listing: {
      find: makeFind({ store, clock, schedules }),
      conflicts: makeConflicts({ store, clock, defaultZone, schedules }),
    },
  });
  const searches = makeSearches({ store, clock, defaultZone, schedules, computedSlots });
  const { corsOrigin, bodyBytesMax, baseUrl, trustProxy } = settings;
  const histories = makeHistories({ store, clock, defaultZone });
  const transactions = makeTransactions(writing);
  const shared = {
    resources,
    searches,
    histories,
    transactions,
    validations: makeValidations({ ...writing, resources }),
    bookings,
    clock,
    log,
    callerOfKey: (key: string) => callerOfKey(store, key),
  };
  const dialect = { ...shared, bodyBytesMax, baseOf: (host: string | undefined) => baseUrlOf(host, baseUrl) };
  const timeSlots = {
    transact: makeTransact(writeDeps(writing)),
    numbers: makeNumbers({ store, clock }),
    places: makePoolPlaces({ store, schedules, clock }),
    choices: settings.reservekit ?? {},
    version,
  };
  const stored = {
    transact: makeTransactSlots({ ...writeDeps(writing), settings: settings.booking }),
    listing: makeListing({ store, clock, defaultZone, schedules }),
    newId,
  };
  const app = fhirApp({
    ...shared,
    dialects: [
      ...(settings.overbookedApi === 'on' ? [slotsApiRouter({ ...dialect, ...stored })] : []),
      ...(settings.reservekitApi === 'on' ? [timeSlotsRouter({ ...dialect, ...timeSlots })] : []),
    ],
    settings: {
      ...{ corsOrigin, bodyBytesMax, trustProxy, version, gpconnectStrict: settings.gpconnectStrict === 'on' },
      ...(baseUrl !== undefined && { baseUrl }),
    },
    ping: () => store.ping(),
  });
  return { server: makeHttpServer(app), resources, searches };
}

/** What an app can do, whatever its store and settings. */
export function appCapabilities(about: {
  readonly base: string;
  readonly version: string;
  readonly dateMs: number;
}): CapabilityStatement {
  return capabilitiesOf({ ...about, operations: ALL_OPERATIONS });
}
