import type { RequestHandler } from 'express';
import { sendAnswer } from './send-answer.js';

/**
 * `GET /health`, for load balancers and containers; no FHIR, though worded after
 * https://hl7.org/fhir/R4/http.html#general. Neither Host nor Accept matters to it.
 *
 * 200 the store can be read · 503 it cannot
 */
export function health(ping: () => Promise<void>): RequestHandler {
  return async (_req, res) => {
    await ping();
    sendAnswer(res, { status: 200, text: '{"status":"ok"}' }, 'application/json');
  };
}
