import { fault } from '../../base/fault.js';
import type { Resources } from '../../booking/index.js';
import { parametersOf, type ParsedJson, type Patch } from '../../fhir/index.js';
import type { Exchange, Handler } from '../exchange.js';
import { ifMatchOf } from '../preconditions.js';
import { readJson } from '../read-json.js';
import { metaOfVersion } from './meta-answer.js';

/**
 * `POST [base]/[type]/[id]/$meta-add`, `$meta-delete`: https://hl7.org/fhir/R4/resource-operation-meta-add.html,
 * https://hl7.org/fhir/R4/resource-operation-meta-delete.html
 *
 * 200 Parameters with the `meta` as it is now as `return`; where it is another, in a new version · 400 no `meta` ·
 * 404, 410 · 405 a computed Slot · 412 another version than `If-Match`
 */
export function changeMeta(resources: Pick<Resources, 'patch'>, kind: Patch['kind'] & `${string}-meta`): Handler {
  return async (exchange) => {
    const { path, headers, context } = exchange;
    const ifMatch = ifMatchOf(headers['if-match']);
    const patch = { kind, body: metaOf(exchange) };
    return metaOfVersion(await resources.patch(path.type, path.id, patch, context, ifMatch));
  };
}

/** @throws {Fault} `required`, `invalid` where the parameter `meta` does not come once, as a Meta */
function metaOf(exchange: Exchange): ParsedJson {
  const [sent, ...others] = parametersOf(readJson(exchange)).filter(({ name }) => name === 'meta');
  if (!sent) throw fault('required', 'The parameter meta is needed, as valueMeta.', 'Parameters.parameter');
  if (others.length > 0 || sent.value?.type !== 'Meta') {
    throw fault('invalid', 'Give meta once, as valueMeta with profile, security or tag.', sent.place);
  }
  return { plain: sent.value.plain, exact: sent.value.plain };
}
