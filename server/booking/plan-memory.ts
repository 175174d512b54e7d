import type { Store } from '../store/index.js';
import { forgetOldest } from './forget-oldest.js';
import type { Revisions } from './seen-documents.js';
import type { SlotPlan } from './slot-plan.js';
import type { Param, RequestContext } from './types.js';

/** How many questions are remembered. */
const QUESTIONS_REMEMBERED_MAX = 2_000;
/** The same question is asked again by a browser or an app; a long form is not. */
const QUESTION_PARAMS_MAX = 10;
const QUESTION_CHARACTERS_MAX = 1_000;

/** What a plan was made from, and how it is made again from the same at another time. */
export interface PlanRepeat extends Revisions {
  /** Undefined where so much time has passed that other documents matter. */
  readonly at: (nowMs: number) => SlotPlan | undefined;
}

/** The plan of a question that was asked before; or, where something has changed, the revisions as they are now. */
export interface Recalled {
  readonly plan?: SlotPlan;
  readonly asked?: Revisions;
}

/**
 * Questions that were planned before. A plan is made again without reading the question or a document anew, if the
 * store names the same revisions of everything that it was made from.
 */
export class PlanMemory {
  readonly #repeats = new Map<string, PlanRepeat>();

  constructor(private readonly store: Store) {}

  async recall(params: readonly Param[], context: RequestContext, nowMs: number): Promise<Recalled> {
    const name = nameOf(params, context);
    const repeat = name === undefined ? undefined : this.#repeats.get(name);
    if (!repeat) return {};
    const { keys } = repeat;
    const revisions = await this.store.revisions(keys);
    const plan = revisions.every((revision, at) => revision === repeat.revisions[at]) ? repeat.at(nowMs) : undefined;
    return plan ? { plan } : { asked: { keys, revisions } };
  }

  keep(params: readonly Param[], context: RequestContext, repeat: PlanRepeat): void {
    const name = nameOf(params, context);
    if (name === undefined) return;
    forgetOldest(this.#repeats, QUESTIONS_REMEMBERED_MAX);
    this.#repeats.set(name, repeat);
  }
}

/** Undefined for a question too long to be remembered. */
function nameOf(params: readonly Param[], { base, strict }: RequestContext): string | undefined {
  if (params.length > QUESTION_PARAMS_MAX) return undefined;
  const name = JSON.stringify([base, strict, params]);
  return name.length > QUESTION_CHARACTERS_MAX ? undefined : name;
}
