/**
 * What a search can see of a resource: for each search parameter, by its code, the values that the
 * parameter's expression finds; under `code:identifier` and `code:of-type` what these modifiers look at.
 * Stores keep these beside the resource and know no other path into it.
 */
export type IndexValues = Readonly<Record<string, readonly IndexValue[]>>;

export type IndexValue = TokenValue | ReferenceValue | DateValue | StringValue | NumberValue | UriValue;

/** When a value holds: at `fromMs`, no longer at `untilMs`. Without a side: since ever, for ever. */
export interface ValidTime {
  readonly fromMs?: number;
  readonly untilMs?: number;
}

/** Coding, CodeableConcept (one value a coding), Identifier, code, boolean, id. */
export interface TokenValue extends ValidTime {
  readonly kind: 'token';
  /** Absent where the element has none. Codes of required bindings carry none either. */
  readonly system?: string;
  readonly code?: string;
}

/** A reference, normalised: `Type/id` on this server, else the absolute URL without a version. */
export interface ReferenceValue {
  readonly kind: 'reference';
  readonly target: string;
}

/**
 * The stretch of time that a date, dateTime, instant or Period covers, as https://hl7.org/fhir/R4/search.html#date
 * has it: `2027-03` is the whole month, an instant with seconds is that second, a Period without an end is open.
 */
export interface DateValue extends ValidTime {
  readonly kind: 'date';
  readonly startMs: number;
  readonly endMs: number;
}

export interface StringValue {
  readonly kind: 'string';
  /** As written. Compared without case and accents unless the search says `:exact`: see `foldText`. */
  readonly text: string;
}

export interface NumberValue {
  readonly kind: 'number';
  readonly value: number;
}

export interface UriValue {
  readonly kind: 'uri';
  readonly value: string;
}

/** The type of an identifier as the system of a token of `identifier:of-type`, whose code is the identifier's value. */
export function identifierType({ system, code }: { readonly system: string; readonly code: string }): string {
  return `${system}|${code}`;
}

/** The form in which strings are compared: without case, accents and doubled spaces. */
export function foldText(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}
