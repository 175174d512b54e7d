import type { FhirResource } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import { mergedMeta, SERVED_TYPES, type JsonObject, type MetaSets } from '../fhir/index.js';
import type { Filter } from '../search/index.js';
import { pagesOf, type Store } from '../store/index.js';

/** Resources with a profile, label or tag that one `$meta` of a type, or of all, looks at. */
export const META_RESOURCES_MAX = 10_000;

const PAGE = 500;

const HAS_META: Filter = {
  kind: 'any',
  of: ['_profile', '_security', '_tag'].map((param) => ({ kind: 'missing', param, missing: false })),
};

/**
 * Which profiles, security labels and tags resources have: https://hl7.org/fhir/R4/resource-operation-meta.html
 *
 * @param type absent: of all types
 * @throws {Fault} `too-costly` for more than `META_RESOURCES_MAX` resources
 */
export async function metaInUse(store: Pick<Store, 'search'>, type: string | undefined): Promise<MetaSets> {
  const metas: JsonObject[] = [];
  for (const one of type === undefined ? SERVED_TYPES : [type]) {
    for await (const page of pagesOf(store, { type: one, filter: HAS_META, sort: [] }, PAGE)) {
      metas.push(...page.map(({ document }) => ((JSON.parse(document.text) as FhirResource).meta ?? {}) as JsonObject));
      if (metas.length <= META_RESOURCES_MAX) continue;
      const advice = 'Ask for one type, or of one resource, or search by _tag, _security or _profile.';
      throw fault('too-costly', `More than ${META_RESOURCES_MAX} resources have such a meta. ${advice}`);
    }
  }
  return mergedMeta(metas);
}
