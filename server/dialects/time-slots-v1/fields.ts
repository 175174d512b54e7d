import { ApiError, type ErrorCode } from './errors.js';

type FieldCode = Extract<ErrorCode, 'missing_required_field' | 'invalid_field_format'>;

/** What is wrong with the fields of one request. */
export class FieldFaults {
  readonly #found = new Map<string, { readonly code: FieldCode; readonly message: string }>();

  add(field: string, code: FieldCode, message: string): void {
    if (!this.#found.has(field)) this.#found.set(field, { code, message });
  }

  /** @throws {ApiError} of one faulty field its own code, of several `validation_failed` */
  refuse(): void {
    const [first, second] = this.#found.entries();
    if (!first) return;
    const details = Object.fromEntries([...this.#found].map(([field, { message }]) => [field, message]));
    if (second) throw new ApiError('validation_failed', 'Several fields are not as they must be', { details });
    const [field, { code, message }] = first;
    throw new ApiError(code, `${field}: ${message}`, { details });
  }
}

/** An object of JSON. */
export type JsonBody = Readonly<Record<string, unknown>>;

/** @throws {ApiError} `invalid_request` for what is no object of JSON */
export function bodyOf(body: unknown): JsonBody {
  if (body !== null && typeof body === 'object' && !Array.isArray(body)) return body as JsonBody;
  throw new ApiError('invalid_request', 'The body must be one object of JSON');
}

/** Control characters but tab, line feed and carriage return: no resource can hold them. */
const FORBIDDEN_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]|\p{Surrogate}/u;

/** How a field is read. `required` counts where it is absent, null or an empty text. */
interface FieldRule {
  readonly required?: boolean;
}

/** The fields of one object, read by kind; what is wrong is noted, and read as absent. */
export class Fields {
  /** @param prefix of the names that faults are noted under, such as `time_slots[1].` */
  constructor(
    private readonly body: JsonBody,
    readonly faults: FieldFaults,
    private readonly prefix = '',
  ) {}

  /** Whether the field was sent at all, be it as null. */
  has(name: string): boolean {
    return Object.hasOwn(this.body, name) && this.body[name] !== undefined;
  }

  note(name: string, code: FieldCode, message: string): void {
    this.faults.add(`${this.prefix}${name}`, code, message);
  }

  /** A text; null and the empty text count as absent. */
  text(name: string, { required = false, charactersMax, pattern, form }: TextRule = {}): string | undefined {
    const value = this.#given(name, required);
    if (value === undefined) return undefined;
    const isFit = typeof value === 'string' && (pattern?.test(value) ?? true);
    if (!isFit) return this.#wrong(name, `It must be ${form ?? 'a text'}`);
    if (FORBIDDEN_CHARACTER.test(value)) {
      return this.#wrong(name, 'It holds a control character or half a surrogate pair');
    }
    if (charactersMax !== undefined && value.length > charactersMax) {
      return this.#wrong(name, `It has at most ${charactersMax} characters`);
    }
    return value;
  }

  integer(name: string, least: number, most: number, { required = false }: FieldRule = {}): number | undefined {
    const value = this.#given(name, required);
    if (value === undefined) return undefined;
    const isFit = Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
    const bounds = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
    return isFit ? (value as number) : this.#wrong(name, `It must be a whole number ${bounds}`);
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T | undefined {
    const value = this.#given(name, false);
    if (value === undefined) return undefined;
    return words.find((word) => word === value) ?? this.#wrong(name, `It must be one of ${words.join(', ')}`);
  }

  /** Objects in a list, each read with the names of its faults told in full. */
  list(name: string, { required = false }: FieldRule = {}): readonly Fields[] | undefined {
    const value = this.#given(name, required);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return this.#wrong(name, 'It must be a list');
    return (value as readonly unknown[]).flatMap((one, at) => {
      const place = `${this.prefix}${name}[${at}]`;
      const isObject = one !== null && typeof one === 'object' && !Array.isArray(one);
      if (isObject) return new Fields(one as JsonBody, this.faults, `${place}.`);
      this.faults.add(place, 'invalid_field_format', 'It must be an object');
      return [];
    });
  }

  #given(name: string, required: boolean): unknown {
    const value = this.body[name];
    if (value !== undefined && value !== null && value !== '') return value;
    if (required) this.note(name, 'missing_required_field', 'It is required');
    return undefined;
  }

  #wrong(name: string, message: string): undefined {
    this.note(name, 'invalid_field_format', message);
    return undefined;
  }
}

interface TextRule extends FieldRule {
  readonly charactersMax?: number;
  readonly pattern?: RegExp;
  /** What it must be, for the message. */
  readonly form?: string;
}
