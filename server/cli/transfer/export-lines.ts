import type { IndexGround } from '../../booking/index.js';
import { isServedType } from '../../fhir/index.js';
import type { Store, StoredVersion } from '../../store/index.js';
import { versionsOf } from './pages.js';
import { groundedVersions, type GroundedVersion } from './store-source.js';
import type { Tally, TypeTally } from './tally.js';

/** Of the lines of an export; a reader refuses those that it does not know. */
export const EXPORT_FORMAT = 1;

/** The first line. */
export interface ExportHead {
  readonly export: 'fhir-slots';
  readonly format: number;
  /** The zone of versions that name none. */
  readonly defaultTimezone: string;
}

/** One version; `zone` where it is another than that of the head. */
export type ExportedVersion = StoredVersion & Partial<IndexGround>;

/** The last line: without it the file is cut off. */
export interface ExportEnd {
  readonly end: true;
  readonly versions: number;
  readonly types: Readonly<Record<string, TypeTally>>;
}

/**
 * The lines of an export of everything, a group for each page of the store.
 *
 * @param tally is filled with what was told
 */
export async function* exportLines(
  store: Store,
  defaultZone: string,
  tally: Tally,
  onRead: (versions: number) => void,
): AsyncGenerator<string> {
  const head: ExportHead = { export: 'fhir-slots', format: EXPORT_FORMAT, defaultTimezone: defaultZone };
  yield lineOf(head);
  for await (const { versions } of groundedVersions(store, defaultZone)) {
    for (const { version } of versions) tally.add(version);
    yield versions.map((one) => versionLine(one, defaultZone)).join('');
    onRead(versions.length);
  }
  const end: ExportEnd = { end: true, versions: tally.versions, types: tally.types() };
  yield lineOf(end);
}

/** The line of one version, with its end. */
function versionLine({ version, ground: { zone, base } }: GroundedVersion, defaultZone: string): string {
  const { type, id, revision, updatedMs, deleted, current, text } = version;
  const ground = { ...(zone !== defaultZone && { zone }), ...(base !== undefined && { base }) };
  const line: ExportedVersion = { type, id, revision, updatedMs, deleted, current, ...ground, text };
  return lineOf(line);
}

/** The current resources as plain NDJSON, a group for each page of the store; what `load` reads. */
export async function* resourceLines(
  store: Store,
  tally: Tally,
  onRead: (versions: number) => void,
): AsyncGenerator<string> {
  for await (const { versions } of versionsOf(store)) {
    const resources = versions.filter(({ type, current, deleted }) => current && !deleted && isServedType(type));
    for (const resource of resources) tally.add(resource);
    // A line break in JSON stands between two tokens, where a space does as well.
    yield resources.map(({ text }) => `${text.replace(/[\r\n]+/g, ' ')}\n`).join('');
    onRead(versions.length);
  }
}

function lineOf(value: ExportHead | ExportedVersion | ExportEnd): string {
  return `${JSON.stringify(value)}\n`;
}
