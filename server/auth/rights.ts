import type { Right } from '../booking/index.js';

/** Every right that a key can have. */
export const RIGHTS: readonly Right[] = ['override'];

/** Whether a word names a right. */
export function isRight(word: string): word is Right {
  return (RIGHTS as readonly string[]).includes(word);
}
