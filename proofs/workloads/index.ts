import type { Workload } from '../harness/workload.js';

/** Each by the name that `--workload` takes. */
const WORKLOADS: Readonly<Record<string, () => Promise<Workload>>> = {
  apis: async () => (await import('./apis/index.js')).apis,
  bookings: async () => (await import('./bookings/index.js')).bookings,
  transfers: async () => (await import('./transfers/index.js')).transfers,
};

/** @throws {Error} for a name that no workload has */
export async function workloadNamed(name: string): Promise<Workload> {
  const load = Object.hasOwn(WORKLOADS, name) ? WORKLOADS[name] : undefined;
  if (!load) throw new Error(`There is no workload '${name}'. There are: ${Object.keys(WORKLOADS).join(', ')}.`);
  return load();
}
