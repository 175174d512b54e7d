import { fault } from '../base/fault.js';
import type { Target } from '../booking/index.js';
import type { Exchange } from './exchange.js';

/**
 * What a write is about: the id in the path, or the search in the query.
 * @throws {Fault} `required` where there is neither
 */
export function targetOf({ path: { type, id }, params }: Pick<Exchange, 'path' | 'params'>): Target {
  if (id !== '') return id;
  if (params.length === 0) throw fault('required', `Name one: ${type}/[id], or ${type}?identifier=….`);
  return params;
}
