import type { Schedule } from 'fhir/r4.js';
import type { ListedVersion, ListQuestion, RequestContext } from '../../booking/index.js';
import type { Asked, Endpoint } from './asked.js';
import { SlotsApiError } from './errors.js';
import { isId } from './fhir-elements.js';
import { isPublished } from './objects.js';
import { pageIn, wordIn, wordsIn } from './paging.js';
import { resourceIn, shownResource, type ShowDeps } from './shown.js';

/** `GET /resources`: every Schedule, whichever API it was made through; published ones to a public key. */
export function listResources(deps: ShowDeps): Endpoint {
  return async ({ query, kind, context }) => {
    const { page, ...place } = pageIn(query);
    const status = wordIn(query, 'status', ['draft', 'published']);
    const name = wordsIn(query, 'name')?.toLowerCase();
    const isHidden = kind === 'public' && status === 'draft';
    const isPublic = kind === 'public' || status === 'published';
    const params = isPublic
      ? [['active:not', 'false'] as const]
      : status === 'draft'
        ? [['active', 'false'] as const]
        : [];
    const question: ListQuestion = { type: 'Schedule', order: 'created', params };
    const { total, versions } = isHidden
      ? { total: 0, versions: [] }
      : await listed(deps, question, name, place, context);
    const data = await Promise.all(versions.map((version) => shownResource(deps, version, context)));
    return { data, meta: { limit: place.limit, page, total } };
  };
}

/** `GET /resources/:resource_id`: E052 for a draft, to a public key. */
export function getResource(deps: ShowDeps): Endpoint {
  return async (asked) => ({ data: await shownResource(deps, await visible(deps, asked), asked.context) });
}

/** A resource that an endpoint has changed, as it is now. */
export async function resourceNow(deps: ShowDeps, id: string, context: RequestContext): Promise<object> {
  const [version] = await deps.listing.read('Schedule', [id]);
  if (!version) throw unknownResource();
  return shownResource(deps, version, context);
}

/** The refusal of an id that no resource has. */
export function unknownResource(): SlotsApiError {
  return new SlotsApiError('E052', 'There is no such resource.');
}

async function visible({ listing }: ShowDeps, { id, kind }: Asked): Promise<ListedVersion> {
  const [version] = isId(id) ? await listing.read('Schedule', [id]) : [];
  if (!version || (kind === 'public' && !isPublished(resourceIn<Schedule>(version)))) throw unknownResource();
  return version;
}

/** A name is compared whole, whatever its case; nothing indexes it. */
async function listed(
  { listing }: ShowDeps,
  question: ListQuestion,
  name: string | undefined,
  place: { readonly offset: number; readonly limit: number },
  context: RequestContext,
) {
  if (name === undefined) {
    const total = await listing.count(question, context);
    return { total, versions: place.offset < total ? await listing.page(question, place, context) : [] };
  }
  const isNamed = (version: ListedVersion) => {
    const { comment, actor } = resourceIn<Schedule>(version);
    return (comment ?? actor[0]?.display ?? version.id).toLowerCase() === name;
  };
  return listing.pick(question, isNamed, place, context);
}
