import { fault } from '../base/fault.js';
import type { Param, ResourceVersion } from '../booking/index.js';
import { isServedType, subsetText, type Subset } from '../fhir/index.js';

const SUMMARIES: Readonly<Record<string, Subset | 'whole'>> = {
  true: { summary: 'true' },
  text: { summary: 'text' },
  data: { summary: 'data' },
  false: 'whole',
};

/** What says how much of each resource is shown. */
export function isSubsetParam([name]: Param): boolean {
  return name === '_summary' || name === '_elements';
}

/**
 * The text of a version as a read asks for it: see `cutterOf`.
 * @throws {Fault} `invalid`
 */
export function cutVersion(version: ResourceVersion, params: readonly Param[]): string {
  return cutterOf(params)(version);
}

/**
 * Cuts versions as a read or a history asks for them, by `_summary` or `_elements`:
 * https://hl7.org/fhir/R4/search.html#summary. Definitions are always whole.
 * @throws {Fault} `invalid` for a summary that versions do not have, and for an element without a name
 */
export function cutterOf(params: readonly Param[]): (version: Pick<ResourceVersion, 'type' | 'text'>) => string {
  const subset = subsetAsked(params);
  return ({ type, text }) => (subset === 'whole' || !isServedType(type) ? text : subsetText(text, type, subset));
}

function subsetAsked(params: readonly Param[]): Subset | 'whole' {
  const elements = params.filter(([name]) => name === '_elements').flatMap(([, value]) => value.split(','));
  if (elements.includes('')) throw fault('invalid', '_elements names elements, with commas between them.', '_elements');
  const summary = params.find(([name]) => name === '_summary')?.[1];
  if (summary === undefined) return elements.length > 0 ? { elements } : 'whole';
  const known = Object.hasOwn(SUMMARIES, summary) ? SUMMARIES[summary] : undefined;
  if (!known) throw fault('invalid', 'Beyond searches, summaries are true, text, data and false.', '_summary');
  if (elements.length > 0) throw fault('invalid', 'Give _summary or _elements, not both.', '_elements');
  return known;
}
