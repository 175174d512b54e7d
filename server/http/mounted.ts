import { SERVED_TYPES } from '../fhir/index.js';
import type { Handler } from './exchange.js';
import type { BodyKind } from './request-body.js';

/** FHIR's codes of interactions: https://hl7.org/fhir/R4/valueset-type-restful-interaction.html */
export type Interaction =
  'read' | 'vread' | 'create' | 'update' | 'patch' | 'delete' | 'search-type' | 'history-instance' | 'history-type';

/** Interactions with the whole system: https://hl7.org/fhir/R4/valueset-system-restful-interaction.html */
export type SystemInteraction = 'transaction' | 'batch' | 'history-system' | 'search-system';

/** Where an interaction lives: https://hl7.org/fhir/R4/http.html#summary */
export interface Route {
  readonly interaction: Interaction;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly body?: BodyKind;
}

/** Where an interaction with the whole system lives. */
export interface SystemRoute {
  readonly interactions: readonly SystemInteraction[];
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly body?: BodyKind;
}

/** Tried before `ROUTES`, to which `_history` and `_search` would pass for a type, and `*` for nothing. */
export const SYSTEM_ROUTES: readonly SystemRoute[] = [
  { interactions: ['transaction', 'batch'], method: 'post', path: '/', body: 'resource' },
  { interactions: ['search-system'], method: 'get', path: '/' },
  { interactions: ['search-system'], method: 'post', path: '/_search', body: 'form' },
  { interactions: ['search-system'], method: 'get', path: '/Patient/:id/\\*' },
  { interactions: ['history-system'], method: 'get', path: '/_history' },
];

/** In the order in which paths are tried: `_search` and `_history` would pass for an id. */
export const ROUTES: readonly Route[] = [
  { interaction: 'search-type', method: 'get', path: '/:type' },
  { interaction: 'create', method: 'post', path: '/:type', body: 'resource' },
  { interaction: 'update', method: 'put', path: '/:type', body: 'resource' },
  { interaction: 'patch', method: 'patch', path: '/:type', body: 'patch' },
  { interaction: 'delete', method: 'delete', path: '/:type' },
  { interaction: 'search-type', method: 'post', path: '/:type/_search', body: 'form' },
  { interaction: 'history-type', method: 'get', path: '/:type/_history' },
  { interaction: 'read', method: 'get', path: '/:type/:id' },
  { interaction: 'update', method: 'put', path: '/:type/:id', body: 'resource' },
  { interaction: 'patch', method: 'patch', path: '/:type/:id', body: 'patch' },
  { interaction: 'delete', method: 'delete', path: '/:type/:id' },
  { interaction: 'history-instance', method: 'get', path: '/:type/:id/_history' },
  { interaction: 'vread', method: 'get', path: '/:type/:id/_history/:versionId' },
];

/** The definitions that the server works by, readable but not writable. */
export const CONFORMANCE_TYPES = [
  'StructureDefinition',
  'SearchParameter',
  'OperationDefinition',
  'CodeSystem',
  'ValueSet',
] as const;

const READING: readonly Interaction[] = ['read', 'vread', 'search-type', 'history-instance', 'history-type'];
const ON_STORED: readonly Interaction[] = [...READING, 'create', 'update', 'patch', 'delete'];
const ON_DEFINITIONS: readonly Interaction[] = ['read', 'search-type'];
/** What the server itself writes: nobody may say that something happened, or did not. */
const ON_RECORDS = READING;

/**
 * What may be done with which type. The router opens these and nothing else, and the CapabilityStatement lists
 * them, so that it cannot claim what is not mounted.
 */
export const MOUNTED: ReadonlyMap<string, readonly Interaction[]> = new Map([
  ...SERVED_TYPES.map((type) => [type, type === 'AuditEvent' ? ON_RECORDS : ON_STORED] as const),
  ...CONFORMANCE_TYPES.map((type) => [type, ON_DEFINITIONS] as const),
]);

/**
 * An operation (https://hl7.org/fhir/R4/operations.html): `[base]/$[code]`, `[type]/$[code]`, `[type]/[id]/$[code]`,
 * `[type]/[id]/_history/[vid]/$[code]`.
 */
export interface OperationRoute<Code extends string = string> {
  /** Absent for one of the whole system alone. */
  readonly type?: string;
  readonly code: Code;
  readonly levels: readonly ('system' | 'type' | 'instance' | 'version')[];
  readonly methods: readonly ('get' | 'post')[];
  /** Absent: it does unless it can be asked by GET. https://hl7.org/fhir/R4/operations.html#executing-synchronous */
  readonly affectsState?: boolean;
  /** The canonical URL of a definition that is not ours. */
  readonly definition?: string;
}

/** An operation with what answers it. */
export interface OpenOperation extends OperationRoute {
  /** Gets the type in its path. */
  readonly handler: Handler;
}

/** Gives each operation its handler. */
export function openOperations<Code extends string>(
  operations: readonly OperationRoute<Code>[],
  handlers: Readonly<Record<Code, Handler>>,
): readonly OpenOperation[] {
  return operations.map((operation) => {
    const { type = '', code } = operation;
    const handler: Handler = (exchange) => handlers[code]({ ...exchange, path: { ...exchange.path, type } });
    return { ...operation, handler };
  });
}

/** The names of the operations of booking, without the `$`. */
export type BookingOperationCode =
  | 'find'
  | 'hold'
  | 'book'
  | 'confirm'
  | 'cancel'
  | 'reschedule'
  | 'lock'
  | 'unlock'
  | 'disable'
  | 'enable'
  | 'conflicts';

/** Each has an OperationDefinition `[type]-[code]` among our definitions. */
export const BOOKING_OPERATIONS: readonly (OperationRoute<BookingOperationCode> & { readonly type: string })[] = [
  { type: 'Appointment', code: 'find', levels: ['type'], methods: ['get', 'post'] },
  { type: 'Appointment', code: 'hold', levels: ['type', 'instance'], methods: ['post'] },
  { type: 'Appointment', code: 'book', levels: ['type', 'instance'], methods: ['post'] },
  { type: 'Appointment', code: 'cancel', levels: ['type', 'instance'], methods: ['post'] },
  { type: 'Appointment', code: 'confirm', levels: ['instance'], methods: ['post'] },
  { type: 'Appointment', code: 'reschedule', levels: ['instance'], methods: ['post'] },
  { type: 'Slot', code: 'lock', levels: ['instance'], methods: ['post'] },
  { type: 'Slot', code: 'unlock', levels: ['instance'], methods: ['post'] },
  { type: 'Slot', code: 'disable', levels: ['instance'], methods: ['post'] },
  { type: 'Slot', code: 'enable', levels: ['instance'], methods: ['post'] },
  { type: 'Schedule', code: 'conflicts', levels: ['instance'], methods: ['get', 'post'] },
];

/** The names of the operations that R4 itself defines, without the `$`. */
export type StandardOperationCode =
  'meta' | 'meta-add' | 'meta-delete' | 'validate' | 'everything' | 'expand' | 'validate-code' | 'lookup';

const OF_HL7 = 'http://hl7.org/fhir/OperationDefinition';

const typesWith = (interaction: Interaction) =>
  [...MOUNTED].flatMap(([type, interactions]) => (interactions.includes(interaction) ? [type] : []));
const STORED_TYPES = typesWith('update');

/** https://hl7.org/fhir/R4/operationslist.html */
export const STANDARD_OPERATIONS: readonly OperationRoute<StandardOperationCode>[] = [
  { code: 'meta', definition: `${OF_HL7}/Resource-meta`, levels: ['system'], methods: ['get', 'post'] },
  ...typesWith('vread').map((type) => ({
    ...({ type, code: 'meta', definition: `${OF_HL7}/Resource-meta` } as const),
    ...({ levels: ['type', 'instance', 'version'], methods: ['get', 'post'] } as const),
  })),
  ...STORED_TYPES.flatMap((type) =>
    (['meta-add', 'meta-delete'] as const).map((code) => ({
      ...({ type, code, definition: `${OF_HL7}/Resource-${code}` } as const),
      ...({ levels: ['instance'], methods: ['post'] } as const),
    })),
  ),
  ...SERVED_TYPES.flatMap((type) => {
    const validate = { type, code: 'validate', definition: `${OF_HL7}/Resource-validate` } as const;
    // What is to be validated has no place in a URL.
    return [
      { ...validate, levels: ['type'], methods: ['post'], affectsState: false } as const,
      { ...validate, levels: ['instance'], methods: ['get', 'post'] } as const,
    ];
  }),
  ...(['expand', 'validate-code'] as const).map((code) => ({
    ...{ type: 'ValueSet', code, definition: `${OF_HL7}/ValueSet-${code}` },
    ...({ levels: ['type', 'instance'], methods: ['get', 'post'] } as const),
  })),
  {
    ...({ type: 'CodeSystem', code: 'validate-code', definition: `${OF_HL7}/CodeSystem-validate-code` } as const),
    ...({ levels: ['type', 'instance'], methods: ['get', 'post'] } as const),
  },
  {
    ...({ type: 'CodeSystem', code: 'lookup', definition: `${OF_HL7}/CodeSystem-lookup` } as const),
    ...({ levels: ['type'], methods: ['get', 'post'] } as const),
  },
  {
    ...({ type: 'Patient', code: 'everything', definition: `${OF_HL7}/Patient-everything` } as const),
    ...({ levels: ['type', 'instance'], methods: ['get', 'post'] } as const),
  },
];
