import type { Request, RequestHandler } from 'express';
import type { Clock } from '../base/clock.js';
import type { Log } from './log.js';

/** One line a request at level debug. Without the query and headers: they name patients. */
export function accessLog(log: Log, clock: Clock): RequestHandler {
  return (req, res, next) => {
    if (log.isLevelEnabled('debug')) {
      const startMs = clock.nowMs();
      res.once('close', () => {
        const elapsedMs = clock.nowMs() - startMs;
        log.debug({ method: req.method, path: pathOf(req), status: res.statusCode, elapsedMs }, 'request');
      });
    }
    next();
  };
}

/** The path of a request without its query. */
export function pathOf(req: Request): string {
  return req.originalUrl.split('?', 1)[0] ?? '';
}
