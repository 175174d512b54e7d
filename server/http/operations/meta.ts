import type { Resources } from '../../booking/index.js';
import type { Handler } from '../exchange.js';
import { metaAnswer, metaOfVersion } from './meta-answer.js';

/**
 * `GET [base]/$meta`, `[type]/$meta`, `[type]/[id]/$meta`, `[type]/[id]/_history/[vid]/$meta`:
 * https://hl7.org/fhir/R4/resource-operation-meta.html
 *
 * 200 Parameters with the `meta` of the version as `return`, or with all profiles, labels and tags in use · 404 never
 * was · 410 deleted · 422 too many resources have some
 */
export function meta(resources: Pick<Resources, 'read' | 'version' | 'metaInUse'>): Handler {
  return async ({ path: { type, id, versionId }, context }) => {
    if (id === '') return metaAnswer(await resources.metaInUse(type === '' ? undefined : type));
    if (versionId === '') return metaOfVersion(await resources.read(type, id, context));
    return metaOfVersion(await resources.version(type, id, versionId));
  };
}
