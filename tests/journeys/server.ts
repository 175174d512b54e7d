/** A whole server in memory of the test: real services, a real store, a clock that stands where it is put. */
import type { Server } from 'node:http';
import type { BundleEntry, BundleLink, FhirResource, Meta, OperationOutcomeIssue, Slot } from 'fhir/r4.js';
import request from 'supertest';
import { makeApp } from '../../server/app.js';
import type { BookingSettings, Resources } from '../../server/booking/index.js';
import { parseJson } from '../../server/fhir/index.js';
import type { Store } from '../../server/store/index.js';
import { closedAtLast } from '../store/left-open.js';
import { stores, type StoreUnderTest } from '../store/stores.js';

/** What every journey runs on: each kind of store once. Of one that cannot run here, tests/store/ says so. */
export const journeyStores = stores.filter(({ name, skip }) => name !== 'sqlite, a file' && skip === undefined);

export interface TestServer {
  readonly http: ReturnType<typeof request.agent>;
  readonly server: Server;
  readonly resources: Resources;
  readonly store: Store;
  /** Where time stands; set it to step. */
  readonly clock: { ms: number };
  put(...resources: FhirResource[]): Promise<void>;
  get(path: string): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnswerBody;
}

/** What a Bundle, an OperationOutcome or a resource is looked into for. */
export interface AnswerBody {
  readonly resourceType: string;
  readonly id?: string;
  readonly meta?: Meta;
  readonly status?: string;
  readonly active?: boolean;
  readonly total?: number;
  readonly link?: readonly BundleLink[];
  readonly entry?: readonly BundleEntry<FhirResource>[];
  readonly issue?: readonly OperationOutcomeIssue[];
}

/** The body of an answer of supertest, which has no type there. */
export function bodyOf({ body }: { readonly body: unknown }): AnswerBody {
  return body as AnswerBody;
}

const SILENT = {
  isLevelEnabled: () => false,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** The defaults of the table of settings. */
export const BOOKING_SETTINGS: BookingSettings = {
  ...{ holdMinutesDefault: 5, holdMinutesMax: 60, lockHoursMax: 24, lockMinutesDefault: 5, holdsPerCallerMax: 50 },
  exclusiveActors: ['Practitioner', 'Device'],
};

const HOST = '127.0.0.1:8080';

/** Settings that are not as the table of settings has them. */
interface Switches {
  readonly overbookedApi?: 'off';
  readonly reservekitApi?: 'off';
  readonly gpconnectStrict?: 'on';
}

/**
 * A server over a place of its own.
 *
 * @param now where the clock stands at first
 */
export async function startServer(
  store: StoreUnderTest,
  now: string,
  defaultTimezone = 'UTC',
  switches: Switches = {},
): Promise<TestServer> {
  const place = await store.newPlace();
  const server = serverOver(await place.open(), now, defaultTimezone, switches);
  return {
    ...server,
    close: closedAtLast(async () => {
      await server.close();
      await place.remove();
    }),
  };
}

/** A server over a store that is open, and that it closes. */
export function serverOver(store: Store, now: string, defaultTimezone = 'UTC', switches: Switches = {}): TestServer {
  const clock = { ms: Date.parse(now) };
  let ids = 0;
  const { server, resources } = makeApp({
    store,
    clock: { nowMs: () => clock.ms },
    newId: () => `new-${(ids += 1)}`,
    log: SILENT,
    settings: {
      ...{ baseUrl: undefined, defaultTimezone, corsOrigin: '*', bodyBytesMax: 1_048_576, trustProxy: 0 },
      ...{ overbookedApi: 'on', reservekitApi: 'on', ...switches },
      booking: BOOKING_SETTINGS,
    },
    version: 'test',
  });
  // One host for all requests: what is remembered between requests is remembered by the base that it was asked under.
  const http = request.agent(server).set('Host', HOST);
  // As an import does: an Appointment of a Slot that was written busy is none that anybody could book.
  async function imported(resource: FhirResource) {
    const body = parseJson(JSON.stringify(resource));
    const [result] = await resources.load([{ body }], { base: `http://${HOST}`, strict: false });
    if (!result?.ok) throw result?.fault ?? new Error('Nothing was loaded.');
  }
  return {
    http,
    server,
    resources,
    store,
    clock,
    async put(...resources) {
      for (const resource of resources) {
        if (resource.resourceType === 'Appointment') {
          await imported(resource);
          continue;
        }
        const answer = await http.put(`/${resource.resourceType}/${resource.id}`).send(resource);
        if (answer.status !== 201 && answer.status !== 200) throw new Error(JSON.stringify(answer.body, null, 1));
      }
    },
    async get(path) {
      const answer = await http.get(path);
      return { status: answer.status, headers: answer.headers, body: bodyOf(answer) };
    },
    close: closedAtLast(async () => {
      // A request that got no answer keeps its connection, and supertest the server.
      server.closeAllConnections();
      if (server.listening) server.close();
      await store.close();
    }),
  };
}

/** The matches of a searchset, by resource. */
export function matchesOf(answer: Pick<Answer, 'body'>): FhirResource[] {
  return resourcesOf(answer, 'match');
}

function resourcesOf({ body }: Pick<Answer, 'body'>, mode: string): FhirResource[] {
  return (body.entry ?? []).flatMap(({ resource, search }) => (resource && search?.mode === mode ? [resource] : []));
}

export function idsOf(answer: Pick<Answer, 'body'>): string[] {
  return matchesOf(answer).map(({ id }) => id ?? '');
}

export function includedOf(answer: Answer): string[] {
  return resourcesOf(answer, 'include').map(({ resourceType, id }) => `${resourceType}/${id}`);
}

export function startsOf(answer: Answer): string[] {
  return matchesOf(answer).map((slot) => (slot as Slot).start);
}

/** A link of a Bundle, as a path that supertest can ask. */
export function linkOf(answer: Answer, relation: string): string | undefined {
  const url = answer.body.link?.find((link) => link.relation === relation)?.url;
  return url && url.replace(/^https?:\/\/[^/]+/, '');
}
