import type { CodeableConcept, HealthcareService } from 'fhir/r4.js';
import { localReference } from '../fhir/index.js';

/** Of what type of service a Schedule or an Appointment is, named by its HealthcareService: Medplum's extension. */
export const SERVICE_REFERENCE_URL = 'https://medplum.com/fhir/service-type-reference';

/**
 * How well a time fits that is for visits of some types: 0 is best. Undefined: it is for other visits only. None: it is
 * for every type.
 */
export type Fit = (types: readonly CodeableConcept[]) => number | undefined;

/** Every type will do. */
export const ANY_VISIT: Fit = () => 0;

/** How well types fit those that were asked for as tokens, in order of preference. */
export function visitFit(tokens: readonly string[]): Fit {
  return (types) => {
    if (types.length === 0) return 0;
    const at = tokens.findIndex((token) => types.some((type) => hasToken(type, token)));
    return at < 0 ? undefined : at;
  };
}

/** Whether types refer to a service, or have its type. */
export function isOfService(types: readonly CodeableConcept[], service: HealthcareService, base: string): boolean {
  const codes = new Set((service.type ?? []).flatMap(codesOf));
  return types.some((type) => refersTo(type, service, base) || codesOf(type).some((code) => codes.has(code)));
}

/** How well types fit a service. */
export function serviceFit(service: HealthcareService, base: string): Fit {
  return (types) => (types.length === 0 || isOfService(types, service, base) ? 0 : undefined);
}

/** A type that names its service too. */
export function withService(type: CodeableConcept, service: HealthcareService, base: string): CodeableConcept {
  if (refersTo(type, service, base)) return type;
  const reference = `HealthcareService/${service.id ?? ''}`;
  return {
    ...type,
    extension: [...(type.extension ?? []), { url: SERVICE_REFERENCE_URL, valueReference: { reference } }],
  };
}

function refersTo({ extension = [] }: CodeableConcept, { id }: HealthcareService, base: string): boolean {
  return extension.some(({ url, valueReference }) => {
    const key = url === SERVICE_REFERENCE_URL ? localReference(valueReference?.reference, [base]) : undefined;
    return key?.type === 'HealthcareService' && key.id === id;
  });
}

function codesOf({ coding = [] }: CodeableConcept): string[] {
  return coding.flatMap(({ system = '', code }) => (code === undefined ? [] : [`${system}|${code}`]));
}

/** `system|code`, `|code` for one without a system, `system|` for any code of it. */
function hasToken({ coding = [] }: CodeableConcept, token: string): boolean {
  const { system, code } = partsOf(token);
  return coding.some((one) => (one.system ?? '') === system && (code === '' || one.code === code));
}

/** The two sides of a token as `$find` takes it. */
export function partsOf(token: string): { readonly system: string; readonly code: string } {
  const bar = token.indexOf('|');
  return { system: token.slice(0, Math.max(bar, 0)), code: token.slice(bar + 1) };
}
