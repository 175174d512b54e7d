import { isServedType, repeatsOfOperation, searchParametersOf, SERVED_TYPES } from '../../fhir/index.js';
import { CURSOR_PARAM, modifiersOf, SEARCH_COUNT_MAX } from '../../search/index.js';
import { DEFINITION_PAGING, DEFINITION_PARAMETERS } from '../conformance.js';
import { FORMAT_NAMES } from '../negotiate.js';
import type { Endpoint } from './endpoints.js';
import { refTo, type Json } from './json.js';

const TEXT = { type: 'string' };
const FLAG = { type: 'boolean' };
const MANY_TEXTS = { type: 'array', items: TEXT };
const ID = { type: 'string', pattern: '^[A-Za-z0-9.-]{1,64}$' };
const COUNT = { type: 'integer', minimum: 0 };
const MOMENT = { type: 'string', pattern: '^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T.+)?)?)?$' };
const PREFIXED_DATE = { ...TEXT, pattern: '^(eq|ne|gt|lt|ge|le|sa|eb|ap)?[0-9]{4}' };
const PREFIXED_NUMBER = { ...TEXT, pattern: '^(eq|ne|gt|lt|ge|le|sa|eb|ap)?[-+0-9]' };

const inPath = (description: string): Json => ({ in: 'path', required: true, description, schema: ID });
const inQuery = (description: string, schema: Json): Json => ({ in: 'query', description, schema });
const inHeader = (description: string): Json => ({ in: 'header', description, schema: TEXT });

const PATH: Readonly<Record<string, Json>> = {
  id: inPath('The id of the resource.'),
  versionId: inPath('The id of a version.'),
};

const FORMAT: Readonly<Record<string, Json>> = {
  _format: inQuery('What the answer is; it wins over Accept.', { enum: FORMAT_NAMES }),
  _pretty: inQuery('Line breaks and indentation.', FLAG),
};

/** How to answer a search: https://hl7.org/fhir/R4/search.html#return */
const RESULTS: Readonly<Record<string, Json>> = {
  _count: inQuery(`Entries on a page; more than ${SEARCH_COUNT_MAX} are that many.`, COUNT),
  _sort: inQuery('Search parameters with commas between; - before one for descending.', TEXT),
  _total: inQuery('Whether the total is counted.', { enum: ['accurate', 'estimate', 'none'] }),
  _summary: inQuery('A part of each resource.', { enum: ['true', 'text', 'data', 'count', 'false'] }),
  _elements: inQuery('Names of elements with commas between.', TEXT),
  _include: inQuery('References to follow: *, Type:parameter, Type:parameter:Target.', MANY_TEXTS),
  _revinclude: inQuery('References to follow back: *, Type:parameter, Type:parameter:Target.', MANY_TEXTS),
  [CURSOR_PARAM]: inQuery('Of a next link.', TEXT),
};

const HISTORY: Readonly<Record<string, Json>> = {
  _since: inQuery('Versions made at or after this instant.', MOMENT),
  _at: inQuery('Versions that were current then.', MOMENT),
};

const TYPES = { _type: inQuery('The types to search, with commas between.', TEXT) };

const HEADERS: Readonly<Record<string, Json>> = {
  Prefer: inHeader('return=minimal, representation or OperationOutcome; handling=strict or lenient.'),
  'If-Match': inHeader('The version to change, as its ETag tells it.'),
  'If-None-Match': inHeader('The version that the caller has: 304 where it is the current one.'),
  'If-Modified-Since': inHeader('When the caller got its version.'),
  'If-None-Exist': inHeader('A search; what it finds is not created again.'),
  'Idempotency-Key': inHeader('The same request under the same key gets its first answer again, for 24 hours.'),
  'X-Slot-Key': inHeader('The key that a time was locked or is held with.'),
  'X-Override-Reason': inHeader('Why a booking goes against the rules; for callers with the right to.'),
};

const FIXED: Readonly<Record<string, Json>> = { ...PATH, ...FORMAT, ...RESULTS, ...HISTORY, ...TYPES, ...HEADERS };

/** The parameters that operations refer to, by the key of each: those of searches by the id of their definition. */
export function parameterComponents(): Readonly<Record<string, Json>> {
  const definitions = SERVED_TYPES.flatMap((type) => [...searchParametersOf(type).values()]);
  const searches = definitions.map((definition): readonly [string, Json] => {
    const { code, type, description, url } = definition;
    const modifiers = modifiersOf(definition).map((modifier) => `:${modifier}`);
    const prefixed = { date: PREFIXED_DATE, number: PREFIXED_NUMBER } as const;
    const items = type === 'date' || type === 'number' ? prefixed[type] : TEXT;
    const text = `${description} (${type}; ${modifiers.join(', ')})`.trim();
    return [keyOf(url), { name: code, ...inQuery(text, { type: 'array', items }) }];
  });
  const ofDefinitions = DEFINITION_PARAMETERS.map(({ name, documentation = '' }): readonly [string, Json] => [
    `definition-${name}`,
    { name, ...inQuery(documentation, MANY_TEXTS) },
  ]);
  const fixed = Object.entries(FIXED).map(([name, rest]): readonly [string, Json] => [name, { name, ...rest }]);
  return Object.fromEntries([...fixed, ...ofDefinitions, ...searches]);
}

/** The parameters of one endpoint: references to components, and for an operation by GET those of its definition. */
export function parametersAt(endpoint: Endpoint): readonly Json[] {
  const { path, deed } = endpoint;
  const inTemplate = Object.keys(PATH).filter((name) => path.includes(`{${name}}`));
  if (deed.kind === 'fixed' && deed.name !== 'metadata') return [];
  const names = [...inTemplate, ...Object.keys(FORMAT), ...namesOf(endpoint)];
  const own = deed.kind === 'operation' && endpoint.method === 'get' ? queryOf(deed.operation) : [];
  return [...names.map((name) => refTo('parameters', name)), ...own];
}

const STRICTNESS = ['Prefer'];
const CHANGING = ['Prefer', 'Idempotency-Key', 'X-Slot-Key', 'X-Override-Reason'];
const CUT = ['_summary', '_elements'];

function namesOf({ deed, method, body }: Endpoint): readonly string[] {
  const isForm = body === 'form';
  switch (deed.kind) {
    case 'fixed':
      return [];
    case 'operation':
      return method === 'get' ? STRICTNESS : [...CHANGING, 'If-Match'];
    case 'compartment':
      return isForm ? STRICTNESS : [...STRICTNESS, ...searchNames(deed.type)];
    case 'system':
      return systemNames(deed.interaction, isForm);
    case 'interaction':
      return interactionNames(deed.interaction, deed.type, isForm);
  }
}

function systemNames(interaction: string, isForm: boolean): readonly string[] {
  if (interaction === 'history-system') return [...Object.keys(HISTORY), '_count', CURSOR_PARAM];
  if (interaction === 'search-system') {
    return isForm ? STRICTNESS : [...STRICTNESS, '_type', ...commonKeys(), ...Object.keys(RESULTS)];
  }
  return CHANGING;
}

function interactionNames(interaction: string, type: string, isForm: boolean): readonly string[] {
  switch (interaction) {
    case 'read':
      return ['If-None-Match', 'If-Modified-Since', ...CUT];
    case 'vread':
      return CUT;
    case 'create':
      return [...CHANGING, 'If-None-Exist'];
    case 'search-type':
      return isForm ? STRICTNESS : [...STRICTNESS, ...searchNames(type)];
    case 'history-instance':
    case 'history-type':
      return [...Object.keys(HISTORY), '_count', CURSOR_PARAM];
    default:
      return [...CHANGING, 'If-Match'];
  }
}

function searchNames(type: string): readonly string[] {
  if (!isServedType(type)) {
    return [...DEFINITION_PARAMETERS.map(({ name }) => `definition-${name}`), ...DEFINITION_PAGING];
  }
  return [...[...searchParametersOf(type).values()].map(({ url }) => keyOf(url)), ...Object.keys(RESULTS)];
}

/** Those that all stored types have. */
function commonKeys(): readonly string[] {
  const [first, ...others] = SERVED_TYPES.map((type) => [...searchParametersOf(type).values()].map(({ url }) => url));
  return (first ?? []).filter((url) => others.every((urls) => urls.includes(url))).map(keyOf);
}

/** What the definition of an operation knows, as texts of a query. */
function queryOf({ type, code }: { readonly type?: string; readonly code: string }): readonly Json[] {
  return [...repeatsOfOperation(`${type}-${code}`)].map(([name, repeats]) => ({
    name,
    in: 'query',
    schema: repeats ? MANY_TEXTS : TEXT,
  }));
}

/** `http://hl7.org/fhir/SearchParameter/Slot-status`: `Slot-status`. */
function keyOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
