import { searchParametersOf, type SearchParameterDefinition } from '../fhir/index.js';

/**
 * The search parameter of a type by its code, or by the name of the element that it looks at. GP Connect writes
 * `Location:managingOrganization` for `Location:organization`, ISiK `HealthcareService.type` for `service-type`: a
 * chain that was left out as unknown would find all.
 */
export function parameterNamed(type: string, name: string): SearchParameterDefinition | undefined {
  const parameters = searchParametersOf(type);
  const looksAt = ({ branches }: SearchParameterDefinition) =>
    branches.some(({ expression }) => expression === `${type}.${name}`);
  return parameters.get(name) ?? [...parameters.values()].find(looksAt);
}
