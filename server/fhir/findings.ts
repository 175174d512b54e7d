import type { Reason } from '../base/fault.js';

/** More than this many reasons tell nobody more; a hostile resource could have a million. */
export const REASONS_MAX = 50;

/**
 * The faults found in one resource: at most one for each element, the first that was found, so that a fault that
 * shows twice (in the schema and in the tables) is told once.
 */
export class Findings {
  readonly #byExpression = new Map<string, Reason>();

  add(kind: Reason['kind'], expression: string, message: string): void {
    if (this.isFull || this.#byExpression.has(expression)) return;
    this.#byExpression.set(expression, { kind, message, expression });
  }

  /** There is no use in looking further. */
  get isFull(): boolean {
    return this.#byExpression.size > REASONS_MAX;
  }

  /** Whether anything was found at an element, or at one whose name begins like it, or inside. */
  hasUnder(expression: string): boolean {
    for (const known of this.#byExpression.keys()) if (known.startsWith(expression)) return true;
    return false;
  }

  hasAt(expression: string): boolean {
    return this.#byExpression.has(expression);
  }

  /** All of them, broken rules last, since the first reason decides the status. */
  reasons(): readonly Reason[] {
    const all = [...this.#byExpression.values()];
    if (all.length === 0) return all;
    const sorted = [...all.filter((it) => it.kind !== 'rule'), ...all.filter((it) => it.kind === 'rule')];
    if (!this.isFull) return sorted;
    return [...sorted.slice(0, REASONS_MAX), { kind: 'invalid', message: 'There are more faults than these.' }];
  }
}
