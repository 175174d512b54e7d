import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson, printJson } from './exact-json.js';
import { PROFILES_PATH } from './package-paths.js';

/**
 * Which elements are wanted: those named (`_elements`), those of the summary, or all but the narrative. A name may be a
 * path, of which the first element comes whole, and may begin with a type, of whose resources it then speaks alone.
 */
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
  const keep = keeperOf(type, subset);
  if (!keep) return text;
  const resource = parseJson(text).exact as Record<string, unknown>;
  const kept = Object.entries(resource).filter(([name]) => ALWAYS.includes(name) || keep(stemOf(name)));
  const meta = (resource['meta'] ?? {}) as { tag?: unknown[] };
  return printJson({ ...Object.fromEntries(kept), meta: { ...meta, tag: [...(meta.tag ?? []), SUBSETTED] } });
}

/** Undefined where all is wanted. */
function keeperOf(type: string, subset: Subset): ((stem: string) => boolean) | undefined {
  const { summary, mandatory } = tablesOnce()[type] ?? { summary: [], mandatory: [] };
  if ('elements' in subset) {
    const named = namedFor(type, subset.elements);
    return named && ((stem) => matches(mandatory, stem) || matches(named, stem));
  }
  switch (subset.summary) {
    case 'true':
      return (stem) => matches(summary, stem) || matches(mandatory, stem);
    case 'text':
      return (stem) => stem === 'text' || matches(mandatory, stem);
    case 'data':
      return (stem) => stem !== 'text';
  }
}

/** Undefined where nothing is said of a type: all names speak of others. */
function namedFor(type: string, names: readonly string[]): readonly string[] | undefined {
  const own = names.flatMap((name) => {
    const path = name.split('.');
    const about = /^[A-Z]/.test(name) ? path.shift() : type;
    return about === type ? path.slice(0, 1) : [];
  });
  return own.length > 0 ? own : undefined;
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
