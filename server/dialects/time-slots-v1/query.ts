import { ApiError } from './errors.js';

/** Digits of a number that is still exact. */
const POSITIVE = /^[1-9]\d{0,14}$/;

/** The parameters of a query; of one that repeats, the first. */
export class Query {
  readonly #params: URLSearchParams;

  constructor(url: string) {
    const start = url.indexOf('?');
    this.#params = new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
  }

  /** Absent where it is not sent, or empty. */
  text(name: string): string | undefined {
    const value = this.#params.get(name);
    return value === null || value === '' ? undefined : value;
  }

  /** @throws {ApiError} `missing_required_field`, `invalid_field_format` */
  requiredNumber(name: string): number {
    const value = this.number(name);
    if (value !== undefined) return value;
    throw new ApiError('missing_required_field', `${name} is required`, { details: { [name]: 'It is required' } });
  }

  /** A whole number from 1 on. @throws {ApiError} `invalid_field_format` */
  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (POSITIVE.test(text)) return Number(text);
    const details = { [name]: 'It must be a whole number from 1 on' };
    throw new ApiError('invalid_field_format', `${name} must be a whole number from 1 on`, { details });
  }

  /** @throws {ApiError} `invalid_request` */
  flag(name: string): boolean {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined || text === 'false' || text === '0') return false;
    if (text === 'true' || text === '1') return true;
    throw new ApiError('invalid_request', `${name} must be true or false`);
  }
}

/** The id in a path. @throws {ApiError} `invalid_request` for what is no whole number from 1 on */
export function pathId(text: string | undefined): number {
  if (text !== undefined && POSITIVE.test(text)) return Number(text);
  throw new ApiError('invalid_request', `'${text ?? ''}' is no id: a whole number from 1 on`);
}
