import { dateRange } from './date-range.js';
import { has, isObject, type JsonObject } from './json-object.js';

/** One rule of the specification about a type, beyond types and cardinalities. */
export interface Invariant {
  readonly key: string;
  /** The elements it looks at: where one of them is at fault already, that is told and not this. */
  readonly reads: readonly string[];
  /** The element that is named; absent: the node itself. */
  readonly element?: string;
  /** `rule` for what is ours and not FHIR's. */
  readonly kind?: 'rule';
  readonly holds: (node: JsonObject) => boolean;
  readonly message: string;
}

const UCUM = 'http://unitsofmeasure.org';

/** No zone is further from UTC: between a date and an instant nobody can tell more closely. */
const OFFSET_MS_MAX = 14 * 3_600_000;

/** app-3: statuses that need no time, or whose own fault is told elsewhere. */
const NEEDS_TIME = new Set<unknown>([
  'pending',
  'booked',
  'arrived',
  'fulfilled',
  'noshow',
  'entered-in-error',
  'checked-in',
]);
/** app-4 as published says `no-show`, which is no code. */
const CANCELLED = new Set<unknown>(['cancelled', 'noshow']);

const startBeforeEnd: Invariant = {
  key: 'start-end',
  kind: 'rule',
  reads: ['start', 'end'],
  element: 'end',
  holds: ({ start, end }) => isBefore(start, end),
  message: 'The end must come after the start.',
};

/**
 * The error-level constraints of the served types and their datatypes, by type. Those on every element stand
 * elsewhere: ele-1 and ref-1 with the elements, dom-2 to dom-5 in `contained.ts`, txt-1 and txt-2 in `narrative.ts`.
 * Left out: those of datatypes that only an extension could hold and nobody here reads (DataRequirement, Expression,
 * TriggerDefinition).
 */
export const INVARIANTS: Readonly<Record<string, readonly Invariant[] | undefined>> = {
  Slot: [startBeforeEnd],
  Appointment: [
    startBeforeEnd,
    {
      key: 'app-2',
      reads: ['start', 'end'],
      holds: (node) => has(node, 'start') === has(node, 'end'),
      message: 'Give both start and end, or neither.',
    },
    {
      key: 'app-3',
      reads: ['start', 'end', 'status'],
      holds: (node) => has(node, 'start') || has(node, 'end') || !NEEDS_TIME.has(node['status']),
      message: 'Only a proposed, cancelled or waitlist Appointment may lack start and end.',
    },
    {
      key: 'app-4',
      reads: ['status', 'cancelationReason'],
      element: 'cancelationReason',
      holds: ({ status, cancelationReason }) =>
        cancelationReason === undefined || status === undefined || CANCELLED.has(status),
      message: 'Only a cancelled or noshow Appointment has a cancelationReason.',
    },
  ],
  'Appointment.participant': [eitherOf('app-1', ['type', 'actor'])],
  AppointmentResponse: [startBeforeEnd, eitherOf('apr-1', ['participantType', 'actor'])],
  Organization: [
    eitherOf('org-1', ['identifier', 'name']),
    notAtHome('org-3', 'telecom'),
    notAtHome('org-2', 'address'),
  ],
  'Patient.contact': [eitherOf('pat-1', ['name', 'telecom', 'address', 'organization'])],
  Extension: [
    {
      key: 'ext-1',
      reads: ['extension', 'value'],
      holds: (node) => (node['extension'] !== undefined) !== hasValue(node),
      message: 'An extension has either a value or extensions of its own.',
    },
  ],
  Period: [
    {
      key: 'per-1',
      reads: ['start', 'end'],
      holds: ({ start, end }) => mayBeInOrder(start, end),
      message: 'The start must not come after the end.',
    },
  ],
  Attachment: [needs('att-1', 'data', 'contentType')],
  ContactPoint: [needs('cpt-2', 'value', 'system')],
  Quantity: [needs('qty-3', 'code', 'system')],
  Age: [
    needs('qty-3', 'code', 'system'),
    needs('age-1', 'value', 'code'),
    inUcum('age-1'),
    atLeast('age-1', Number.MIN_VALUE),
  ],
  Count: [needs('qty-3', 'code', 'system'), needs('cnt-3', 'value', 'code'), inUcum('cnt-3')],
  Distance: [needs('qty-3', 'code', 'system'), needs('dis-1', 'value', 'code'), inUcum('dis-1')],
  Duration: [needs('qty-3', 'code', 'system'), needs('drt-1', 'code', 'value'), inUcum('drt-1')],
  Range: [
    {
      key: 'rng-2',
      reads: ['low', 'high'],
      holds: ({ low, high }) => !isObject(low) || !isObject(high) || isAtMost(low, high),
      message: 'The low end must not be above the high one.',
    },
  ],
  Ratio: [
    {
      key: 'rat-1',
      reads: ['numerator', 'denominator'],
      holds: (node) =>
        has(node, 'numerator') === has(node, 'denominator') && Object.keys(node).some((it) => it !== 'id'),
      message: 'Give both numerator and denominator, or neither.',
    },
  ],
  'Timing.repeat': [
    needs('tim-1', 'duration', 'durationUnit'),
    needs('tim-2', 'period', 'periodUnit'),
    atLeast('tim-4', 0, 'duration'),
    atLeast('tim-5', 0, 'period'),
    needs('tim-6', 'periodMax', 'period'),
    needs('tim-7', 'durationMax', 'duration'),
    needs('tim-8', 'countMax', 'count'),
    needs('tim-9', 'offset', 'when'),
    {
      key: 'tim-10',
      reads: ['timeOfDay', 'when'],
      holds: (node) => !has(node, 'timeOfDay') || !has(node, 'when'),
      message: 'Give timeOfDay or when, not both.',
    },
  ],
};

function eitherOf(key: string, elements: readonly string[]): Invariant {
  const message = `Give at least one of ${elements.join(', ')}.`;
  return { key, reads: elements, holds: (node) => elements.some((it) => has(node, it)), message };
}

function needs(key: string, element: string, other: string): Invariant {
  const message = `With ${element}, ${other} is needed.`;
  return { key, reads: [element, other], holds: (node) => !has(node, element) || has(node, other), message };
}

function inUcum(key: string): Invariant {
  const holds = ({ system }: JsonObject) => system === undefined || system === UCUM;
  return { key, reads: ['system'], element: 'system', holds, message: `The system must be ${UCUM}.` };
}

function atLeast(key: string, least: number, element = 'value'): Invariant {
  const holds = (node: JsonObject) => typeof node[element] !== 'number' || node[element] >= least;
  return { key, reads: [element], element, holds, message: `The ${element} is too small.` };
}

function notAtHome(key: string, element: string): Invariant {
  const holds = (node: JsonObject) => {
    const list = Array.isArray(node[element]) ? (node[element] as unknown[]) : [];
    return !list.some((it) => isObject(it) && it['use'] === 'home');
  };
  return { key, reads: [], element, holds, message: `The ${element} of an organization is never of use home.` };
}

function hasValue(node: JsonObject): boolean {
  for (const name in node) if (name.startsWith('value') || name.startsWith('_value')) return true;
  return false;
}

function isAtMost(low: JsonObject, high: JsonObject): boolean {
  const comparable = low['code'] === high['code'] && low['unit'] === high['unit'];
  const [from, to] = [low['value'], high['value']];
  return !comparable || typeof from !== 'number' || typeof to !== 'number' || from <= to;
}

/** Of two instants; true where one of them is missing or cannot be read. */
function isBefore(start: unknown, end: unknown): boolean {
  if (typeof start !== 'string' || typeof end !== 'string') return true;
  const [from, to] = [dateRange(start, 'UTC'), dateRange(end, 'UTC')];
  return !from || !to || from.startMs < to.startMs;
}

/** FHIRPath's `start <= end`: false only where it is certain that the start is later. */
function mayBeInOrder(start: unknown, end: unknown): boolean {
  if (typeof start !== 'string' || typeof end !== 'string') return true;
  const [from, to] = [dateRange(start, 'UTC'), dateRange(end, 'UTC')];
  if (!from || !to) return true;
  const unknownMs = from.hasOffset === to.hasOffset ? 0 : OFFSET_MS_MAX;
  return from.startMs - unknownMs < to.endMs;
}
