import { randomBytes } from 'node:crypto';

/** Makes what nobody can guess; an argument wherever one is needed, so that tests can foresee it. */
export type NewSecret = () => string;

const SECRET_BYTES = 32;

/** 256 random bits in 43 characters that need no escape anywhere (base64url). */
export const newSecret: NewSecret = () => randomBytes(SECRET_BYTES).toString('base64url');
