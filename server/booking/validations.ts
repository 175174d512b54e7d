import { Fault, fault, type FaultKind, type Reason } from '../base/fault.js';
import { isId, judgeByProfiles, parseJson, withRelativeBody, type ParsedJson } from '../fhir/index.js';
import { checkBody } from './check-body.js';
import { decideOnly } from './draft.js';
import { inside } from './inside.js';
import { writeDeps, type ResourcesDeps } from './make-resources.js';
import { passedPuts } from './passed-puts.js';
import { interactionsOn, type Interactions } from './stage-interactions.js';
import type { RequestContext, Resources, Validation, ValidationRequest, Validations } from './types.js';

/** What is no fault of a resource, nor a rule that it meets. */
const OF_THE_REQUEST: ReadonlySet<FaultKind> = new Set(['bug', 'unavailable', 'unauthenticated']);

/** What the server alone writes: such a resource is judged by itself. */
const SERVER_WRITES = 'AuditEvent';

/** What is to be tried: a write on a draft, or nothing but a look at the resource. */
type Trial = ((interactions: Interactions) => Promise<unknown>) | 'alone';

/** The service behind `$validate`: what a write would be refused for, by the same steps, of which nothing is kept. */
export function makeValidations(deps: ResourcesDeps & { readonly resources: Pick<Resources, 'read'> }): Validations {
  const parts = { ...writeDeps(deps), settings: deps.settings };

  async function triedOn(trial: Exclude<Trial, 'alone'>, asked: RequestContext): Promise<void> {
    const { base } = inside(asked);
    await decideOnly(deps.store, (draft) => trial(interactionsOn(draft, parts, asked)), passedPuts(deps, base));
  }

  return {
    async validate(request, asked) {
      const { type, id = '', mode } = request;
      refuseNonsense(request);
      if (mode === 'delete') {
        const faults = await faultsOf(() => triedOn((on) => on.remove(type, id), asked));
        return { faults, unknownProfiles: [] };
      }
      const body = request.body ?? parseJson((await deps.resources.read(type, id, asked)).text);
      const trial = type === SERVER_WRITES ? 'alone' : await trialOf({ ...request, body }, deps, request.body);
      const faults = await faultsOf(async () => {
        if (trial === 'alone') checkBody(type, withRelativeBody(body, asked.base), asked.base);
        else await triedOn(trial, asked);
      });
      return withProfiles(faults, body, request);
    },
  };
}

/** @throws {Fault} `required`, `invalid`, `not-supported` for what asks nothing that could be answered */
function refuseNonsense({ type, id, mode, body, profiles }: ValidationRequest): void {
  const isOfStored = mode === 'delete' || mode === 'profile';
  if (id === undefined && isOfStored) throw fault('required', `mode=${mode} needs ${type}/[id]/$validate.`, 'mode');
  if (mode === 'profile' && body) {
    throw fault('invalid', 'mode=profile is about the resource that is stored: send none.', 'resource');
  }
  if (mode === 'profile' && profiles.length === 0) throw fault('required', 'mode=profile needs a profile.', 'profile');
  const isNeeded = id === undefined || mode === 'create' || mode === 'update';
  if (!body && !isOfStored && isNeeded) {
    throw fault('required', `Send the ${type} as the body, or as the parameter resource.`, 'resource');
  }
  if (type === SERVER_WRITES && mode !== undefined && mode !== 'profile') {
    throw fault('not-supported', `Nobody may write ${type}s but the server: leave the mode out.`, 'mode');
  }
}

/** What stands already is judged by itself; what was sent as an update of what stands there, else as a new one. */
async function trialOf(
  { type, id, mode, body }: ValidationRequest & { readonly body: ParsedJson },
  { store }: Pick<ResourcesDeps, 'store'>,
  sent: ParsedJson | undefined,
): Promise<Trial> {
  if (!sent) return 'alone';
  const own = (body.plain as { readonly id?: unknown } | null)?.id;
  const named = id ?? (typeof own === 'string' && isId(own) ? own : undefined);
  if (mode === 'update' && named === undefined) {
    return () => Promise.reject(fault('required', 'An update needs an id, in the path or in the body.', `${type}.id`));
  }
  if (mode === 'create' || named === undefined) return (on) => on.create(type, body);
  if (mode === 'update') return (on) => on.update(type, named, body);
  const stands = id !== undefined || (await store.read({ type, id: named }))?.deleted === false;
  return stands ? (on) => on.update(type, named, body) : (on) => on.create(type, body);
}

/** What something is refused for. @throws {Fault} what is not for the resource to mend */
async function faultsOf(attempt: () => Promise<void>): Promise<readonly Reason[]> {
  try {
    await attempt();
    return [];
  } catch (error) {
    if (!(error instanceof Fault) || OF_THE_REQUEST.has(error.kind)) throw error;
    return error.reasons;
  }
}

/** What profiles say besides, those that the resource claims and those that were asked for. */
function withProfiles(faults: readonly Reason[], { plain }: ParsedJson, request: ValidationRequest): Validation {
  const claimed = (plain as { readonly meta?: { readonly profile?: unknown } } | null)?.meta?.profile;
  const named = (Array.isArray(claimed) ? (claimed as unknown[]) : []).filter((one) => typeof one === 'string');
  const { reasons, unknown } = judgeByProfiles(plain, request.type, [...request.profiles, ...named]);
  const told = new Set(faults.map(({ expression }) => expression));
  const added = reasons.filter(({ expression }) => !told.has(expression));
  return { faults: [...faults, ...added], unknownProfiles: unknown };
}
