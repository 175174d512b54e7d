import type { CapabilityStatementRestResourceSearchParam } from 'fhir/r4.js';
import { instantText } from '../base/clock.js';
import { fault } from '../base/fault.js';
import type { Param, RequestContext, Resources, ResourceVersion, SearchAnswer, Searches } from '../booking/index.js';
import { conformanceResources } from '../fhir/index.js';
import { CURSOR_PARAM, SEARCH_COUNT_MAX } from '../search/index.js';

/** The search parameters of definitions, and the element each compares: whole values, a comma means or. */
const ELEMENTS: Readonly<Record<string, 'id' | 'url' | 'name'>> = { _id: 'id', url: 'url', name: 'name' };

/** What the CapabilityStatement says of them. */
export const DEFINITION_PARAMETERS: readonly CapabilityStatementRestResourceSearchParam[] = [
  { name: '_id', type: 'token', definition: 'http://hl7.org/fhir/SearchParameter/Resource-id' },
  { name: 'name', type: 'string', documentation: 'The whole name.' },
  { name: 'url', type: 'uri', documentation: 'The canonical URL.' },
];

/** How the answer comes in pages; a cursor is the id of the last definition before its page. */
export const DEFINITION_PAGING = ['_count', CURSOR_PARAM];

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

  async function search(type: string, params: readonly Param[], { strict }: RequestContext): Promise<SearchAnswer> {
    const names = [...Object.keys(ELEMENTS), ...DEFINITION_PAGING];
    const known = params.filter(([name]) => names.includes(name));
    if (strict && known.length < params.length) {
      throw fault('invalid', `${type} has the search parameters ${names.join(', ')}.`);
    }
    const conditions = known.filter(([name]) => Object.hasOwn(ELEMENTS, name));
    const found = versions(type, (resource) => conditions.every((param) => meetsParam(resource, param)));
    return Promise.resolve({ ...pageOf(found, known, conditions), total: found.length, included: [], remarks: [] });
  }

  return { read, search };
}

/** A page as it was asked for: without a `_count` all that there is. @throws {Fault} `invalid` */
function pageOf(
  found: readonly ResourceVersion[],
  known: readonly Param[],
  conditions: readonly Param[],
): Pick<SearchAnswer, 'self' | 'next' | 'matches'> {
  const after = valueOf(known, CURSOR_PARAM);
  const sent = valueOf(known, '_count');
  if (sent !== undefined && !/^\d{1,400}$/.test(sent)) throw fault('invalid', '_count is a whole number.', '_count');
  const count = Math.min(Number(sent ?? SEARCH_COUNT_MAX), SEARCH_COUNT_MAX);
  const rest = after === undefined ? found : found.filter(({ id }) => id > after);
  const matches = rest.slice(0, count);
  const last = matches.length < rest.length ? matches.at(-1) : undefined;
  const counted: readonly Param[] =
    sent === undefined && !last ? conditions : [...conditions, ['_count', String(count)]];
  return {
    self: after === undefined ? counted : [...counted, [CURSOR_PARAM, after]],
    ...(last && { next: [...counted, [CURSOR_PARAM, last.id]] }),
    matches,
  };
}

/** @throws {Fault} `invalid` where it stands more than once */
function valueOf(params: readonly Param[], name: string): string | undefined {
  const [value, ...others] = params.flatMap(([own, one]) => (own === name ? [one] : []));
  if (others.length > 0) throw fault('invalid', `${name} may stand only once.`, name);
  return value;
}

type Definition = ReturnType<typeof conformanceResources>[number];

function meetsParam(resource: Definition, [name, value]: Param): boolean {
  const element = ELEMENTS[name];
  return element !== undefined && value.split(',').includes(resource[element]);
}
