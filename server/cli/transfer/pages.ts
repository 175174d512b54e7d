import type { ScanPage, Store, StoredVersion } from '../../store/index.js';
import { COPY_KEY } from './copy-record.js';

/** How many versions are read and written together: one durable write costs about the same for one and for many. */
export const VERSIONS_PER_PAGE = 1_000;

/** Pages of uncommonly long texts are made shorter, so that they do not fill the memory. */
export const CHARACTERS_PER_PAGE = 8 * 1024 * 1024;

/** All versions of a store from a place on, apart from the record of a copy into it. */
export async function* versionsOf(store: Pick<Store, 'scan'>, from?: string): AsyncGenerator<ScanPage> {
  let limit = VERSIONS_PER_PAGE;
  let place = from;
  do {
    const page = await store.scan(place, limit);
    limit = limitAfter(page.versions);
    place = page.next;
    yield { ...page, versions: page.versions.filter(({ type }) => type !== COPY_KEY.type) };
  } while (place !== undefined);
}

/** So many versions as long as these make a page. */
function limitAfter(versions: readonly StoredVersion[]): number {
  const characters = versions.reduce((sum, { text }) => sum + text.length, 0);
  const fitting = Math.floor((versions.length * CHARACTERS_PER_PAGE) / Math.max(characters, 1));
  return Math.min(VERSIONS_PER_PAGE, Math.max(1, fitting));
}
