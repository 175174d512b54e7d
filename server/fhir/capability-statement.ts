import type {
  CapabilityStatement,
  CapabilityStatementRestInteraction,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceInteraction,
  CapabilityStatementRestResourceSearchParam,
} from 'fhir/r4.js';
import { instantText } from '../base/clock.js';
import { profilesOn } from './profiles.js';
import { searchParametersOf, type SearchParameterDefinition } from './search-parameters.js';
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

/** All references of a resource, as `_include` and `_revinclude` write them. */
const ANY = '*';

/** No SearchParameter of R4 defines it: https://hl7.org/fhir/R4/http.html#search */
const TYPES: CapabilityStatementRestResourceSearchParam = {
  name: '_type',
  type: 'token',
  documentation: 'Of [base]?_type=…: the types to search, with commas between; all where it is absent.',
};

/** What R4 has no element for. */
const SEARCHES =
  'Search: chains, with types or without, and _has, each also within the other; _include and _revinclude with * and ' +
  ':iterate; _summary, _elements, _total, and _sort by every parameter but near. The documentation of each parameter ' +
  'names its modifiers; another one is refused. An unknown parameter is ignored and told, with handling=strict ' +
  'refused. Several types at once, one after the other: [base]?_type=…; what belongs to a Patient: ' +
  'Patient/[id]/[type] and Patient/[id]/*.';

/** What is true of the server beyond its definitions. */
export interface Capabilities {
  /** Without a slash at the end. */
  readonly base: string;
  readonly version: string;
  /** Since when this has been so. */
  readonly dateMs: number;
  readonly mounted: Mounted;
  /** Interactions with the whole system. */
  readonly system: readonly CapabilityStatementRestInteraction['code'][];
  readonly operations: readonly MountedOperation[];
  /** Types of which PUT changes one that is there, by its id, and nothing else; absent: none. */
  readonly putsOfExisting?: readonly string[];
  /** Media types, and what `_format` calls them. */
  readonly formats: readonly string[];
  readonly patchFormats: readonly string[];
  /** Of types that are not stored. */
  readonly definitionParameters: readonly CapabilityStatementRestResourceSearchParam[];
  readonly modifiersOf: (parameter: SearchParameterDefinition) => readonly string[];
}

/**
 * What this server can do (https://hl7.org/fhir/R4/capabilitystatement.html): a pure function of what is mounted and
 * of the definitions, so that it claims nothing else.
 */
export function capabilityStatement(about: Capabilities): CapabilityStatement {
  const { base, version, dateMs, mounted, system, operations } = about;
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: instantText(dateMs),
    publisher: 'fhir-slots',
    kind: 'instance',
    software: { name: 'fhir-slots', version },
    implementation: { description: 'fhir-slots: the times that can really be booked', url: base },
    fhirVersion: '4.0.1',
    format: [...about.formats],
    patchFormat: [...about.patchFormats],
    rest: [
      {
        mode: 'server',
        documentation: SEARCHES,
        resource: [...mounted].map(([type, codes]) => ({
          ...resourceOf(type, codes, about),
          ...listed(operations.filter((operation) => operation.type === type)),
        })),
        interaction: system.map((code) => ({ code })),
        searchParam: [TYPES, ...parametersOfAll(about)],
        ...listed(operations.filter(({ levels }) => levels.includes('system'))),
        compartment: ['http://hl7.org/fhir/CompartmentDefinition/patient'],
      },
    ],
  };
}

function resourceOf(type: string, codes: readonly Interaction[], about: Capabilities): CapabilityStatementRestResource {
  const can = (code: Interaction) => codes.includes(code);
  const supportedProfile = [...profilesOn(type)];
  return {
    type: type as CapabilityStatementRestResource['type'],
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    ...(supportedProfile.length > 0 && { supportedProfile }),
    interaction: codes.map((code) => ({ code })),
    ...(can('vread') && { versioning: can('update') ? 'versioned-update' : 'versioned', readHistory: true }),
    ...(can('update') &&
      about.putsOfExisting?.includes(type) !== true && { updateCreate: true, conditionalUpdate: true }),
    ...(can('delete') && { conditionalDelete: 'single' as const }),
    ...(can('create') && { conditionalCreate: true, referencePolicy: ['literal', 'logical'] }),
    ...(can('read') && { conditionalRead: 'full-support' as const }),
    ...(can('search-type') && searchOf(type, about)),
  };
}

function listed(operations: readonly MountedOperation[]): Pick<CapabilityStatementRestResource, 'operation'> {
  const operation = operations.map(({ type, code, definition }) => ({
    name: code,
    definition: definition ?? `${OPERATION_DEFINITIONS}/${type}-${code}`,
  }));
  // One that is at several levels by other methods has a row for each.
  const once = [...new Map(operation.map((one) => [one.definition, one])).values()];
  return once.length > 0 ? { operation: once } : {};
}

function searchOf(type: string, about: Capabilities): Partial<CapabilityStatementRestResource> {
  if (!isServedType(type)) return { searchParam: [...about.definitionParameters] };
  const parameters = [...searchParametersOf(type).values()];
  const searchInclude = parameters.filter((it) => it.type === 'reference').map(({ code }) => `${type}:${code}`);
  const searchRevInclude = [...about.mounted.keys()].flatMap((other) => referencesTo(type, other));
  return {
    ...(searchInclude.length > 0 && { searchInclude: [ANY, ...searchInclude] }),
    ...(searchRevInclude.length > 0 && { searchRevInclude: [ANY, ...searchRevInclude] }),
    searchParam: parameters.map((parameter) => searchParamOf(parameter, about)),
  };
}

/** The parameters that a search over several types takes: those that each stored type has. */
function parametersOfAll(about: Capabilities): CapabilityStatementRestResourceSearchParam[] {
  const [first, ...others] = [...about.mounted.keys()].filter(isServedType);
  if (first === undefined) return [];
  const isOfAll = ({ code, url }: SearchParameterDefinition) =>
    others.every((type) => searchParametersOf(type).get(code)?.url === url);
  const common = [...searchParametersOf(first).values()].filter(isOfAll);
  return common.map((parameter) => searchParamOf(parameter, about));
}

function searchParamOf(
  parameter: SearchParameterDefinition,
  { modifiersOf }: Capabilities,
): CapabilityStatementRestResourceSearchParam {
  const { code, type, url, description } = parameter;
  const modifiers = [...(type === 'reference' ? ['[type]'] : []), ...modifiersOf(parameter)];
  const sentences = [description, `Modifiers: ${modifiers.map((modifier) => `:${modifier}`).join(', ')}.`];
  return { name: code, definition: url, type, documentation: sentences.filter((one) => one !== '').join(' ') };
}

/** The parameters of another type by which its resources refer to this one, as `_revinclude` spells them. */
function referencesTo(type: string, other: string): string[] {
  if (!isServedType(other)) return [];
  const parameters = [...searchParametersOf(other).values()].filter(({ targets }) => targets.includes(type));
  return parameters.map(({ code }) => `${other}:${code}`);
}
