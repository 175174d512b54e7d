import { fault } from '../base/fault.js';
import type { Param } from '../booking/index.js';
import { isId } from '../fhir/index.js';
import type { ExchangePath, Handler } from './exchange.js';
import { MOUNTED, ROUTES, type Interaction, type OpenOperation } from './mounted.js';
import { paramsOfUrl } from './query-params.js';

/** What an entry of a Bundle asks for. */
export type EntryRoute = {
  readonly path: ExchangePath;
  readonly params: readonly Param[];
} & (
  | { readonly interaction: Interaction }
  | { readonly interaction: 'operation'; readonly operation: OpenOperation; readonly handler: Handler }
  | { readonly interaction: 'read-of-many'; readonly handler: Handler }
);

/** What a GET reads that is no interaction with a type: `/metadata`, `/_history`, the compartment of a Patient. */
export interface ReadPlace {
  /** As Express has it. */
  readonly path: string;
  readonly handler: Handler;
}

/** What entries may ask for besides the interactions with a type. */
export interface EntryPlaces {
  readonly operations: readonly OpenOperation[];
  readonly readPlaces: readonly ReadPlace[];
}

/** In the order in which they are done: https://hl7.org/fhir/R4/http.html#trules */
export const METHODS: readonly unknown[] = ['DELETE', 'POST', 'PUT', 'PATCH', 'GET'];

/** What may stand where a path has a name of its own. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9.-]*$/;

/**
 * Finds what `request.method` and `request.url` of an entry mean, relative to the base or below it.
 * @param places that are open
 * @throws {Fault} `code-invalid` for another method, `not-supported` where none is mounted, and as `paramsOfUrl`
 */
export function entryRoute(method: string, url: string, base: string, places: EntryPlaces): EntryRoute {
  if (!METHODS.includes(method)) {
    const kind = method === 'HEAD' ? 'not-supported' : 'code-invalid';
    throw fault(kind, `request.method is one of ${METHODS.join(', ')}.`, 'Bundle.entry.request');
  }
  const relative = url.startsWith(base) && /^[/?]/.test(url.slice(base.length)) ? url.slice(base.length) : url;
  const segments = (relative.split('?', 1)[0] ?? '').split('/').filter((segment) => segment !== '');
  const asked = method.toLowerCase();
  const found =
    interactionAt(asked, segments) ??
    operationAt(places.operations, asked, segments) ??
    (asked === 'get' ? readPlaceAt(places.readPlaces, segments) : undefined);
  if (found) return { ...found, params: paramsOfUrl(relative) };
  const message = `${method} ${url.slice(0, 200)} is not possible in a Bundle, where a search is a GET.`;
  throw fault('not-supported', message, 'Bundle.entry.request');
}

function interactionAt(method: string, segments: readonly string[]) {
  const [type = ''] = segments;
  for (const { interaction, path, method: own, body } of ROUTES) {
    const names = matched(path, segments);
    if (own !== method || body === 'form' || !names || MOUNTED.get(type)?.includes(interaction) !== true) continue;
    const { id = '', versionId = '' } = names;
    return id === '' || isId(id) ? { interaction, path: { type, id, versionId } } : undefined;
  }
  return undefined;
}

/** The operation at a path: `/$[code]`, `/[type]/$[code]`, `/[type]/[id]/$[code]`, and below a version of that. */
function operationAt(operations: readonly OpenOperation[], method: string, segments: readonly string[]) {
  const code = segments.at(-1)?.replace(/^(?:\$|%24)/i, '$');
  const [type = '', id = '', history, versionId = ''] = segments.slice(0, -1);
  const level = (['system', 'type', 'instance', undefined, 'version'] as const)[segments.length - 1];
  if (level === 'version' && history !== '_history') return undefined;
  const operation = operations.find(
    (one) =>
      code === `$${one.code}` &&
      level !== undefined &&
      one.levels.includes(level) &&
      one.methods.some((own) => own === method) &&
      (level === 'system' || one.type === type),
  );
  if (!operation || (id !== '' && !isId(id))) return undefined;
  const { handler } = operation;
  return { interaction: 'operation' as const, operation, handler, path: { type, id, versionId } };
}

function readPlaceAt(places: readonly ReadPlace[], segments: readonly string[]) {
  for (const { path, handler } of places) {
    const names = matched(path, segments);
    const { id = '' } = names ?? {};
    if (!names || (id !== '' && !isId(id))) continue;
    return { interaction: 'read-of-many' as const, handler, path: { type: '', id, versionId: '' } };
  }
  return undefined;
}

/** The names that a path like `/:type/:id` gives to segments; undefined for another path. */
function matched(path: string, segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const isFitting = (part: string, segment = '') =>
    part.startsWith(':') ? NAME.test(segment) : part.replace('\\', '') === segment;
  if (parts.length !== segments.length || !parts.every((part, at) => isFitting(part, segments[at]))) return undefined;
  const named = parts.flatMap((part, at) => (part.startsWith(':') ? [[part.slice(1), segments[at] ?? '']] : []));
  return Object.fromEntries(named) as Record<string, string>;
}
