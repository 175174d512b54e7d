import { ApiError } from './errors.js';
import type { Query } from './query.js';

const PAGE_SIZE_DEFAULT = 10;
/** The longest page. */
export const PAGE_SIZE_MAX = 100;

/** Which page is asked for; none: all. */
export type Paging = { readonly page: number; readonly pageSize: number } | undefined;

/**
 * Reads `page`, `page_size` and `no_pagination`.
 *
 * @param byDefault whether a request that names none of them is answered in pages
 * @throws {ApiError} `invalid_request`
 */
export function pagingOf(query: Query, byDefault: boolean): Paging {
  if (query.flag('no_pagination')) return undefined;
  const isAsked = query.text('page') !== undefined || query.text('page_size') !== undefined;
  if (!isAsked && !byDefault) return undefined;
  return {
    page: whole(query, 'page', 1, Number.MAX_SAFE_INTEGER),
    pageSize: whole(query, 'page_size', PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX),
  };
}

function whole(query: Query, name: string, byDefault: number, most: number): number {
  const text = query.text(name);
  if (text === undefined) return byDefault;
  if (/^[1-9]\d{0,14}$/.test(text) && Number(text) <= most) return Number(text);
  const bounds = most === Number.MAX_SAFE_INTEGER ? 'from 1 on' : `from 1 to ${most}`;
  throw new ApiError('invalid_request', `${name} must be a whole number ${bounds}`);
}

/** What stands beside a list. */
export interface Pagination {
  readonly current_page: number;
  readonly total_pages: number;
  readonly total_count: number;
  readonly page_size: number;
}

/** The entries of a page; one past the end is empty. */
export function pageOf<T>(
  all: readonly T[],
  paging: Paging,
): { readonly page: readonly T[]; readonly pagination: Pagination | null } {
  if (!paging) return { page: all, pagination: null };
  const { page, pageSize } = paging;
  const start = (page - 1) * pageSize;
  return {
    page: all.slice(start, start + pageSize),
    pagination: {
      current_page: page,
      total_pages: Math.ceil(all.length / pageSize),
      total_count: all.length,
      page_size: pageSize,
    },
  };
}
