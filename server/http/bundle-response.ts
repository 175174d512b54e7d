import { instantText } from '../base/clock.js';
import type { Answer, Text } from './exchange.js';

/** The answer to a Bundle, from those to its entries. In pieces, since one string has an end that they may cross. */
export function bundleResponse(type: 'batch' | 'transaction', answers: readonly Answer[]): Text {
  const head = `{"resourceType":"Bundle","type":"${type}-response"`;
  if (answers.length === 0) return `${head}}`;
  const entries = answers.flatMap((answer, at) => [at === 0 ? ',"entry":[' : ',', ...entryPieces(answer)]);
  return [head, ...entries, ']}'];
}

/** https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.response */
function entryPieces({ status, headers = {}, updatedMs, text = '' }: Answer): readonly (string | Buffer)[] {
  const { Location: location, ETag: etag } = headers;
  const body = typeof text === 'string' ? [text] : text;
  const first = body[0] ?? '';
  const response = JSON.stringify({
    status: String(status),
    ...(location !== undefined && { location }),
    ...(etag !== undefined && { etag }),
    ...(updatedMs !== undefined && { lastModified: instantText(updatedMs) }),
  });
  if (first.length === 0) return [`{"response":${response}}`];
  const isOutcome = typeof first === 'string' && first.startsWith('{"resourceType":"OperationOutcome"');
  if (isOutcome) return [`{"response":${response.slice(0, -1)},"outcome":`, ...body, '}}'];
  return ['{"resource":', ...body, `,"response":${response}}`];
}
