import type { AvailabilityRule } from './types.js';

/** A function of a rule that is reckoned once for each rule object, and forgotten with it. */
export function oncePerRule<T extends object>(make: (rule: AvailabilityRule) => T): (rule: AvailabilityRule) => T {
  const made = new WeakMap<AvailabilityRule, T>();
  return (rule) => {
    const known = made.get(rule);
    if (known) return known;
    const fresh = make(rule);
    made.set(rule, fresh);
    return fresh;
  };
}
