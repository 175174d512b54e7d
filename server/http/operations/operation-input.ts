import { fault } from '../../base/fault.js';
import { refuseKeyLength, type Permission, type Precondition } from '../../booking/index.js';
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
import { withoutAddedCount } from '../../search/index.js';
import type { Exchange } from '../exchange.js';
import { refuseReasonLength } from '../override-reason.js';
import { ifMatchOf } from '../preconditions.js';

/** What an operation was sent, checked against its OperationDefinition. */
export interface OperationInput {
  readonly exchange: Exchange;
  /** A bare resource that came in place of Parameters. */
  readonly bare?: ParsedJson;
  /** All that the definition knows, in their order. */
  readonly parameters: readonly Parameter[];
  /** What was ignored, for the caller to know. */
  readonly notices: readonly string[];
}

/** Of the query of a request with a body, these count; all else stands in the body. */
const BESIDE_A_BODY = ['_count'];

/** What marks a link to a next page of `$find`. */
const FIND_CURSOR = '_cursor';

/**
 * Reads the parameters of an operation: those of the body, or where there is none, of the query.
 *
 * @param definition id of its OperationDefinition
 * @param bareToo whether an Appointment may come in place of Parameters
 * @throws {Fault} `malformed`, `invalid`, `required`: see docs/operations.md §2
 */
export function readInput(exchange: Exchange, definition: string, bareToo = false): OperationInput {
  const repeats = repeatsOfOperation(definition);
  const body = exchange.body === undefined ? undefined : parseJson(exchange.body);
  const isBare = bareToo && isObject(body?.plain) && body.plain['resourceType'] === 'Appointment';
  const ofBody = body && !isBare ? parametersOf(body) : [];
  const ofQuery = parametersOfQuery(withoutAddedCount(exchange.params, FIND_CURSOR));
  const counts = ({ name }: Parameter) => !body || BESIDE_A_BODY.includes(name);
  const sent = [...ofQuery.filter(counts), ...ofBody];
  const beside = ofQuery
    .filter((one) => !counts(one))
    .map((one) => ignoredAt(one, 'in the URL of a request with a body'));
  return { exchange, ...(isBare && { bare: body }), ...known(exchange, sent, repeats, beside) };
}

/**
 * Reads the parameters of an operation that R4 defines: those of the body and of the query together.
 *
 * @param repeats the parameters that it takes here, and whether each may come again
 * @param bareToo whether a body that is no Parameters is the resource that the operation is about
 * @throws {Fault} `malformed`, `invalid`, `required` as `readInput`
 */
export function readStandardInput(
  exchange: Exchange,
  repeats: ReadonlyMap<string, boolean>,
  bareToo = false,
): OperationInput {
  const body = exchange.body === undefined ? undefined : parseJson(exchange.body);
  const isParameters = isObject(body?.plain) && body.plain['resourceType'] === 'Parameters';
  const isBare = bareToo && body !== undefined && !isParameters;
  const ofBody = body && !isBare ? parametersOf(body) : [];
  const sent = [...parametersOfQuery(exchange.params), ...ofBody];
  return { exchange, ...(isBare && { bare: body }), ...known(exchange, sent, repeats) };
}

/** What is ignored, or strictly refused, and why. */
interface Ignored {
  readonly place: string;
  readonly notice: string;
}

/** Those that an operation takes, and what is said of the others. */
function known(
  { context }: Exchange,
  sent: readonly Parameter[],
  repeats: ReadonlyMap<string, boolean>,
  beside: readonly Ignored[] = [],
): Pick<OperationInput, 'parameters' | 'notices'> {
  const unknown = sent.filter(({ name }) => !repeats.has(name)).map((one) => ignoredAt(one, 'here'));
  const ignored = [...beside, ...unknown];
  if (context.strict && ignored[0]) throw fault('invalid', ignored[0].notice, ignored[0].place);
  const parameters = sent.filter(({ name }) => repeats.has(name));
  refuseRepeated(parameters, repeats);
  return { parameters, notices: [...new Set(ignored.map(({ notice }) => notice))] };
}

/** How much of a name that a caller made up is said back. */
const NAME_SHOWN = 64;

function ignoredAt({ name, place }: Parameter, where: string): Ignored {
  return { place, notice: `There is no parameter '${name.slice(0, NAME_SHOWN)}' ${where}.` };
}

function refuseRepeated(parameters: readonly Parameter[], repeats: ReadonlyMap<string, boolean>): void {
  const seen = new Set<string>();
  for (const { name, place } of parameters) {
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
 * The parameters `key` and `override-reason`, and `If-Match`. The headers `X-Slot-Key` and `X-Override-Reason` count as
 * the parameters do.
 * @throws {Fault} `invalid` also where parameter and header disagree
 */
export function permissionOf(input: OperationInput): Permission {
  const { slotKey, overrideReason } = input.exchange.context;
  return {
    ...preconditionOf(input),
    ...agreed(input, 'key', 'key', slotKey, refuseKeyLength),
    ...agreed(input, 'override-reason', 'overrideReason', overrideReason, refuseReasonLength),
  };
}

/** The header `If-Match`. @throws {Fault} `malformed` */
export function preconditionOf({ exchange }: OperationInput): Precondition {
  const ifMatch = ifMatchOf(exchange.headers['if-match']);
  return ifMatch === undefined ? {} : { ifMatch };
}

/** What a parameter or a header says, under a name of ours. */
function agreed<K extends string>(
  input: OperationInput,
  name: string,
  key: K,
  ofHeader: string | undefined,
  refuseLength: (text: string, place: string) => void,
): Partial<Record<K, string>> {
  const [parameter] = named(input, name);
  if (!parameter) return ofHeader === undefined ? {} : ({ [key]: ofHeader } as Record<K, string>);
  const text = textOf(parameter);
  refuseLength(text, parameter.place);
  if (ofHeader === undefined || ofHeader === text) return { [key]: text } as Record<K, string>;
  throw fault('invalid', `The parameter ${name} and the header disagree.`, parameter.place);
}

/** The key that must come: as the parameter or in the header. @throws {Fault} `required` and all of `permissionOf` */
export function keyOf(input: OperationInput): string {
  const { key } = permissionOf(input);
  if (key === undefined) throw fault('required', 'The parameter key is needed.', 'Parameters.parameter');
  return key;
}
