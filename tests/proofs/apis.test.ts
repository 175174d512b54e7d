/** The checkers of the workload `apis` find a door that oversells or misreports, and nothing where all are sound. */
import { describe, expect, test } from '@jest/globals';
import { apisIn } from '../../proofs/workloads/apis/index.js';
import { anyRequestOfAny } from '../../proofs/workloads/apis/requests.js';
import { findService } from '../../proofs/workloads/apis/service.js';
import { Agendas } from '../../proofs/workloads/bookings/agendas.js';
import type { Reply, ServerInProcess } from '../../proofs/workloads/bookings/server.js';
import { PARTS, seenAtWork, withoutClaims, type Engine, type Proved } from './at-work.js';

const SECONDS_MAX = 120;
const TIMES = 4;

const APIS: Proved = {
  run: (id) => ({ id, documents: TIMES }),
  open: (store, run) => apisIn(store, run, PARTS),
  agendasOf: async (server, run) => new Agendas(run, await findService(server, new Agendas(run))),
  act: anyRequestOfAny,
};

/** A server that answers some paths otherwise than it should. */
const answering =
  (paths: RegExp, change: (body: Body) => object) =>
  (server: ServerInProcess): ServerInProcess => ({
    ...server,
    async ask(asking): Promise<Reply> {
      const reply = await server.ask(asking);
      const isMeant = asking.method !== 'GET' && paths.test(asking.path) && reply.status < 300;
      return isMeant ? { ...reply, body: change(reply.body as Body) } : reply;
    },
  });

interface Body {
  readonly data: Readonly<Record<string, unknown>> & { readonly version?: number };
}

test.concurrent(
  'three sound APIs sell nothing twice, and each gets some of what all want',
  async () => {
    const { offences, attempts } = await seenAtWork('sound', {}, APIS);
    expect(offences).toEqual([]);
    const made = attempts.filter(({ outcome }) => outcome === 'acknowledged');
    const kinds = made.map(({ plan }) => (plan as { readonly kind: string }).kind);
    expect(kinds).toEqual(expect.arrayContaining(['overbooked: book', 'reservekit: book', 'post']));
    expect(attempts.length - made.length).toBeGreaterThan(10);
  },
  SECONDS_MAX * 1_000,
);

describe('three APIs of which', () => {
  const CHECK = /^fhir-slots check: /;

  test.concurrent.each<readonly [string, Engine, readonly RegExp[]]>([
    [
      'none sees what the others have',
      { breaks: withoutClaims(['booked', 'held', 'locked']) },
      [/ have one actor at the same time|^\d+ have Appointment\/\S+ on Slot/, CHECK],
    ],
    [
      'Overbooked tells of bookings as they never were',
      { answersAs: answering(/^bookings/, ({ data }) => ({ data: { ...data, status: 'cancelled' } })) },
      [/^\S+ was told of \{"api":"overbooked".*that version is booked/],
    ],
    [
      'ReserveKit tells of versions that do not come',
      {
        answersAs: answering(/^v1\/bookings/, ({ data }) => ({
          data: typeof data === 'string' ? data : { ...data, version: (data.version ?? 0) + 100 },
        })),
      },
      [/^\S+ was told of \{"api":"reservekit".*that version is not there/],
    ],
  ])(
    '%s are found out',
    async (name, engine, found) => {
      const { offences } = await seenAtWork(name, engine, APIS);
      for (const pattern of found) expect(offences).toContainEqual(expect.stringMatching(pattern));
    },
    SECONDS_MAX * 1_000,
  );
});
