import { fault } from '../../base/fault.js';
import type { Permission } from '../../booking/index.js';
import {
  isObject,
  parametersOf,
  parametersOfQuery,
  parseJson,
  repeatsOfOperation,
  textOf,
  type Parameter,
  type ParsedJson,
} from '../../fhir/index.js';
import type { Exchange } from '../exchange.js';
import { refuseKeyLength } from '../slot-key.js';

/** What an operation was sent, checked against its OperationDefinition. */
export interface OperationInput {
  readonly exchange: Exchange;
  /** A bare Appointment that came in place of Parameters. */
  readonly bare?: ParsedJson;
  /** All that the definition knows, in their order. */
  readonly parameters: readonly Parameter[];
  /** What was ignored, for the caller to know. */
  readonly notices: readonly string[];
}

/** Of the query of a request with a body, these count; all else stands in the body. */
const BESIDE_A_BODY = ['_count'];

/**
 * Reads the parameters of an operation: those of the body, or where there is none, of the query.
 *
 * @param definition id of its OperationDefinition
 * @param bareToo whether an Appointment may come in place of Parameters
 * @throws {Fault} `malformed`, `invalid`, `required`: see reference/operations.md §2
 */
export function readInput(exchange: Exchange, definition: string, bareToo = false): OperationInput {
  const repeats = repeatsOfOperation(definition);
  const body = exchange.body === undefined ? undefined : parseJson(exchange.body);
  const isBare = bareToo && isObject(body?.plain) && body.plain['resourceType'] === 'Appointment';
  const ofBody = body && !isBare ? parametersOf(body) : [];
  const ofQuery = parametersOfQuery(exchange.params);
  const sent = [...ofQuery, ...ofBody];
  const known = sent.filter(
    (one) => repeats.has(one.name) && (!body || BESIDE_A_BODY.includes(one.name) || ofBody.includes(one)),
  );
  const ignored = sent.filter((one) => !known.includes(one));
  if (exchange.context.strict && ignored[0]) {
    throw fault('invalid', `There is no parameter '${ignored[0].name.slice(0, NAME_SHOWN)}' here.`, ignored[0].place);
  }
  refuseRepeated(known, repeats);
  return {
    exchange,
    ...(isBare && { bare: body }),
    parameters: known,
    notices: [...new Set(ignored.map(({ name }) => `There is no parameter '${name.slice(0, NAME_SHOWN)}' here.`))],
  };
}

/** How much of a name that a caller made up is said back. */
const NAME_SHOWN = 64;

function refuseRepeated(known: readonly Parameter[], repeats: ReadonlyMap<string, boolean>): void {
  const seen = new Set<string>();
  for (const { name, place } of known) {
    if (seen.has(name) && repeats.get(name) !== true) throw fault('invalid', `Give ${name} once.`, place);
    seen.add(name);
  }
}

/** Those of some names, in the order of the request. */
export function named({ parameters }: OperationInput, ...names: readonly string[]): readonly Parameter[] {
  return parameters.filter(({ name }) => names.includes(name));
}

/** What a parameter says, under a name of ours; nothing where it was not sent. */
export function optional<K extends string, T>(
  input: OperationInput,
  name: string,
  key: K,
  read: (parameter: Parameter) => T,
): Partial<Record<K, T>> {
  const [parameter] = named(input, name);
  return parameter ? ({ [key]: read(parameter) } as Record<K, T>) : {};
}

/** @throws {Fault} `required` where it was not sent */
export function required<T>(input: OperationInput, name: string, read: (parameter: Parameter) => T): T {
  const [parameter] = named(input, name);
  if (!parameter) throw fault('required', `The parameter ${name} is needed.`, 'Parameters.parameter');
  return read(parameter);
}

/**
 * The parameters `key` and `override-reason`. The header `X-Slot-Key` counts as the parameter.
 * @throws {Fault} `invalid` also where parameter and header disagree
 */
export function permissionOf(input: OperationInput): Permission {
  const { slotKey } = input.exchange.context;
  const [parameter] = named(input, 'key');
  const key = parameter ? textOf(parameter) : slotKey;
  if (parameter && key !== undefined) refuseKeyLength(key, parameter.place);
  if (parameter && slotKey !== undefined && key !== slotKey) {
    throw fault('invalid', 'The parameter key and the header X-Slot-Key disagree.', parameter.place);
  }
  return { ...(key !== undefined && { key }), ...optional(input, 'override-reason', 'overrideReason', textOf) };
}

/** The key that must come: as the parameter or in the header. @throws {Fault} `required` and all of `permissionOf` */
export function keyOf(input: OperationInput): string {
  const { key } = permissionOf(input);
  if (key === undefined) throw fault('required', 'The parameter key is needed.', 'Parameters.parameter');
  return key;
}
