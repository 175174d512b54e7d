import type { ApiAnswer } from './parts.js';

/** The answer to a deletion: never an empty one, since the SDKs parse every body. */
export const OK: ApiAnswer = { data: 'ok' };
