import { resolve } from 'node:path';
import { createHash } from 'node:crypto';
import { indexed } from '../../booking/index.js';
import type { RestoredVersion } from '../../store/index.js';
import { Failure } from '../failure.js';
import type { ExportEnd } from './export-lines.js';
import { CHARACTERS_PER_PAGE, VERSIONS_PER_PAGE } from './pages.js';
import { readExport } from './read-export.js';
import { isSame, Tally } from './tally.js';
import type { SourcePage, VersionSource } from './transfer.js';

/**
 * An export as a source. It is read as a whole and compared with its last line before anything is written.
 *
 * @throws {Failure} for a file that is no export, was cut off, or does not hold what its last line says
 */
export async function fileSource(file: string, onRead: (versions: number) => void): Promise<VersionSource> {
  const tally = new Tally();
  let end: ExportEnd | undefined;
  for await (const line of readExport(file)) {
    if (line.kind === 'end') end = line.end;
    if (line.kind !== 'version') continue;
    tally.add(line.version);
    if (tally.versions % VERSIONS_PER_PAGE === 0) onRead(VERSIONS_PER_PAGE);
  }
  const said = end?.types ?? {};
  const told = tally.types();
  const wrong = Object.keys({ ...said, ...told }).filter((type) => !isSame(said[type], told[type]));
  if (wrong.length > 0) {
    throw new Failure(
      `The file ${file} does not hold what its last line says of ${wrong.join(', ')}: it was changed or damaged. ` +
        'Export again.',
    );
  }
  const hash = createHash('sha256').update(JSON.stringify(end)).digest('hex');
  return {
    name: `${resolve(file)} (${hash})`,
    tally: () => Promise.resolve(tally),
    pages: (place) => pagesOf(file, Number(place ?? 0)),
  };
}

/** @param from how many versions to leave out, which an earlier run has written */
async function* pagesOf(file: string, from: number): AsyncGenerator<SourcePage> {
  let zone = '';
  let count = 0;
  let characters = 0;
  let versions: RestoredVersion[] = [];
  for await (const line of readExport(file)) {
    if (line.kind === 'head') zone = line.head.defaultTimezone;
    if (line.kind !== 'version') continue;
    count += 1;
    if (count <= from) continue;
    const { zone: ownZone, base, ...version } = line.version;
    versions.push(indexed(version, { zone: ownZone ?? zone, ...(base !== undefined && { base }) }));
    characters += version.text.length;
    if (versions.length < VERSIONS_PER_PAGE && characters < CHARACTERS_PER_PAGE) continue;
    yield { versions, next: String(count) };
    versions = [];
    characters = 0;
  }
  yield { versions };
}
