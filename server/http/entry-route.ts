import { fault } from '../base/fault.js';
import type { Param } from '../booking/index.js';
import { isId } from '../fhir/index.js';
import type { ExchangePath } from './exchange.js';
import { MOUNTED, ROUTES, type Interaction, type OpenOperation } from './mounted.js';
import { paramsOfUrl } from './query-params.js';

/** What an entry of a Bundle asks for. */
export interface EntryRoute {
  readonly interaction: Interaction | 'operation';
  /** Which one, where it is an operation. */
  readonly operation?: OpenOperation;
  readonly path: ExchangePath;
  readonly params: readonly Param[];
}

/** What may stand where a path has a name of its own. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9.-]*$/;

/**
 * Finds what `request.method` and `request.url` of an entry mean, relative to the base or below it.
 * @param operations that are open
 * @throws {Fault} `not-supported` where none is mounted, and as `paramsOfUrl`
 */
export function entryRoute(
  method: string,
  url: string,
  base: string,
  operations: readonly OpenOperation[],
): EntryRoute {
  const relative = url.startsWith(`${base}/`) ? url.slice(base.length) : url;
  const segments = (relative.split('?', 1)[0] ?? '').split('/').filter((segment) => segment !== '');
  const [type = ''] = segments;
  const asked = method.toLowerCase();
  for (const { interaction, path, method: own, body } of ROUTES) {
    const names = matched(path, segments);
    if (own !== asked || body === 'form' || !names || MOUNTED.get(type)?.includes(interaction) !== true) continue;
    const { id = '', versionId = '' } = names;
    if (id !== '' && !isId(id)) break;
    return { interaction, path: { type, id, versionId }, params: paramsOfUrl(relative) };
  }
  const called = operationAt(operations, asked, segments);
  if (called) return { interaction: 'operation', ...called, params: paramsOfUrl(relative) };
  throw fault('not-supported', `${method} ${url.slice(0, 200)} is not possible in a Bundle.`, 'Bundle.entry.request');
}

/** The operation at a path: `/$[code]`, `/[type]/$[code]`, `/[type]/[id]/$[code]`. */
function operationAt(
  operations: readonly OpenOperation[],
  method: string,
  segments: readonly string[],
): (Pick<EntryRoute, 'path'> & { readonly operation: OpenOperation }) | undefined {
  const code = segments.at(-1)?.replace(/^(?:\$|%24)/i, '$');
  const [type = '', id = ''] = segments.slice(0, -1);
  const level = (['system', 'type', 'instance'] as const)[segments.length - 1];
  const operation = operations.find(
    (one) =>
      code === `$${one.code}` &&
      level !== undefined &&
      one.levels.includes(level) &&
      one.methods.some((own) => own === method) &&
      (level === 'system' || one.type === type),
  );
  if (!operation || (id !== '' && !isId(id))) return undefined;
  return { operation, path: { type, id, versionId: '' } };
}

/** The names that a path like `/:type/:id` gives to segments; undefined for another path. */
function matched(path: string, segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  const parts = path.split('/').slice(1);
  const fits =
    parts.length === segments.length &&
    parts.every((part, at) => (part.startsWith(':') ? NAME.test(segments[at] ?? '') : part === segments[at]));
  if (!fits) return undefined;
  const named = parts.flatMap((part, at) => (part.startsWith(':') ? [[part.slice(1), segments[at] ?? '']] : []));
  return Object.fromEntries(named) as Record<string, string>;
}
