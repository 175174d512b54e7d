import { fault } from '../base/fault.js';
import type { DocumentKey } from './index.js';

/** @throws {Fault} `bug` where a document stands twice in one commit */
export function refuseTwice(writes: readonly DocumentKey[]): void {
  if (writes.length < 2) return;
  const seen = new Set<string>();
  for (const { type, id } of writes) {
    const key = `${type}/${id}`;
    if (seen.has(key)) throw fault('bug', `${key} stands twice in one commit.`);
    seen.add(key);
  }
}
