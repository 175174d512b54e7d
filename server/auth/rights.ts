import type { KeyKind, Right } from '../booking/index.js';

/** Every right that a key can have. */
export const RIGHTS: readonly Right[] = ['override'];

/** Whether a word names a right. */
export function isRight(word: string): word is Right {
  return (RIGHTS as readonly string[]).includes(word);
}

/** Every kind of key that other APIs tell apart. */
export const KEY_KINDS: readonly KeyKind[] = ['public', 'secret'];

/** Whether a word names a kind of key. */
export function isKeyKind(word: string): word is KeyKind {
  return (KEY_KINDS as readonly string[]).includes(word);
}
