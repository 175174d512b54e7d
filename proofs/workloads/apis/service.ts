/** The service of a run: made by ReserveKit, and then, by FHIR, the time of a doctor whom others sell too. */
import type { Schedule } from 'fhir/r4.js';
import type { Agendas, RunService } from '../bookings/agendas.js';
import { answered } from '../bookings/check-answers.js';
import type { ServerInProcess } from '../bookings/server.js';
import { resourcesIn } from '../bookings/told.js';
import { headersOf } from './key.js';

/** Makes the service. The Schedules that FHIR makes, and the key, are there. */
export async function makeService(server: ServerInProcess, agendas: Agendas): Promise<void> {
  const headers = headersOf(agendas.run);
  const request = { method: 'POST', path: 'v1/services', body: agendas.serviceInput(), headers } as const;
  const { data } = answered(await server.ask(request)) as { readonly data: { readonly id: number } };
  const path = `Schedule/rk-service-${String(data.id)}`;
  const schedule = answered(await server.ask({ method: 'GET', path })) as Schedule;
  const actor = [...schedule.actor, { reference: agendas.serviceActor }];
  answered(await server.ask({ method: 'PUT', path, body: { ...schedule, actor } }));
}

/** @throws {Error} where there is none */
export async function findService(server: ServerInProcess, agendas: Agendas): Promise<RunService> {
  const { run, serviceActor } = agendas;
  const found = resourcesIn(answered(await server.ask({ method: 'GET', path: `Schedule?actor=${serviceActor}` })));
  const number = found.flatMap(({ id = '' }) => /^rk-service-(\d+)$/.exec(id)?.[1] ?? [])[0];
  if (number === undefined) throw new Error(`Run ${run.id} has no service.`);
  const path = `v1/services/${number}/time-slots`;
  const { data } = answered(await server.ask({ method: 'GET', path, headers: headersOf(run) })) as TimeSlots;
  return { number: Number(number), timeSlots: data.map(({ id }) => id) };
}

interface TimeSlots {
  readonly data: readonly { readonly id: number }[];
}
