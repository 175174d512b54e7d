import type {
  CapabilityStatement,
  CapabilityStatementRestInteraction,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceInteraction,
  CapabilityStatementRestResourceSearchParam,
} from 'fhir/r4.js';
import { instantText } from '../base/clock.js';
import { searchParametersOf } from './search-parameters.js';
import { isServedType } from './served-types.js';

type Interaction = CapabilityStatementRestResourceInteraction['code'];

/** What may be done with which type: what the router really opens. */
type Mounted = ReadonlyMap<string, readonly Interaction[]>;

/** An operation that the router opens, by the name without its `$`. */
interface MountedOperation {
  /** Absent for one of the whole system alone. */
  readonly type?: string;
  readonly code: string;
  readonly levels: readonly string[];
  /** The canonical URL of a definition that is not ours. */
  readonly definition?: string;
}

/** Where our definitions of operations have their canonical URLs: `Appointment-find` is one. */
const OPERATION_DEFINITIONS = 'https://fhir-slots.dev/fhir/OperationDefinition';

const DEFINITION_PARAMETERS: readonly CapabilityStatementRestResourceSearchParam[] = [
  { name: '_id', type: 'token', definition: 'http://hl7.org/fhir/SearchParameter/Resource-id' },
  { name: 'name', type: 'string', documentation: 'The whole name.' },
  { name: 'url', type: 'uri', documentation: 'The canonical URL.' },
];

/** What R4 has no element for. */
const SEARCHES =
  'Search: chains, with types or without, and _has, each also within the other; _include and _revinclude with * and ' +
  ':iterate; _summary, _elements, _total, and _sort by every parameter; the modifiers :missing, :not, :exact, ' +
  ':contains, :[type], :identifier, :of-type, and :above and :below of URLs. Another modifier is refused; an ' +
  'unknown parameter is ignored and told, with handling=strict refused. Several types at once, one after ' +
  'the other: [base]?_type=…; what belongs to a Patient: Patient/[id]/[type] and Patient/[id]/*.';

/**
 * What this server can do (https://hl7.org/fhir/R4/capabilitystatement.html): a pure function of what is mounted and
 * of the SearchParameter definitions, so that it claims nothing else.
 *
 * @param base without a slash at the end
 * @param dateMs since when this has been so
 */
export function capabilityStatement({
  base,
  version,
  dateMs,
  mounted,
  patchFormats,
  system,
  operations,
}: {
  readonly base: string;
  readonly version: string;
  readonly dateMs: number;
  readonly mounted: Mounted;
  /** The media types that a patch may come as. */
  readonly patchFormats: readonly string[];
  /** Interactions with the whole system. */
  readonly system: readonly CapabilityStatementRestInteraction['code'][];
  readonly operations: readonly MountedOperation[];
}): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: instantText(dateMs),
    publisher: 'fhir-slots',
    kind: 'instance',
    software: { name: 'fhir-slots', version },
    implementation: { description: 'fhir-slots: the times that can really be booked', url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json', 'application/json'],
    patchFormat: [...patchFormats],
    rest: [
      {
        mode: 'server',
        documentation: SEARCHES,
        resource: [...mounted].map(([type, codes]) => ({
          ...resourceOf(type, codes, mounted),
          ...listed(operations.filter((operation) => operation.type === type)),
        })),
        interaction: system.map((code) => ({ code })),
        ...listed(operations.filter(({ levels }) => levels.includes('system'))),
        compartment: ['http://hl7.org/fhir/CompartmentDefinition/patient'],
      },
    ],
  };
}

function resourceOf(type: string, codes: readonly Interaction[], mounted: Mounted): CapabilityStatementRestResource {
  const can = (code: Interaction) => codes.includes(code);
  return {
    type: type as CapabilityStatementRestResource['type'],
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    interaction: codes.map((code) => ({ code })),
    ...(can('vread') && { versioning: 'versioned' as const, readHistory: true }),
    ...(can('update') && { updateCreate: true, conditionalUpdate: true }),
    ...(can('delete') && { conditionalDelete: 'single' as const }),
    ...(can('create') && { conditionalCreate: true }),
    ...(can('read') && { conditionalRead: 'full-support' as const }),
    ...(can('search-type') && searchOf(type, mounted)),
  };
}

function listed(operations: readonly MountedOperation[]): Pick<CapabilityStatementRestResource, 'operation'> {
  const operation = operations.map(({ type, code, definition }) => ({
    name: code,
    definition: definition ?? `${OPERATION_DEFINITIONS}/${type}-${code}`,
  }));
  return operation.length > 0 ? { operation } : {};
}

function searchOf(type: string, mounted: Mounted): Partial<CapabilityStatementRestResource> {
  if (!isServedType(type)) return { searchParam: [...DEFINITION_PARAMETERS] };
  const parameters = [...searchParametersOf(type).values()];
  const searchInclude = parameters.filter((it) => it.type === 'reference').map(({ code }) => `${type}:${code}`);
  const searchRevInclude = [...mounted.keys()].flatMap((other) => referencesTo(type, other));
  return {
    ...(searchInclude.length > 0 && { searchInclude }),
    ...(searchRevInclude.length > 0 && { searchRevInclude }),
    searchParam: parameters.map(({ code, type: kind, url, description }) => ({
      name: code,
      definition: url,
      type: kind,
      ...(description !== '' && { documentation: description }),
    })),
  };
}

/** The parameters of another type by which its resources refer to this one, as `_revinclude` spells them. */
function referencesTo(type: string, other: string): string[] {
  if (!isServedType(other)) return [];
  const parameters = [...searchParametersOf(other).values()].filter(({ targets }) => targets.includes(type));
  return parameters.map(({ code }) => `${other}:${code}`);
}
