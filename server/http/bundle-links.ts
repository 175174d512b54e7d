import type { Param } from '../booking/index.js';
import { renderParams } from './query-params.js';

/** What a page of a Bundle was asked by, and what asks for the others. */
interface Page {
  readonly self: readonly Param[];
  readonly next?: readonly Param[];
  readonly prev?: readonly Param[];
}

/**
 * The links of a Bundle of several pages, as JSON.
 *
 * @param path what was asked, after the base
 * @param presentation `_format` and `_pretty`, which links carry on
 */
export function bundleLinks(page: Page, base: string, path: string, presentation: readonly Param[]): string {
  const link = (relation: string, params: readonly Param[]) => {
    const query = renderParams([...params, ...presentation]);
    return `{"relation":"${relation}","url":${JSON.stringify(`${base}/${path}${query && '?'}${query}`)}}`;
  };
  const others = [page.next && link('next', page.next), page.prev && link('prev', page.prev)];
  return `[${[link('self', page.self), ...others].filter((one) => one !== undefined).join(',')}]`;
}
