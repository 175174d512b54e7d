import type { Interval } from '../base/interval.js';
import { dateRange } from './date-range.js';
import type { IndexContext } from './index-values.js';
import type { IndexValue } from './index-value.js';
import { normalReference } from './references.js';
import type { SearchParameterType } from './search-parameters.js';

type Plain = Readonly<Record<string, unknown>>;

/** Puts what an element holds into the form in which searches compare it; appends to `found`. */
type Converter = (element: unknown, context: IndexContext, found: IndexValue[]) => void;

/**
 * By type of parameter: https://hl7.org/fhir/R4/search.html#table. Which datatype an element has is told by its
 * shape; no two datatypes that one type of parameter may meet share one.
 */
export const CONVERTERS: Readonly<Record<SearchParameterType, Converter>> = {
  token: tokens,
  reference,
  date,
  string: strings,
  number: (element, _context, found) => {
    if (typeof element === 'number') found.push({ kind: 'number', value: element });
  },
  // Only their parts have values: see `modifiedValuesOf`.
  special: () => undefined,
  uri: (element, _context, found) => {
    if (typeof element === 'string') found.push({ kind: 'uri', value: element });
  },
};

/** The parts of HumanName and of Address that a string search looks at. */
const TEXT_PARTS = [
  ...['text', 'family', 'given', 'prefix', 'suffix'],
  ...['line', 'city', 'district', 'state', 'postalCode', 'country'],
];

function tokens(element: unknown, _context: IndexContext, found: IndexValue[]): void {
  if (typeof element === 'string') found.push({ kind: 'token', code: element });
  else if (typeof element === 'boolean') found.push({ kind: 'token', code: String(element) });
  else if (isPlain(element)) {
    const coding = element['coding'];
    // A CodeableConcept of text alone has a value (`:missing=false`), though no code finds it.
    if (Array.isArray(coding) && coding.length > 0) for (const one of coding) found.push(token(one as Plain));
    else found.push(token(element));
  }
}

/** Coding has `code`; Identifier and ContactPoint have `value`. The `use` of a ContactPoint is no system. */
function token(element: Plain): IndexValue {
  const system = element['system'];
  const code = element['code'] ?? element['value'];
  return {
    kind: 'token',
    ...(typeof system === 'string' && { system }),
    ...(typeof code === 'string' && { code }),
  };
}

function reference(element: unknown, context: IndexContext, found: IndexValue[]): void {
  const written = isPlain(element) ? element['reference'] : element;
  const target = typeof written === 'string' ? normalReference(written, context.ownBases) : undefined;
  if (target !== undefined) found.push({ kind: 'reference', target });
}

function date(element: unknown, context: IndexContext, found: IndexValue[]): void {
  const range = typeof element === 'string' ? dateRange(element, context.zone) : spanOf(element, context);
  if (range) found.push({ kind: 'date', startMs: range.startMs, endMs: range.endMs });
}

/** Period, or Timing from its first event to its last. */
function spanOf(element: unknown, context: IndexContext): Interval | undefined {
  if (!isPlain(element)) return undefined;
  const { start, end, event } = element;
  if (Array.isArray(event)) {
    const ranges = event.flatMap((time) => (typeof time === 'string' ? (dateRange(time, context.zone) ?? []) : []));
    if (ranges.length === 0) return undefined;
    const startMs = Math.min(...ranges.map((range) => range.startMs));
    return { startMs, endMs: Math.max(...ranges.map((range) => range.endMs)) };
  }
  const repeat = element['repeat'];
  if (isPlain(repeat)) return spanOf(repeat['boundsPeriod'], context);
  return {
    startMs: (typeof start === 'string' ? dateRange(start, context.zone)?.startMs : undefined) ?? -Infinity,
    endMs: (typeof end === 'string' ? dateRange(end, context.zone)?.endMs : undefined) ?? Infinity,
  };
}

function strings(element: unknown, _context: IndexContext, found: IndexValue[]): void {
  if (typeof element === 'string') found.push({ kind: 'string', text: element });
  else if (isPlain(element)) {
    for (const part of TEXT_PARTS) {
      for (const text of [element[part]].flat()) if (typeof text === 'string') found.push({ kind: 'string', text });
    }
  }
}

function isPlain(element: unknown): element is Plain {
  return typeof element === 'object' && element !== null && !Array.isArray(element);
}
