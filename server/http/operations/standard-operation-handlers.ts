import type { Clock } from '../../base/clock.js';
import type { Resources, Searches, Validations } from '../../booking/index.js';
import type { Handler } from '../exchange.js';
import type { StandardOperationCode } from '../mounted.js';
import { changeMeta } from './change-meta.js';
import { everything } from './everything.js';
import { expand } from './expand.js';
import { lookup } from './lookup.js';
import { meta } from './meta.js';
import { validateCode } from './validate-code.js';
import { validate } from './validate.js';

/** What the operations of R4 work with. */
export interface StandardOperationParts {
  readonly resources: Resources;
  readonly searches: Searches;
  readonly validations: Validations;
  readonly clock: Clock;
}

/** The handler of each operation that R4 itself defines. */
export function standardOperationHandlers({
  resources,
  searches,
  validations,
  clock,
}: StandardOperationParts): Record<StandardOperationCode, Handler> {
  return {
    meta: meta(resources),
    'meta-add': changeMeta(resources, 'add-meta'),
    'meta-delete': changeMeta(resources, 'delete-meta'),
    validate: validate(validations),
    everything: everything(searches),
    expand: expand(clock),
    'validate-code': validateCode,
    lookup,
  };
}
