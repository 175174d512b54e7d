import express, { type Router } from 'express';
import type { SlotsApiParts } from './parts.js';

/** Answers below /resources, /slots and /bookings, whose case matters, and lets all else through. */
export function slotsApiRouter({ bodyBytesMax }: SlotsApiParts): Router {
  const router = express.Router({ caseSensitive: true });
  router.use(['/resources', '/slots', '/bookings'], express.raw({ type: () => true, limit: bodyBytesMax }));
  return router;
}
