import express, { type Router } from 'express';
import type { TimeSlotsParts } from './parts.js';

/** Answers below /v1, whose case matters, and lets all else through. */
export function timeSlotsRouter({ bodyBytesMax }: TimeSlotsParts): Router {
  const router = express.Router({ caseSensitive: true });
  router.use('/v1', express.raw({ type: () => true, limit: bodyBytesMax }));
  return router;
}
