import type { Param } from '../booking/index.js';
import { BACK_PARAM, CURSOR_PARAM } from '../search/index.js';
import { renderParams } from './query-params.js';

/** What a page of a Bundle was asked by, and what asks for the others. */
interface Page {
  readonly self: readonly Param[];
  readonly next?: readonly Param[];
  readonly prev?: readonly Param[];
}

/**
 * The links of a Bundle of several pages, as JSON: that to the first one stands on all others.
 *
 * @param path what was asked, after the base
 * @param presentation `_format` and `_pretty`, which links carry on
 */
export function bundleLinks(page: Page, base: string, path: string, presentation: readonly Param[]): string {
  const link = (relation: string, params: readonly Param[]) => {
    const query = renderParams([...params, ...presentation]);
    return `{"relation":"${relation}","url":${JSON.stringify(`${base}/${path}${query && '?'}${query}`)}}`;
  };
  const first = page.self.filter(([name]) => name !== CURSOR_PARAM && name !== BACK_PARAM);
  const isFirst = first.length === page.self.length;
  const others = [
    isFirst ? undefined : link('first', first),
    page.prev && link('prev', page.prev),
    page.next && link('next', page.next),
  ];
  return `[${[link('self', page.self), ...others].filter((one) => one !== undefined).join(',')}]`;
}
