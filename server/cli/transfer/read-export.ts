import { EXIT_FAILED, Failure } from '../failure.js';
import { JSON_BYTES_MAX } from '../load/load-files.js';
import { readBytes, UnreadableFile } from '../load/read-bytes.js';
import { readLines, type Line } from '../load/read-lines.js';
import { EXPORT_FORMAT, type ExportedVersion, type ExportEnd, type ExportHead } from './export-lines.js';

/** Longest line of an export: in a text that stands in JSON a character takes two at most, and the rest is short. */
export const EXPORT_LINE_BYTES_MAX = 2 * JSON_BYTES_MAX + 4096;

/** One line of an export, judged. */
type ExportLine =
  | { readonly kind: 'head'; readonly head: ExportHead }
  | { readonly kind: 'version'; readonly version: ExportedVersion }
  | { readonly kind: 'end'; readonly end: ExportEnd };

/**
 * The lines of an export, plain or gzip: a head, versions, an end.
 *
 * @throws {Failure} for a file that is no export, was cut off or damaged, or was made by a newer program
 */
export async function* readExport(file: string): AsyncGenerator<ExportLine> {
  let last: ExportLine | undefined;
  try {
    for await (const lines of readLines(
      readBytes(file, () => undefined),
      EXPORT_LINE_BYTES_MAX,
    )) {
      for (const line of lines) {
        last = judged(file, line, last);
        yield last;
      }
    }
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new Failure(`The file ${file} is cut off or damaged: ${error.message}.`, EXIT_FAILED, { cause: error });
  }
  if (last === undefined) throw notAnExport(file);
  if (last.kind !== 'end') {
    throw new Failure(
      `The file ${file} is cut off: its last line, which has the counts and hashes, is missing. Export again.`,
    );
  }
}

function judged(file: string, line: Line, last: ExportLine | undefined): ExportLine {
  const value = valueOf(line);
  if (last === undefined) return { kind: 'head', head: headOf(file, value) };
  if (last.kind === 'end') throw new Failure(`${file}:${line.number}: Something follows the last line of the export.`);
  if (isEnd(value)) return { kind: 'end', end: value };
  if (isVersion(value)) return { kind: 'version', version: value };
  // The last line of a file that was cut off is usually half a line.
  const reason = line.reason ?? 'The line is no version of a document; the file is cut off or damaged.';
  throw new Failure(`${file}:${line.number}: ${reason}`);
}

type Plain = Readonly<Record<string, unknown>>;

function valueOf({ text }: Line): Plain {
  try {
    const value = JSON.parse(text ?? '') as unknown;
    return typeof value === 'object' && value !== null ? (value as Plain) : {};
  } catch {
    return {};
  }
}

function headOf(file: string, value: Plain): ExportHead {
  const { export: program, format, defaultTimezone } = value;
  if (program !== 'fhir-slots' || typeof format !== 'number' || typeof defaultTimezone !== 'string') {
    throw notAnExport(file);
  }
  if (format > EXPORT_FORMAT) {
    throw new Failure(
      `The file ${file} has format ${format}; this program knows ${EXPORT_FORMAT}. Use a newer program.`,
    );
  }
  return { export: program, format, defaultTimezone };
}

function notAnExport(file: string): Failure {
  return new Failure(`The file ${file} is no export of a store; resources in NDJSON are read by the command load.`);
}

function isVersion(value: Plain): value is Plain & ExportedVersion {
  const { type, id, revision, updatedMs, deleted, current, text, zone, base } = value;
  return (
    [type, id, text, zone ?? '', base ?? ''].every((one) => typeof one === 'string') &&
    [deleted, current].every((one) => typeof one === 'boolean') &&
    [revision, updatedMs].every(Number.isSafeInteger) &&
    (revision as number) > 0 &&
    type !== '' &&
    id !== ''
  );
}

function isEnd(value: Plain): value is Plain & ExportEnd {
  return value['end'] === true && typeof value['versions'] === 'number' && typeof value['types'] === 'object';
}
