import type { RequestHandler } from 'express';
import { fault } from '../base/fault.js';

const HOST = 'host';

/**
 * Refuses a request with several `Host` headers, of which Node keeps the first and a proxy may have believed another:
 * https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 */
export const hostDoor: RequestHandler = (req, _res, next) => {
  let count = 0;
  // Names and values take turns; this runs for every request, so that the length decides for most names.
  for (let at = 0; at < req.rawHeaders.length; at += 2) {
    const name = req.rawHeaders[at];
    if (name?.length === HOST.length && name.toLowerCase() === HOST) count += 1;
  }
  if (count > 1) throw fault('malformed', 'The request has more than one Host header. Send one.', 'Host');
  next();
};
