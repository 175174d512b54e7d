import type { ListPage } from '../../booking/index.js';
import { SlotsApiError } from './errors.js';
import type { Members } from './read-body.js';

export const PAGE_LIMIT_MAX = 50;
const PAGE_LIMIT_DEFAULT = 20;
/** Any number that is written with so many digits is exact. */
const PAGE_MOST = 999_999_999_999;

/** Which page of a list is asked for. */
export interface AskedPage extends ListPage {
  readonly page: number;
}

/** `page` from 1 on, `limit` from 1 to 50; absent: 1 and 20. @throws {SlotsApiError} E013 for all else */
export function pageIn(query: Members): AskedPage {
  const page = wholeNumber(query, 'page', 1, PAGE_MOST);
  const limit = wholeNumber(query, 'limit', PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX);
  return { page, limit, offset: (page - 1) * limit };
}

function wholeNumber(query: Members, name: string, preset: number, most: number): number {
  const text = query[name];
  if (text === undefined) return preset;
  const value = typeof text === 'string' && /^\d{1,12}$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= most) return value;
  throw new SlotsApiError('E013', `${name} must be a whole number from 1 to ${most}.`);
}

/** A parameter that is one of a few words. @throws {SlotsApiError} E013 for another */
export function wordIn<W extends string>(query: Members, name: string, words: readonly W[]): W | undefined {
  const value = query[name];
  const word = words.find((one) => one === value);
  if (value === undefined || word !== undefined) return word;
  throw new SlotsApiError('E013', `${name} must be one of ${words.join(', ')}.`);
}

/** A parameter that is any text. @throws {SlotsApiError} E013 where it stands twice */
export function wordsIn(query: Members, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new SlotsApiError('E013', `${name} may stand once.`);
}
