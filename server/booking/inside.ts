import { withRelativeReferences } from '../fhir/index.js';
import type { RequestContext } from './types.js';

/** No reference begins so: in the store, those to this server are relative. */
export const BASE_INSIDE = 'urn:none';

/**
 * The context of a request behind the door: what is ours there does not depend on the name under which the caller
 * reached us, for the next one may come under another.
 */
export function inside(context: RequestContext): RequestContext {
  return { ...context, base: BASE_INSIDE };
}

/** What is asked for, as it counts inside: resources and references in it name this server by relative references. */
export function askedInside<T>(request: T, { base }: RequestContext): T {
  return withRelativeReferences(request, base);
}
