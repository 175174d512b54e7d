import { fault } from '../../base/fault.js';

/** Longest that a caller waits for the database: it gets a 503 within 5 s, with time left to write it. */
export const CALL_MS_MAX = 4_500;

/**
 * The answer of a call to the database, or a refusal in time. What was begun goes on: a commit whose time is over may
 * still be made, and its caller is told so.
 *
 * @throws {Fault} `unavailable` after `msMax`
 */
export function withinTime<T>(call: Promise<T>, msMax = CALL_MS_MAX): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(fault('unavailable', 'The database does not answer. What was asked of it may yet be done; look again.'));
    }, msMax);
    call.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
