import { instantText } from '../base/clock.js';
import { wholeText, type Answer, type Text } from './exchange.js';

/** The answer to a Bundle, from those to its entries. */
export function bundleResponse(type: 'batch' | 'transaction', answers: readonly Answer[]): Text {
  const entry = answers.length === 0 ? '' : `,"entry":[${answers.map(entryText).join(',')}]`;
  return `{"resourceType":"Bundle","type":"${type}-response"${entry}}`;
}

/** https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.response */
function entryText({ status, headers = {}, text }: Answer): string {
  const { Location: location, ETag: etag } = headers;
  const modified = headers['Last-Modified'];
  const body = text === undefined ? undefined : wholeText(text);
  const isOutcome = body?.startsWith('{"resourceType":"OperationOutcome"') === true;
  const response = JSON.stringify({
    status: String(status),
    ...(location !== undefined && { location }),
    ...(etag !== undefined && { etag }),
    ...(modified !== undefined && { lastModified: instantText(Date.parse(modified)) }),
  });
  const outcome = isOutcome ? `${response.slice(0, -1)},"outcome":${body}}` : response;
  const resource = body === undefined || isOutcome ? '' : `"resource":${body},`;
  return `{${resource}"response":${outcome}}`;
}
