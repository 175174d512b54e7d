/** The key by which clients of the other APIs call: every process of a run knows it. */
import { createHash } from 'node:crypto';
import type { Store } from '../../../server/store/index.js';
import type { Run } from '../../harness/workload.js';
import type { Asking } from '../bookings/server.js';
import type { Parts } from '../bookings/server.js';

export async function makeKey(store: Store, run: Run, { makeApiKeys, clock }: Parts): Promise<void> {
  await makeApiKeys({ store, clock, newSecret: () => secretOf(run).toString('base64url') }).create(
    run.id,
    [],
    'secret',
  );
}

/** The headers of a call. */
export function headersOf(run: Run): NonNullable<Asking['headers']> {
  return { 'Content-Type': 'application/json', Authorization: `Bearer sk_${secretOf(run).toString('hex')}` };
}

/** No secret at all, but as long as one. */
function secretOf({ id }: Run): Buffer {
  return createHash('sha256').update(id).digest();
}
