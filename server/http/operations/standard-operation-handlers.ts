import type { Resources } from '../../booking/index.js';
import type { Handler } from '../exchange.js';
import type { StandardOperationCode } from '../mounted.js';
import { changeMeta } from './change-meta.js';
import { meta } from './meta.js';

/** What the operations of R4 work with. */
export interface StandardOperationParts {
  readonly resources: Resources;
}

/** The handler of each operation that R4 itself defines. */
export function standardOperationHandlers({
  resources,
}: StandardOperationParts): Record<StandardOperationCode, Handler> {
  return {
    meta: meta(resources),
    'meta-add': changeMeta(resources, 'add-meta'),
    'meta-delete': changeMeta(resources, 'delete-meta'),
  };
}
