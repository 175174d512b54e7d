import type { ErrorRequestHandler, Request } from 'express';
import { Fault, fault } from '../base/fault.js';
import { outcomeOf } from '../fhir/index.js';
import { pathOf } from './access-log.js';
import type { Log } from './log.js';
import { sendAnswer } from './send-answer.js';

/** The methods of what is computed, Slots and proposals: for nothing else does a service refuse a mounted method. */
const COMPUTED_METHODS = 'GET, HEAD, OPTIONS';

/** When a caller may try again whom we could not serve just now: about what a database needs to change its primary. */
const RETRY_AFTER_SECONDS = 5;
/** The same for who has too many holds: the least by which one of them may have ended. */
const RETRY_AFTER_TOO_MANY_SECONDS = 60;

/** How Express's body reader names its failures, as our Faults. */
const BODY_FAULTS: Readonly<Record<string, Fault>> = {
  'entity.too.large': fault('too-large', 'The body is larger than this server takes (setting BODY_BYTES_MAX).'),
  'encoding.unsupported': fault('media-type', 'This Content-Encoding is not read here. Send gzip, or none.'),
  'request.size.invalid': fault('malformed', 'The body is not as long as Content-Length says.'),
  'request.aborted': fault('malformed', 'The request ended before its body did.'),
};

/** How a failure is told. */
export type Telling = (thrown: unknown, req: Pick<Request, 'method' | 'path'>) => ReturnType<typeof outcomeOf>;

/** The one way by which failures leave: whatever was thrown becomes an OperationOutcome. */
export function errorDoor(log: Log, tell: Telling = outcomeOf): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (thrown: unknown, req, res, next) => {
    if (res.headersSent) return next(thrown);
    const { status, body } = tell(faultOf(thrown), req);
    if (status >= 500) log.error({ err: thrown, method: req.method, path: pathOf(req) }, 'request failed');
    if (status === 503) res.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    if (status === 429) res.setHeader('Retry-After', RETRY_AFTER_TOO_MANY_SECONDS);
    if (status === 405 && !res.hasHeader('Allow')) res.setHeader('Allow', COMPUTED_METHODS);
    sendAnswer(res, { status, text: JSON.stringify(body) }, 'application/fhir+json');
  };
}

/** What Express and its body reader throw, in our words; all else as it is. */
function faultOf(thrown: unknown): unknown {
  if (thrown instanceof Fault || !(thrown instanceof Error)) return thrown;
  const { type, status } = thrown as Error & { type?: string; status?: number };
  if (type !== undefined && Object.hasOwn(BODY_FAULTS, type)) return BODY_FAULTS[type];
  if (thrown instanceof URIError) return fault('malformed', 'The path has an escape that cannot be decoded.');
  if (status === 400) return fault('malformed', 'The body cannot be decompressed.');
  return thrown;
}
