import { fault } from '../base/fault.js';
import type { Param, ResourceVersion } from '../booking/index.js';
import { isServedType, subsetText, type Subset } from '../fhir/index.js';

const SUMMARIES: Readonly<Record<string, Subset | 'whole'>> = {
  true: { summary: 'true' },
  text: { summary: 'text' },
  data: { summary: 'data' },
  false: 'whole',
};

/**
 * The text of a version as a read asks for it, by `_summary` or `_elements`:
 * https://hl7.org/fhir/R4/search.html#summary. Definitions are always whole.
 * @throws {Fault} `invalid` for a summary that a single resource does not have
 */
export function cutVersion({ type, text }: ResourceVersion, params: readonly Param[]): string {
  const subset = subsetAsked(params);
  return subset === 'whole' || !isServedType(type) ? text : subsetText(text, type, subset);
}

function subsetAsked(params: readonly Param[]): Subset | 'whole' {
  const elements = params.filter(([name]) => name === '_elements').flatMap(([, value]) => value.split(','));
  const summary = params.find(([name]) => name === '_summary')?.[1];
  if (summary === undefined) return elements.length > 0 ? { elements } : 'whole';
  const known = Object.hasOwn(SUMMARIES, summary) ? SUMMARIES[summary] : undefined;
  if (!known) throw fault('invalid', 'A single resource has the summaries true, text, data and false.', '_summary');
  if (elements.length > 0) throw fault('invalid', 'Give _summary or _elements, not both.', '_elements');
  return known;
}
