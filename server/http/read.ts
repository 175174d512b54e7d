import type { Resources } from '../booking/index.js';
import { cutVersion } from './cut-version.js';
import type { Handler } from './exchange.js';
import { isNotModified } from './preconditions.js';
import { versionHead } from './version-answers.js';

/**
 * `GET [base]/[type]/[id]`: https://hl7.org/fhir/R4/http.html#read and #cread
 *
 * 200 the current version · 304 the caller has it already · 404 never was · 410 deleted
 */
export function read(resources: Pick<Resources, 'read'>): Handler {
  return async ({ path, params, headers, context }) => {
    const version = await resources.read(path.type, path.id, context);
    const own = versionHead(version);
    if (isNotModified(version, headers['if-none-match'], headers['if-modified-since'])) {
      return { ...own, status: 304 };
    }
    return { ...own, status: 200, text: cutVersion(version, params) };
  };
}
