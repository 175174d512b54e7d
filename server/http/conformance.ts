import type { CapabilityStatementRestResourceSearchParam } from 'fhir/r4.js';
import { instantText } from '../base/clock.js';
import { fault } from '../base/fault.js';
import type { Param, RequestContext, Resources, ResourceVersion, SearchAnswer, Searches } from '../booking/index.js';
import { conformanceResources } from '../fhir/index.js';

/** The search parameters of definitions, and the element each compares: whole values, a comma means or. */
const ELEMENTS: Readonly<Record<string, 'id' | 'url' | 'name'>> = { _id: 'id', url: 'url', name: 'name' };

/** What the CapabilityStatement says of them. */
export const DEFINITION_PARAMETERS: readonly CapabilityStatementRestResourceSearchParam[] = [
  { name: '_id', type: 'token', definition: 'http://hl7.org/fhir/SearchParameter/Resource-id' },
  { name: 'name', type: 'string', documentation: 'The whole name.' },
  { name: 'url', type: 'uri', documentation: 'The canonical URL.' },
];

/**
 * The definitions that the server works by, read and searched like stored resources. They change only with the
 * server, so each has one version, as old as this process.
 * @param startMs when the process started
 */
export function conformanceServices(startMs: number): Pick<Resources, 'read'> & Pick<Searches, 'search'> {
  const meta = { versionId: '1', lastUpdated: instantText(startMs) };

  function versions(type: string, meets: (resource: Definition) => boolean): ResourceVersion[] {
    return conformanceResources(type)
      .filter(meets)
      .map((resource) => {
        const text = JSON.stringify({ ...resource, meta });
        return { type, id: resource.id, versionId: meta.versionId, updatedMs: startMs, text };
      });
  }

  function read(type: string, id: string): Promise<ResourceVersion> {
    const [found] = versions(type, (resource) => resource.id === id);
    return found ? Promise.resolve(found) : Promise.reject(fault('not-found', `${type}/${id} does not exist.`));
  }

  function search(type: string, params: readonly Param[], { strict }: RequestContext): Promise<SearchAnswer> {
    const self = params.filter(([name]) => Object.hasOwn(ELEMENTS, name));
    const unknown = params.find((param) => !self.includes(param));
    if (strict && unknown) {
      return Promise.reject(fault('invalid', `${type} has the search parameters ${Object.keys(ELEMENTS).join(', ')}.`));
    }
    const matches = versions(type, (resource) => self.every((param) => meetsParam(resource, param)));
    return Promise.resolve({ total: matches.length, self, matches, included: [], remarks: [] });
  }

  return { read, search };
}

type Definition = ReturnType<typeof conformanceResources>[number];

function meetsParam(resource: Definition, [name, value]: Param): boolean {
  const element = ELEMENTS[name];
  return element !== undefined && value.split(',').includes(resource[element]);
}
