/**
 * @module auth
 *
 * Who calls: API keys, and the callers that they stand for. A *key* is shown once, when it is made; what is kept is a
 * *key record*, found by the hash of its key. A *caller* has the name and the rights of its key.
 *
 * May import: base, search, store types, booking types. Imported by: app, cli.
 */
export { makeApiKeys, type ApiKey, type ApiKeys } from './api-keys.js';
export { callerOfKey } from './caller-of-key.js';
export { isKeyKind, isRight, KEY_KINDS, RIGHTS } from './rights.js';
