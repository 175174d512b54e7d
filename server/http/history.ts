import type { Histories, HistoryVersion } from '../booking/index.js';
import { instantText } from '../base/clock.js';
import { bundleLinks } from './bundle-links.js';
import { cutterOf, isSubsetParam } from './cut-version.js';
import type { Handler } from './exchange.js';
import { entityTag } from './preconditions.js';

/**
 * `GET [base]/[type]/[id]/_history`, `[base]/[type]/_history`, `[base]/_history`:
 * https://hl7.org/fhir/R4/http.html#history
 *
 * 200 the versions, the newest first · 400 a parameter cannot be read · 404 there never was such a resource
 */
export function history(histories: Histories): Handler {
  return async ({ path: { type, id }, params, context, presentation }) => {
    const scope = { ...(type !== '' && { type }), ...(id !== '' && { id }) };
    const subset = params.filter(isSubsetParam);
    const cut = cutterOf(subset);
    const asked = params.filter((param) => !isSubsetParam(param));
    const answer = await histories.history(scope, asked, context);
    const path = [type, id, '_history'].filter((part) => part !== '').join('/');
    const total = answer.total === undefined ? '' : `,"total":${answer.total}`;
    const links = bundleLinks(answer, context.base, path, [...subset, ...presentation.params]);
    const entries = answer.versions.map((version) => entryText(version, cut, context.base)).join(',');
    const entry = entries === '' ? '' : `,"entry":[${entries}]`;
    return { status: 200, text: `{"resourceType":"Bundle","type":"history"${total},"link":${links}${entry}}` };
  };
}

const METHODS = { created: 'POST', updated: 'PUT', deleted: 'DELETE' } as const;
const STATUSES = { created: '201', updated: '200', deleted: '204' } as const;

/** https://hl7.org/fhir/R4/bundle.html#history */
function entryText(version: HistoryVersion, cut: (version: HistoryVersion) => string, base: string): string {
  const { type, id, versionId, updatedMs, change } = version;
  const place = `${type}/${id}`;
  const fullUrl = JSON.stringify(`${base}/${place}`);
  const resource = change === 'deleted' ? '' : `"resource":${cut(version)},`;
  const request = JSON.stringify({ method: METHODS[change], url: change === 'created' ? type : place });
  const response = JSON.stringify({
    status: STATUSES[change],
    etag: entityTag(versionId),
    lastModified: instantText(updatedMs),
  });
  return `{"fullUrl":${fullUrl},${resource}"request":${request},"response":${response}}`;
}
