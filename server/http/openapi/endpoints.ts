import { PATIENT_COMPARTMENT } from '../../fhir/index.js';
import {
  MOUNTED,
  ROUTES,
  SYSTEM_ROUTES,
  type Interaction,
  type OperationRoute,
  type SystemInteraction,
} from '../mounted.js';
import type { BodyKind } from '../request-body.js';

/** What is done at a place. */
export type Deed =
  | { readonly kind: 'interaction'; readonly interaction: Interaction; readonly type: string }
  | { readonly kind: 'system'; readonly interaction: SystemInteraction }
  | { readonly kind: 'compartment'; readonly type: string }
  | { readonly kind: 'operation'; readonly operation: OperationRoute; readonly level: OperationRoute['levels'][number] }
  | { readonly kind: 'fixed'; readonly name: 'health' | 'metadata' | 'openapi' };

/** One method of one path that the router opens. */
export interface Endpoint {
  /** As OpenAPI writes it: `/Slot/{id}`. */
  readonly path: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly body?: BodyKind;
  readonly deed: Deed;
}

/** All that is mounted, one by one, from the tables that the router goes by: no two share a path and a method. */
export function endpointsOf(operations: readonly OperationRoute[]): readonly Endpoint[] {
  return [
    ...(['health', 'metadata', 'openapi'] as const).map(fixed),
    ...systemEndpoints(),
    ...[...MOUNTED].flatMap(([type, interactions]) => [
      ...ROUTES.filter(({ interaction }) => interactions.includes(interaction)).map(
        ({ interaction, path, ...rest }): Endpoint => ({
          ...rest,
          path: templateOf(path).replace('{type}', type),
          deed: { kind: 'interaction', interaction, type },
        }),
      ),
      ...operations.filter((operation) => operation.type === type).flatMap(operationEndpoints),
    ]),
    ...operations.filter(({ type }) => type === undefined).flatMap(operationEndpoints),
    ...[...PATIENT_COMPARTMENT.keys()].flatMap(compartmentEndpoints),
  ];
}

function fixed(name: 'health' | 'metadata' | 'openapi'): Endpoint {
  return { path: name === 'openapi' ? '/openapi.json' : `/${name}`, method: 'get', deed: { kind: 'fixed', name } };
}

/** Of interactions that share a path, the body tells which is meant. */
function systemEndpoints(): readonly Endpoint[] {
  return SYSTEM_ROUTES.flatMap(({ interactions: [interaction], path, ...rest }) => {
    if (interaction === undefined) return [];
    const { method, body } = rest;
    const deed = { kind: 'system', interaction } as const;
    return [{ path: templateOf(path), method, ...(body !== undefined && { body }), deed }];
  });
}

function operationEndpoints(operation: OperationRoute): readonly Endpoint[] {
  const { type = '', code, levels, methods } = operation;
  const starts = {
    system: '',
    type: `/${type}`,
    instance: `/${type}/{id}`,
    version: `/${type}/{id}/_history/{versionId}`,
  };
  return levels.flatMap((level) =>
    methods.map((method) => ({
      path: `${starts[level]}/$${code}`,
      method,
      ...(method === 'post' && { body: 'parameters' as const }),
      deed: { kind: 'operation', operation, level },
    })),
  );
}

function compartmentEndpoints(type: string): readonly Endpoint[] {
  const path = `/Patient/{id}/${type}`;
  const deed = { kind: 'compartment', type } as const;
  return [
    { path, method: 'get', deed },
    { path: `${path}/_search`, method: 'post', body: 'form', deed },
  ];
}

/** `/:type/:id` as `/{type}/{id}`; Express escapes a star that is meant. */
function templateOf(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}').replace('\\*', '*');
}
