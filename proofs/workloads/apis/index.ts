/**
 * The servers, Schedules and times of the workload `bookings`, and a service of ReserveKit besides: requests of
 * Overbooked, of ReserveKit and of FHIR, mixed, want the same doctors at the same times. What each API was told is held
 * against the versions of the Appointments, and in the end all three must answer alike. See the files `check-….ts`.
 */
import type { Store } from '../../../server/store/index.js';
import type { Run, Scene, Workload } from '../../harness/workload.js';
import { Agendas } from '../bookings/agendas.js';
import { check, expectFree, prepare, sceneAt, stepOf } from '../bookings/index.js';
import { serve, type Parts } from '../bookings/server.js';
import type { Asked } from '../bookings/told.js';
import { apiOffences } from './check-apis.js';
import { makeKey } from './key.js';
import { anyRequestOfAny } from './requests.js';
import { findService, makeService } from './service.js';

export const apis: Workload = {
  open: (place, run) => sceneAt(place, (store, parts) => apisIn(store, run, parts)),
};

/** The workload on an open store, which it does not close. */
export async function apisIn(store: Store, run: Run, parts: Parts): Promise<Scene> {
  const server = await serve(store, parts);
  const agendasNow = async () => new Agendas(run, await findService(server, new Agendas(run)));
  return {
    async prepare() {
      const agendas = new Agendas(run);
      await makeKey(store, run, parts);
      await prepare(server, agendas);
      await makeService(server, agendas);
      await expectFree(server, await agendasNow());
    },
    stepOf(worker) {
      let step: (() => Promise<void>) | undefined;
      return async () => {
        step ??= stepOf(server, await agendasNow(), worker, anyRequestOfAny);
        await step();
      };
    },
    async check(attempts) {
      const agendas = await agendasNow();
      const alsoAfterwards = apiOffences(server, agendas);
      return check({ store, server, agendas, parts, alsoAfterwards }, attempts as readonly Asked[]);
    },
    close: () => server.close(),
  };
}
