import type { Resources, Searches } from '../../booking/index.js';
import type { Handler } from '../exchange.js';
import type { StandardOperationCode } from '../mounted.js';
import { everything } from './everything.js';
import { meta } from './meta.js';

/** What the operations of R4 work with. */
export interface StandardOperationParts {
  readonly resources: Resources;
  readonly searches: Searches;
}

/** The handler of each operation that R4 itself defines. */
export function standardOperationHandlers({
  resources,
  searches,
}: StandardOperationParts): Record<StandardOperationCode, Handler> {
  return { meta: meta(resources), everything: everything(searches) };
}
