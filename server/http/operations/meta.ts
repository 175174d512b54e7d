import type { Resource } from 'fhir/r4.js';
import type { Resources } from '../../booking/index.js';
import type { Handler } from '../exchange.js';

/**
 * `GET [base]/[type]/[id]/$meta`: https://hl7.org/fhir/R4/resource-operation-meta.html
 *
 * 200 Parameters with the `meta` of the current version as `return` · 404 never was · 410 deleted
 */
export function meta(resources: Pick<Resources, 'read'>): Handler {
  return async ({ path, context }) => {
    const version = await resources.read(path.type, path.id, context);
    const { meta: valueMeta } = JSON.parse(version.text) as Resource;
    const answer = { resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta }] };
    return { status: 200, text: JSON.stringify(answer) };
  };
}
