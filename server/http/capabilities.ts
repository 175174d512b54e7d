import type { CapabilityStatement } from 'fhir/r4.js';
import { capabilityStatement } from '../fhir/index.js';
import { modifiersOf } from '../search/index.js';
import { DEFINITION_PARAMETERS } from './conformance.js';
import { BOOKING_OPERATIONS, MOUNTED, STANDARD_OPERATIONS, SYSTEM_ROUTES, type OperationRoute } from './mounted.js';
import { FORMAT_NAMES } from './negotiate.js';
import { mediaTypesOf } from './request-body.js';

/** All that a whole server mounts; one without bookings mounts less. */
export const ALL_OPERATIONS: readonly OperationRoute[] = [...BOOKING_OPERATIONS, ...STANDARD_OPERATIONS];

/** What may be done with all types at once. */
const SYSTEM_INTERACTIONS = [...new Set(SYSTEM_ROUTES.flatMap(({ interactions }) => interactions))];

interface About {
  /** Without a slash at the end. */
  readonly base: string;
  readonly version: string;
  /** Since when it has been true. */
  readonly dateMs: number;
  readonly operations: readonly OperationRoute[];
  /** Types of which PUT changes one that is there, by its id, and nothing else; absent: none. */
  readonly putsOfExisting?: readonly string[];
}

/** What is mounted, as a CapabilityStatement: from the tables that the router and the readers of requests go by. */
export function capabilitiesOf(about: About): CapabilityStatement {
  return capabilityStatement({
    ...about,
    mounted: MOUNTED,
    system: SYSTEM_INTERACTIONS,
    formats: FORMAT_NAMES,
    patchFormats: mediaTypesOf('patch'),
    definitionParameters: DEFINITION_PARAMETERS,
    modifiersOf,
  });
}
