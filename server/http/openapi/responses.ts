import type { FaultKind } from '../../base/fault.js';
import { failureTitles, statusOf } from '../../fhir/index.js';
import { MOUNTED } from '../mounted.js';
import { FHIR_JSON, ofEachJson } from './bodies.js';
import type { Endpoint } from './endpoints.js';
import { refTo, type Json } from './json.js';

/** How each failure of every request to FHIR may be named. */
const OF_ALL: readonly FaultKind[] = [
  ...(['malformed', 'unauthenticated', 'not-acceptable', 'too-large', 'unavailable', 'bug'] as const),
];
const OF_ONE: readonly FaultKind[] = ['not-found', 'gone'];
const OF_SEARCHES: readonly FaultKind[] = ['too-costly'];
const OF_BODIES: readonly FaultKind[] = ['media-type'];
/** `method`: what is computed cannot be written. */
const OF_CHANGES: readonly FaultKind[] = ['forbidden', 'conflict', 'stale', 'rule', 'too-many', 'method', ...OF_ONE];

/** The operations that may create an Appointment. */
const CREATING: readonly string[] = ['hold', 'book'];

const HEADERS: Readonly<Record<string, string>> = {
  ETag: 'The version: W/"3".',
  'Last-Modified': 'When the version was made.',
  Location: 'Where the version that was created, or found, is.',
  'Content-Location': 'Which version the body is.',
  Expires: 'When the hold or lock ends.',
  'Retry-After': 'Seconds until another try may do.',
  Allow: 'The methods that are possible here.',
};
const OF_VERSIONS = ['ETag', 'Last-Modified'];
const OF_WRITES = [...OF_VERSIONS, 'Location', 'Content-Location'];
/** Headers of failures, by kind. */
const OF_FAILURES: readonly (readonly [FaultKind, string])[] = [
  ['unavailable', 'Retry-After'],
  ['too-many', 'Retry-After'],
  ['method', 'Allow'],
];

/** The headers that responses refer to. */
export function headerComponents(): Readonly<Record<string, Json>> {
  const described = Object.entries(HEADERS).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  return Object.fromEntries(described) as Record<string, Json>;
}

function headers(names: readonly string[]): Json {
  return { headers: Object.fromEntries(names.map((name) => [name, refTo('headers', name)])) };
}

/** The responses that endpoints refer to, by name; `failure-404` is that of a status. */
export function responseComponents(): Readonly<Record<string, Json>> {
  const ofTypes = [...MOUNTED].flatMap(([type, interactions]): [string, Json][] => {
    const version = {
      description: `The ${type}.`,
      ...headers(OF_VERSIONS),
      content: ofEachJson(refTo('schemas', type)),
    };
    const written = {
      description: `The ${type}; with Prefer: return=minimal nothing, with return=OperationOutcome what was done.`,
      ...headers(OF_WRITES),
      content: ofEachJson({ anyOf: [refTo('schemas', type), refTo('schemas', 'OperationOutcome')] }),
    };
    return [
      [type, version],
      ...(interactions.includes('update') ? [[`${type}-written`, written] as [string, Json]] : []),
    ];
  });
  const failures = [...failureTitles()].map(([status, description]): [string, Json] => {
    const own = OF_FAILURES.filter(([kind]) => statusOf(kind) === status).map(([, name]) => name);
    return [
      `failure-${status}`,
      {
        description,
        ...(own.length > 0 && headers(own)),
        content: { [FHIR_JSON]: { schema: refTo('schemas', 'Failure') } },
      },
    ];
  });
  return Object.fromEntries([...ofTypes, ...failures, ...Object.entries(SHARED)]);
}

const SHARED: Readonly<Record<string, Json>> = {
  searchset: { description: 'What was found, page by page.', content: ofEachJson(refTo('schemas', 'Bundle')) },
  history: { description: 'The versions, the newest first.', content: ofEachJson(refTo('schemas', 'Bundle')) },
  'bundle-response': {
    description: 'The answer to each entry, in their order.',
    content: ofEachJson(refTo('schemas', 'Bundle')),
  },
  'operation-answer': {
    description: 'The resource that the OperationDefinition tells.',
    ...headers([...OF_WRITES, 'Expires']),
    content: ofEachJson(refTo('schemas', 'Resource')),
  },
  'not-modified': { description: 'The caller has this version.', ...headers(OF_VERSIONS) },
  deleted: { description: 'It is not there, or not any more.', ...headers(['ETag']) },
  'deleted-outcome': {
    description: 'The same, with Prefer: return=OperationOutcome.',
    ...headers(['ETag']),
    content: ofEachJson(refTo('schemas', 'OperationOutcome')),
  },
  health: {
    description: 'The store can be read.',
    content: {
      'application/json': { schema: { type: 'object', required: ['status'], properties: { status: { const: 'ok' } } } },
    },
  },
  metadata: { description: 'The CapabilityStatement.', content: ofEachJson(refTo('schemas', 'Resource')) },
  openapi: { description: 'This document.', content: { 'application/json': { schema: { type: 'object' } } } },
};

/** The responses of one endpoint, by status. */
export function responsesAt(endpoint: Endpoint): Json {
  const successes = successesOf(endpoint).map(([status, name]) => [status, refTo('responses', name)]);
  const failures = failuresOf(endpoint).map((kind) => {
    const status = String(statusOf(kind));
    return [status, refTo('responses', `failure-${status}`)];
  });
  return Object.fromEntries([...successes, ...failures]) as Json;
}

type Success = readonly [status: string, response: string];

function successesOf({ deed, method }: Endpoint): readonly Success[] {
  switch (deed.kind) {
    case 'fixed':
      return [['200', deed.name]];
    case 'compartment':
      return [['200', 'searchset']];
    case 'operation': {
      const creates = method === 'post' && CREATING.includes(deed.operation.code);
      return [['200', 'operation-answer'], ...(creates ? [['201', 'operation-answer'] as const] : [])];
    }
    case 'system': {
      const names = { 'search-system': 'searchset', 'history-system': 'history' } as const;
      const { interaction } = deed;
      return [['200', interaction in names ? names[interaction as keyof typeof names] : 'bundle-response']];
    }
    case 'interaction':
      return interactionSuccesses(deed.interaction, deed.type);
  }
}

function interactionSuccesses(interaction: string, type: string): readonly Success[] {
  const written = `${type}-written`;
  switch (interaction) {
    case 'read':
      return [['200', type], ['304', 'not-modified']]; // prettier-ignore
    case 'vread':
      return [['200', type]];
    case 'create':
    case 'update':
      return [['200', written], ['201', written]]; // prettier-ignore
    case 'patch':
      return [['200', written]];
    case 'delete':
      return [['200', 'deleted-outcome'], ['204', 'deleted']]; // prettier-ignore
    case 'search-type':
      return [['200', 'searchset']];
    default:
      return [['200', 'history']];
  }
}

function failuresOf({ deed, path, body }: Endpoint): readonly FaultKind[] {
  if (deed.kind === 'fixed' && deed.name !== 'metadata') return ['malformed', 'unavailable'];
  const isSearch = deed.kind === 'compartment' || (deed.kind !== 'operation' && isSearching(deed));
  return [
    ...OF_ALL,
    ...(body === undefined ? [] : OF_BODIES),
    ...(isSearch ? OF_SEARCHES : path.includes('{id}') ? OF_ONE : []),
    ...(isChanging(deed) ? OF_CHANGES : []),
    // A type as a whole is there, but what a request names beside it need not be.
    ...(deed.kind === 'operation' ? [...OF_ONE, ...OF_SEARCHES] : []),
  ];
}

function isSearching(deed: Exclude<Endpoint['deed'], { kind: 'operation' | 'compartment' }>): boolean {
  return deed.kind !== 'fixed' && deed.interaction.startsWith('search');
}

const CHANGES: readonly string[] = ['create', 'update', 'patch', 'delete', 'transaction', 'batch'];

function isChanging(deed: Endpoint['deed']): boolean {
  if (deed.kind === 'operation') return deed.operation.methods.every((method) => method === 'post');
  return 'interaction' in deed && CHANGES.includes(deed.interaction);
}
