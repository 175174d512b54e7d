import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson, printJson } from './exact-json.js';
import { PROFILES_PATH } from './package-paths.js';

/** Which elements are wanted: those named (`_elements`), those of the summary, or all but the narrative. */
export type Subset = { readonly elements: readonly string[] } | { readonly summary: 'true' | 'text' | 'data' };

/** https://hl7.org/fhir/R4/search.html#elements: the tag that says that something was left out. */
const SUBSETTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
} as const;

const ALWAYS = ['resourceType', 'id', 'meta'];

type Tables = Readonly<Record<string, { readonly summary: readonly string[]; readonly mandatory: readonly string[] }>>;
let tables: Tables | undefined;

/**
 * A resource with only the wanted elements, its mandatory ones, and the tag SUBSETTED.
 * `_summary=text`: the narrative and what is mandatory; `data`: everything but the narrative.
 */
export function subsetText(text: string, type: string, subset: Subset): string {
  const resource = parseJson(text).exact as Record<string, unknown>;
  const keep = keeperOf(type, subset);
  const kept = Object.entries(resource).filter(([name]) => ALWAYS.includes(name) || keep(stemOf(name)));
  const meta = (resource['meta'] ?? {}) as { tag?: unknown[] };
  return printJson({ ...Object.fromEntries(kept), meta: { ...meta, tag: [...(meta.tag ?? []), SUBSETTED] } });
}

function keeperOf(type: string, subset: Subset): (stem: string) => boolean {
  const { summary, mandatory } = tablesOnce()[type] ?? { summary: [], mandatory: [] };
  if ('elements' in subset) return (stem) => matches(mandatory, stem) || matches(subset.elements, stem);
  switch (subset.summary) {
    case 'true':
      return (stem) => matches(summary, stem) || matches(mandatory, stem);
    case 'text':
      return (stem) => stem === 'text' || matches(mandatory, stem);
    case 'data':
      return (stem) => stem !== 'text';
  }
}

/** `_start` carries the extensions of `start`. */
function stemOf(name: string): string {
  return name.startsWith('_') ? name.slice(1) : name;
}

/** Whether an element is among those named; a choice is named by its stem, `deceased` for `deceasedBoolean`. */
function matches(names: readonly string[], element: string): boolean {
  return names.some(
    (name) => element === name || (element.startsWith(name) && /^[A-Z]/.test(element.slice(name.length))),
  );
}

function tablesOnce(): Tables {
  tables ??= JSON.parse(readFileSync(join(PROFILES_PATH, 'r4/summary-elements.json'), 'utf8')) as Tables;
  return tables;
}
