/** What a differential says of one element, as far as it is checked. */
export interface ProfileRule {
  /** The names from the resource down to the element: `participant`, `actor`. */
  readonly steps: readonly ProfileStep[];
  readonly min: number;
  readonly max: number;
  /** The whole value, or a part that it must have. */
  readonly fixed?: unknown;
  readonly pattern?: unknown;
  /** Canonical URL of the value set of a required binding. */
  readonly valueSet?: string;
}

/** One element on the way; of a slice of extensions, those with this URL. */
export interface ProfileStep {
  readonly name: string;
  readonly extensionUrl?: string;
}

/** A profile of ours on a type. */
export interface Profile {
  readonly url: string;
  readonly type: string;
  readonly rules: readonly ProfileRule[];
}

/** What is read of an ElementDefinition: https://hl7.org/fhir/R4/elementdefinition.html */
export interface DifferentialElement {
  readonly id: string;
  readonly min?: number;
  readonly max?: string;
  readonly type?: readonly { readonly profile?: readonly string[] }[];
  readonly binding?: { readonly strength: string; readonly valueSet?: string };
}

/** The rules of a differential, one an element; `mustSupport` and texts are none. */
export function profileRules(elements: readonly DifferentialElement[]): readonly ProfileRule[] {
  const extensionUrls = new Map(elements.map(({ id, type }) => [id, type?.[0]?.profile?.[0]]));
  return elements.flatMap((element) => {
    const steps = stepsOf(element.id, extensionUrls);
    const { min = 0, max = '*', binding } = element;
    const fixed = memberOf(element, 'fixed');
    const pattern = memberOf(element, 'pattern');
    const valueSet = binding?.strength === 'required' ? binding.valueSet?.split('|')[0] : undefined;
    const rule: ProfileRule = {
      ...{ steps, min, max: max === '*' ? Infinity : Number(max) },
      ...(fixed !== undefined && { fixed }),
      ...(pattern !== undefined && { pattern }),
      ...(valueSet !== undefined && { valueSet }),
    };
    return steps.length > 0 ? [rule] : [];
  });
}

/** `Schedule.extension:availability.url` as steps; the slice is told by the profile of its extension. */
function stepsOf(id: string, extensionUrls: ReadonlyMap<string, string | undefined>): ProfileStep[] {
  const segments = id.split('.');
  return segments.slice(1).map((segment, at) => {
    const [name = ''] = segment.split(':', 1);
    const extensionUrl = extensionUrls.get(segments.slice(0, at + 2).join('.'));
    return { name, ...(name === 'extension' && extensionUrl !== undefined && { extensionUrl }) };
  });
}

/** The value of `fixed[x]` or `pattern[x]`. */
function memberOf(element: object, stem: 'fixed' | 'pattern'): unknown {
  return Object.entries(element).find(([name]) => name.startsWith(stem) && name !== stem)?.[1];
}
