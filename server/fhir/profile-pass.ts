import { isDeepStrictEqual } from 'node:util';
import { judgeBinding } from './binding-pass.js';
import type { Findings } from './findings.js';
import { isObject, type JsonObject } from './json-object.js';
import type { Profile, ProfileRule, ProfileStep } from './profile-rules.js';

/** A value and where it stands. */
interface Place {
  readonly value: unknown;
  readonly path: string;
}

/** Judges a resource by one profile on its type. */
export function judgeByProfile(resource: unknown, { type, url, rules }: Profile, findings: Findings): void {
  if (!isObject(resource)) return;
  for (const rule of rules) {
    const owners = rule.steps
      .slice(0, -1)
      .reduce<readonly Place[]>(
        (places, step) => places.flatMap((place) => within(place, step)),
        [{ value: resource, path: type }],
      );
    for (const owner of owners) judgeElement(owner, rule, url, findings);
  }
}

function judgeElement(owner: Place, rule: ProfileRule, profile: string, findings: Findings): void {
  const { min, max, fixed, pattern, valueSet } = rule;
  const step = rule.steps.at(-1) as ProfileStep;
  const found = within(owner, step);
  const at = `${owner.path}.${step.name.replace('[x]', '')}`;
  const what = step.extensionUrl === undefined ? at : `The extension ${step.extensionUrl}`;
  if (found.length < min) findings.add('required', at, `${what} is needed, at least ${min} (profile ${profile}).`);
  if (found.length > max) {
    const most = max === 0 ? 'must not be there' : `may be there ${max} time${max === 1 ? '' : 's'} at most`;
    findings.add('invalid', at, `${what} ${most} (profile ${profile}).`);
  }
  for (const { value, path } of found) {
    if (fixed !== undefined && !isDeepStrictEqual(value, fixed)) {
      findings.add('invalid', path, `${path} must be ${JSON.stringify(fixed)} (profile ${profile}).`);
    }
    if (pattern !== undefined && !hasPattern(value, pattern)) {
      findings.add('invalid', path, `${path} must have ${JSON.stringify(pattern)} (profile ${profile}).`);
    }
    if (valueSet !== undefined) judgeBinding(value, valueSet, path, findings);
  }
}

/** The values of an element, or of one slice of its extensions. */
function within({ value, path }: Place, { name, extensionUrl }: ProfileStep): Place[] {
  if (!isObject(value)) return [];
  // An extension beside a primitive stands in for it.
  const found = name.endsWith('[x]')
    ? choiceIn(value, name.slice(0, -'[x]'.length))
    : (value[name] ?? value[`_${name}`]);
  const at = `${path}.${name.replace('[x]', '')}`;
  const places = Array.isArray(found)
    ? (found as unknown[]).map((one, index) => ({ value: one, path: `${at}[${index}]` }))
    : found === undefined || found === null
      ? []
      : [{ value: found, path: at }];
  if (extensionUrl === undefined) return places;
  return places.filter((place) => isObject(place.value) && place.value['url'] === extensionUrl);
}

function choiceIn(node: JsonObject, stem: string): unknown {
  const name = Object.keys(node).find((key) => key.startsWith(stem) && /^[A-Z]/.test(key.slice(stem.length)));
  return name === undefined ? undefined : node[name];
}

/** Whether a value has all that a pattern has: https://hl7.org/fhir/R4/elementdefinition.html (pattern[x]) */
function hasPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && pattern.every((part) => value.some((one) => hasPattern(one, part)));
  }
  if (!isObject(pattern)) return value === pattern;
  return isObject(value) && Object.entries(pattern).every(([name, part]) => hasPattern(value[name], part));
}
