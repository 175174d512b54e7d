import { fault } from '../base/fault.js';
import { fhirPathEngine } from './fhirpath-engine.js';

/** Finds the elements of a resource that an expression names. */
export type Selector = (resource: object) => readonly unknown[];

/** `Slot.start`, `Appointment.participant.actor`: a type and names of elements, nothing else. */
const DOTTED_PATH = /^[A-Z][A-Za-z]*(?:\.[a-z][A-Za-z]*)+$/;

/**
 * Compiles an expression of a SearchParameter once. A dotted path becomes plain property reads (0.2 µs; fhirpath
 * needs 2 to 4 µs); it must not name an element with a choice of types. All else goes to fhirpath.
 */
export function selectorOf(expression: string): Selector {
  if (DOTTED_PATH.test(expression)) {
    const names = expression.split('.').slice(1);
    return (resource) => collect(resource, names, 0, []);
  }
  let evaluate: ((resource: object) => unknown) | undefined;
  return (resource) => {
    try {
      evaluate ??= compileWithFhirpath(expression);
      // fhirpath marks the objects that it answers with a hidden `__path__`: never those of the caller.
      const found = evaluate(JSON.parse(JSON.stringify(resource)) as object);
      return Array.isArray(found) ? (found as unknown[]) : [found];
    } catch (cause) {
      throw fault('bug', `The expression ${expression} failed.`, expression, cause);
    }
  };
}

/** What lies under a path of names: arrays are walked through, what is absent or null is nothing. */
function collect(value: unknown, names: readonly string[], depth: number, found: unknown[]): unknown[] {
  if (Array.isArray(value)) for (const item of value) collect(item, names, depth, found);
  else if (value === undefined || value === null) return found;
  else if (depth === names.length) found.push(value);
  else if (typeof value === 'object') {
    collect((value as Record<string, unknown>)[names[depth] as string], names, depth + 1, found);
  }
  return found;
}

function compileWithFhirpath(expression: string): (resource: object) => unknown {
  const { compile, r4 } = fhirPathEngine();
  return compile(expression, r4);
}
