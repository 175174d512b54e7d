import type { OperationRoute } from '../mounted.js';
import { requestBodyAt } from './bodies.js';
import { endpointsOf, type Endpoint } from './endpoints.js';
import type { Json } from './json.js';
import { parameterComponents, parametersAt } from './parameters.js';
import { headerComponents, responseComponents, responsesAt } from './responses.js';
import { schemaComponents } from './schemas.js';

const DESCRIPTION =
  'FHIR R4 over HTTP (https://hl7.org/fhir/R4/http.html), as GET /metadata claims it. Every GET is also a HEAD. ' +
  'Searches take chains, _has and modifiers besides what is listed; what is unknown is ignored, with Prefer: ' +
  'handling=strict refused. The APIs below /resources, /slots, /bookings and /v1, for clients of Overbooked and ' +
  'ReserveKit, are not in this document.';

/** How a caller says who it is. */
const CALLERS = 'An API key as fhir-slots keys create prints it, or none: https://www.rfc-editor.org/rfc/rfc6750';

/**
 * All that is mounted as an OpenAPI document (https://spec.openapis.org/oas/v3.1.1.html): a pure function of the tables
 * of routes and of the definitions.
 *
 * @param base without a slash at the end
 */
export function openApiDocument(base: string, version: string, operations: readonly OperationRoute[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const endpoint of endpointsOf(operations)) {
    const place = (paths[endpoint.path] ??= {});
    place[endpoint.method] = operationAt(endpoint);
  }
  return {
    openapi: '3.1.1',
    info: { title: 'fhir-slots', version, description: DESCRIPTION },
    servers: [{ url: base }],
    // Who has no key is known by the address.
    security: [{}, { apiKey: [] }],
    paths,
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: CALLERS } },
      parameters: parameterComponents(),
      headers: headerComponents(),
      responses: responseComponents(),
      schemas: schemaComponents(),
    },
  };
}

function operationAt(endpoint: Endpoint): Json {
  const parameters = parametersAt(endpoint);
  return {
    operationId: nameOf(endpoint),
    tags: [tagOf(endpoint)],
    summary: summaryOf(endpoint),
    ...(parameters.length > 0 && { parameters }),
    ...requestBodyAt(endpoint),
    responses: responsesAt(endpoint),
  };
}

/** `get-Slot-id-_history`. */
function nameOf({ method, path }: Endpoint): string {
  const words = path.replace('*', 'all').split(/[^A-Za-z0-9_-]+/);
  return [method, ...words].filter((word) => word !== '').join('-');
}

function tagOf({ deed }: Endpoint): string {
  switch (deed.kind) {
    case 'interaction':
      return deed.type;
    case 'operation':
      return deed.operation.type ?? 'system';
    case 'compartment':
      return 'Patient';
    case 'system':
      return 'system';
    case 'fixed':
      return 'about';
  }
}

function summaryOf({ deed, path }: Endpoint): string {
  switch (deed.kind) {
    case 'interaction':
      return `${deed.interaction}${path.endsWith(deed.type) && isWrite(deed.interaction) ? ', conditional' : ''}`;
    case 'operation':
      return `$${deed.operation.code} of the ${deed.level}`;
    case 'compartment':
      return `${deed.type}s of a Patient`;
    case 'system':
      return deed.interaction === 'transaction' ? 'transaction, batch' : deed.interaction;
    case 'fixed':
      return deed.name;
  }
}

/** Without an id in the path it writes what a search finds. */
function isWrite(interaction: string): boolean {
  return ['update', 'patch', 'delete'].includes(interaction);
}
