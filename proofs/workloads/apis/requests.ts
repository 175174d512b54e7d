/** The mixed requests of all three APIs: each with how often it comes. */
import type { Client } from '../bookings/client.js';
import { anyRequest } from '../bookings/requests.js';
import { OVERBOOKED_ACTS } from './overbooked.js';
import { RESERVEKIT_ACTS } from './reservekit.js';

type Act = (client: Client) => Promise<void>;

const FHIR_WEIGHT = 40;
const ACTS: readonly (readonly [number, Act])[] = [[FHIR_WEIGHT, anyRequest], ...OVERBOOKED_ACTS, ...RESERVEKIT_ACTS];
const WEIGHTS = ACTS.reduce((sum, [weight]) => sum + weight, 0);

/** Makes one request of one API, or a few that belong together. */
export async function anyRequestOfAny(client: Client): Promise<void> {
  let left = client.worker.random(WEIGHTS);
  for (const [weight, act] of ACTS) {
    left -= weight;
    if (left < 0) return act(client);
  }
}
