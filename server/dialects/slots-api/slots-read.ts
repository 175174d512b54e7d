import type { Slot } from 'fhir/r4.js';
import { instantText } from '../../base/clock.js';
import type { ListedVersion, ListQuestion, Param, RequestContext } from '../../booking/index.js';
import type { Endpoint } from './asked.js';
import { SlotsApiError } from './errors.js';
import { isId } from './fhir-elements.js';
import { pageIn, wordIn, wordsIn } from './paging.js';
import { ifThere, timeIn, type Members } from './read-body.js';
import { resourceIn, shownSlot, SLOTS_THERE, SlotTests, type ShowDeps } from './shown.js';

/** `GET /slots`: stored Slots in order of their starts; no disabled ones and none of drafts to a public key. */
export function listSlots(deps: ShowDeps): Endpoint {
  return async ({ query, kind, context }) => {
    const { page, ...place } = pageIn(query);
    const available = wordIn(query, 'available', ['true', 'false']);
    const params = paramsOf(query);
    const { listing } = deps;
    const tests = new SlotTests(deps, context);
    const keeps = async (version: ListedVersion) =>
      (kind === 'secret' || (await tests.isPublic(version))) &&
      (available === undefined || (await tests.isAvailable(version)) === (available === 'true'));
    const question: ListQuestion = { type: 'Slot', order: 'start', params: params ?? [] };
    const isWhole = kind === 'secret' && available === undefined;
    const total = isWhole && params ? await listing.count(question, context) : 0;
    const whole = async () => (place.offset < total ? listing.page(question, place, context) : []);
    const found = !params
      ? { total, versions: [] }
      : isWhole
        ? { total, versions: await whole() }
        : await listing.pick(question, keeps, place, context);
    const data = await Promise.all(found.versions.map((version) => shownSlot(deps, version, context)));
    return { data, meta: { limit: place.limit, page, total: found.total } };
  };
}

/** `GET /slots/:slot_id`: E025 for a disabled one and for one of a draft, to a public key. */
export function getSlot(deps: ShowDeps): Endpoint {
  return async ({ id, kind, context }) => {
    const version = await slotVersion(deps, id);
    const isSeen = kind === 'secret' || (await new SlotTests(deps, context).isPublic(version));
    if (!isSeen) throw unknownSlot();
    return { data: await shownSlot(deps, version, context) };
  };
}

/** A slot that an endpoint has changed, as it is now. */
export async function slotNow(deps: ShowDeps, id: string, context: RequestContext): Promise<object> {
  return shownSlot(deps, await slotVersion(deps, id), context);
}

/** The refusal of an id that no slot has. */
export function unknownSlot(): SlotsApiError {
  return new SlotsApiError('E025', 'There is no such slot.');
}

async function slotVersion({ listing }: ShowDeps, id: string): Promise<ListedVersion> {
  const [version] = isId(id) ? await listing.read('Slot', [id]) : [];
  if (!version || resourceIn<Slot>(version).status === 'entered-in-error') throw unknownSlot();
  return version;
}

/** As FHIR searches; undefined where nothing can be meant. The client's own type spells `resoure_id` (OB-2). */
function paramsOf(query: Members): readonly Param[] | undefined {
  const resourceId = wordsIn(query, 'resource_id') ?? wordsIn(query, 'resoure_id');
  const startMs = ifThere(query, 'start_date', timeIn);
  const endMs = ifThere(query, 'end_date', timeIn);
  if (resourceId !== undefined && !isId(resourceId)) return undefined;
  return [
    SLOTS_THERE,
    ...(resourceId === undefined ? [] : [['schedule', `Schedule/${resourceId}`] as const]),
    ...(startMs === undefined ? [] : [['start', `ge${instantText(startMs)}`] as const]),
    ...(endMs === undefined ? [] : [['end', `le${instantText(endMs)}`] as const]),
  ];
}
