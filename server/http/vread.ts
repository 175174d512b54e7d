import type { Resources } from '../booking/index.js';
import { cutVersion } from './cut-version.js';
import type { Handler } from './exchange.js';
import { versionHead } from './version-answers.js';

/**
 * `GET [base]/[type]/[id]/_history/[vid]`: https://hl7.org/fhir/R4/http.html#vread
 *
 * 200 that version · 404 no such version · 410 the version that deleted it
 */
export function vread(resources: Pick<Resources, 'version'>): Handler {
  return async ({ path, params }) => {
    const version = await resources.version(path.type, path.id, path.versionId);
    return { ...versionHead(version), status: 200, text: cutVersion(version, params) };
  };
}
