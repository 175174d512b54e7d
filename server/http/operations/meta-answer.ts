import type { Resource } from 'fhir/r4.js';
import type { ResourceVersion } from '../../booking/index.js';
import type { Answer } from '../exchange.js';
import { versionHead } from '../version-answers.js';

/** The answer of the operations on meta: Parameters with a Meta as `return`; none where it is empty. */
export function metaAnswer(meta: object): Answer {
  const parameter = [{ name: 'return', valueMeta: meta }];
  const answer = { resourceType: 'Parameters', ...(Object.keys(meta).length > 0 && { parameter }) };
  return { status: 200, text: JSON.stringify(answer) };
}

/** The same of one version, with what tells it from others. */
export function metaOfVersion(version: ResourceVersion): Answer {
  const { meta = {} } = JSON.parse(version.text) as Resource;
  return { ...metaAnswer(meta), ...versionHead(version) };
}
