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
    if (!this.#byExpression.has(expression)) this.#byExpression.set(expression, { kind, message, expression });
  }

  /** Whether anything was found at an element, or at one whose name begins like it, or inside. */
  hasUnder(expression: string): boolean {
    for (const known of this.#byExpression.keys()) if (known.startsWith(expression)) return true;
    return false;
  }

  hasAt(expression: string): boolean {
    return this.#byExpression.has(expression);
  }

  /** All of them, broken rules last, since the first reason decides the status; a last one tells of those left out. */
  reasons(): readonly Reason[] {
    const all = [...this.#byExpression.values()];
    if (all.length === 0) return all;
    const sorted = [...all.filter((it) => it.kind !== 'rule'), ...all.filter((it) => it.kind === 'rule')];
    if (sorted.length <= REASONS_MAX) return sorted;
    const left = sorted.length - REASONS_MAX;
    return [...sorted.slice(0, REASONS_MAX), { kind: 'invalid', message: `There are ${left} more faults like these.` }];
  }
}
