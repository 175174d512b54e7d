import type { Reason } from '../base/fault.js';
import { conformanceResources, type Definition } from './conformance.js';
import { isResourceType } from './element-table.js';
import { Findings } from './findings.js';
import { judgeByProfile } from './profile-pass.js';
import { profileRules, type DifferentialElement, type Profile } from './profile-rules.js';

/** What profiles say of a resource. */
export interface ProfileJudgement {
  readonly reasons: readonly Reason[];
  /** Canonical URLs that nobody here knows: not checked. */
  readonly unknown: readonly string[];
}

/**
 * Judges a resource by profiles, beyond what R4 says of its type: cardinalities, fixed values and patterns, required
 * bindings, extensions by their URL (https://hl7.org/fhir/R4/profiling.html). `mustSupport` refuses nothing.
 *
 * @param resource valid or not; what is no object has nothing to be judged
 * @param profiles canonical URLs
 */
export function judgeByProfiles(resource: unknown, type: string, profiles: readonly string[]): ProfileJudgement {
  const findings = new Findings();
  const unknown: string[] = [];
  for (const canonical of new Set(profiles)) {
    const profile = profileOf(canonical);
    if (!profile) unknown.push(canonical);
    else if (profile.type !== '' && profile.type !== type) {
      findings.add('invalid', `${type}.meta.profile`, `${canonical} is a profile on ${profile.type}, not on ${type}.`);
    } else judgeByProfile(resource, profile, findings);
  }
  return { reasons: findings.reasons(), unknown };
}

interface ProfileDefinition extends Definition {
  readonly kind: string;
  readonly type: string;
  readonly differential: { readonly element: readonly DifferentialElement[] };
}

const OF_HL7 = 'http://hl7.org/fhir/StructureDefinition/';
const ON_ALL_TYPES: readonly string[] = ['Resource', 'DomainResource'];

const known = new Map<string, Profile | undefined>();

/** The URLs of our profiles on a type. */
export function profilesOn(type: string): readonly string[] {
  return ownDefinitions().flatMap((one) => (one.type === type ? [one.url] : []));
}

/** A profile by its canonical URL, with a version or without; undefined for one that nobody here knows. */
function profileOf(canonical: string): Profile | undefined {
  const profile = known.get(canonical) ?? baseProfile(canonical) ?? ownProfile(canonical);
  if (profile) known.set(canonical, profile);
  return profile;
}

/** What R4 itself says of a type is checked of every resource, so that no rules are left. */
function baseProfile(canonical: string): Profile | undefined {
  const [url = '', version = '4.0.1'] = canonical.split('|', 2);
  const type = url.startsWith(OF_HL7) ? url.slice(OF_HL7.length) : '';
  const isKnown = version === '4.0.1' && (isResourceType(type) || ON_ALL_TYPES.includes(type));
  return isKnown ? { url, type: ON_ALL_TYPES.includes(type) ? '' : type, rules: [] } : undefined;
}

function ownProfile(canonical: string): Profile | undefined {
  const [url, version] = canonical.split('|', 2);
  const found = ownDefinitions().find((one) => one.url === url && (version === undefined || one.version === version));
  return found && { url: found.url, type: found.type, rules: profileRules(found.differential.element) };
}

/** Profiles on resources; all other StructureDefinitions of ours are extensions. */
function ownDefinitions(): readonly ProfileDefinition[] {
  const all = conformanceResources('StructureDefinition') as readonly ProfileDefinition[];
  return all.filter(({ kind }) => kind === 'resource');
}
