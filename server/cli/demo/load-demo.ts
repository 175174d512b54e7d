import { readdirSync, readFileSync } from 'node:fs';
import type { FhirResource } from 'fhir/r4.js';
import type { Clock } from '../../base/clock.js';
import type { RequestContext, Resources } from '../../booking/index.js';
import type { Store } from '../../store/index.js';
import { Failure } from '../failure.js';
import { demoSlots } from './demo-slots.js';

/** A Schedule of the demo with opening hours on every weekday. */
export const DEMO_SCHEDULE = 'demo-new-york';

const FOLDER = new URL('../../../fixtures/demo/', import.meta.url);

interface DemoDeps {
  readonly resources: Pick<Resources, 'load'>;
  readonly store: Store;
  readonly clock: Clock;
  readonly context: RequestContext;
}

/**
 * Loads the demo clinic. What was there once, changed or deleted since, is left as it is: who tries things out on
 * the demo finds them again after a restart.
 *
 * @throws {Failure} when the server refuses what comes with it
 */
export async function loadDemo({ resources, store, clock, context }: DemoDeps): Promise<void> {
  const demo = [...clinic(), ...demoSlots(clock.nowMs())];
  const revisions = await store.revisions(demo.map(({ resourceType, id }) => ({ type: resourceType, id: id! })));
  const missing = demo.filter((_, index) => revisions[index] === 0);
  const results = await resources.load(
    missing.map((body) => ({ body: { plain: body, exact: body } })),
    context,
  );
  for (const [index, result] of results.entries()) {
    const refused = missing[index];
    if (!result.ok && refused) {
      throw new Failure(`The demo's ${refused.resourceType}/${refused.id} was refused: ${result.fault.message}`);
    }
  }
}

/** The resources of the Bundles in `fixtures/demo`. */
function clinic(): readonly FhirResource[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  return files.sort().flatMap((file) => {
    const bundle = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as { entry: { resource: FhirResource }[] };
    return bundle.entry.map(({ resource }) => resource);
  });
}
