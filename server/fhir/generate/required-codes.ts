import type {
  CodeSystem,
  CodeSystemConcept,
  ElementDefinition,
  FhirResource,
  StructureDefinition,
  ValueSet,
} from 'fhir/r4.js';

/**
 * The codes of each element of type `code` that is bound to them as required, by `Owner.element` as
 * `fhir.schema.json` names it. Left out where the package does not hold all codes (languages, media types, currencies).
 */
export function requiredCodes(
  definitions: readonly StructureDefinition[],
  terminology: readonly FhirResource[],
): ReadonlyMap<string, readonly string[]> {
  const valueSets = byUrl(terminology.filter((it) => it.resourceType === 'ValueSet'));
  const codeSystems = byUrl(terminology.filter((it) => it.resourceType === 'CodeSystem'));
  const codes = new Map<string, readonly string[]>();
  for (const element of definitions.flatMap((definition) => definition.snapshot?.element ?? [])) {
    const isCode = element.type?.length === 1 && element.type[0]?.code === 'code';
    const found = isCode ? codesOf(valueSets.get(requiredValueSet(element)), codeSystems) : undefined;
    if (found) codes.set(schemaName(element.path), found);
  }
  return codes;
}

/** Resources by canonical URL. */
export function byUrl<Resource extends { readonly url?: string | undefined }>(list: readonly Resource[]) {
  return new Map(list.map((it): [string | undefined, Resource] => [it.url, it]));
}

/** The canonical URL, without a version, of the value set that an element is bound to as required. */
export function requiredValueSet({ binding }: ElementDefinition): string | undefined {
  return binding?.strength === 'required' ? binding.valueSet?.split('|')[0] : undefined;
}

/** `PractitionerRole.availableTime.daysOfWeek` becomes `PractitionerRole_AvailableTime.daysOfWeek`. */
function schemaName(path: string): string {
  const steps = path.split('.');
  const owner = steps.slice(0, -1).map((step) => step.charAt(0).toUpperCase() + step.slice(1));
  return `${owner.join('_')}.${steps.at(-1)}`;
}

/** The codes of a value set; undefined where the package does not hold all of them. */
export function codesOf(
  valueSet: ValueSet | undefined,
  codeSystems: ReadonlyMap<string | undefined, CodeSystem>,
): string[] | undefined {
  if (!valueSet?.compose || valueSet.compose.exclude) return undefined;
  const parts = valueSet.compose.include.map(({ system, concept, filter, valueSet: nested }) => {
    if (filter || nested) return undefined;
    if (concept) return concept.map(({ code }) => code);
    const whole = codeSystems.get(system);
    return whole?.content === 'complete' ? flat(whole.concept) : undefined;
  });
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

function flat(concepts: readonly CodeSystemConcept[] = []): string[] {
  return concepts.flatMap(({ code, concept }) => [code, ...flat(concept)]);
}
