import type { Clock } from '../../base/clock.js';
import { Fault } from '../../base/fault.js';
import type { NewId } from '../../base/ids.js';
import type { LoadItem, LoadResult, RequestContext, Resources } from '../../booking/index.js';
import type { Store } from '../../store/index.js';
import { placeText, type Place } from './place.js';
import { readBytes, UnreadableFile } from './read-bytes.js';
import { readDocuments } from './read-documents.js';
import { readLines } from './read-lines.js';
import { makeReferenceCheck, type ReferenceCheck } from './reference-check.js';
import { resourcesOf, type Piece } from './resources-of.js';

/** How many resources are written together: one durable commit costs about the same for one and for many. */
const RESOURCES_PER_BATCH = 1_000;

/** A batch of uncommonly long resources is written earlier, so that it does not fill the memory. */
const CHARACTERS_PER_BATCH = 8 * 1024 * 1024;

/** Longest JSON text, be it a line of NDJSON or a whole file: it is held in memory at once. */
export const JSON_BYTES_MAX = 64 * 1024 * 1024;

interface LoadDeps {
  readonly resources: Pick<Resources, 'load' | 'read'>;
  readonly store: Pick<Store, 'readMany'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly context: RequestContext;
  /** Told of everything that a person wants to know while it goes on. */
  readonly report: LoadReport;
}

export interface LoadReport {
  /** So many bytes, as they lie in the file, were read. */
  readonly read: (bytes: number) => void;
  /** So many resources were written or refused so far. */
  readonly done: (resources: number) => void;
  /** `place: reason`. */
  readonly refused: (line: string) => void;
}

export interface LoadSummary {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
  /** Targets of references that are not on this server. */
  readonly dangling: number;
  readonly elapsedMs: number;
}

type Loadable = Extract<Piece, { body: object }>;

/**
 * Loads files one after the other, in batches. What is refused does not stop the rest.
 *
 * @throws {Fault} `unavailable` and the like, when the store fails as a whole
 */
export async function loadFiles(files: readonly string[], deps: LoadDeps): Promise<LoadSummary> {
  const startedMs = deps.clock.nowMs();
  const tally = { created: 0, updated: 0, unchanged: 0, refused: 0 };
  const references = makeReferenceCheck(deps);
  const batch = makeBatch(deps, references, tally);

  for (const file of files) {
    try {
      const lines = readLines(readBytes(file, deps.report.read), JSON_BYTES_MAX);
      for await (const texts of readDocuments(file, lines, JSON_BYTES_MAX)) {
        for (const text of texts) await batch.addAll(resourcesOf(text, deps.newId), text.text?.length ?? 0);
      }
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      batch.refuse({ file }, `The file cannot be read any further: ${error.message}.`);
    }
  }
  await batch.flush();

  const dangling = await references.dangling();
  dangling.forEach(deps.report.refused);
  return { ...tally, dangling: dangling.length, elapsedMs: deps.clock.nowMs() - startedMs };
}

type Tally = { -readonly [K in 'created' | 'updated' | 'unchanged' | 'refused']: LoadSummary[K] };

function makeBatch({ resources, context, report }: LoadDeps, references: ReferenceCheck, tally: Tally) {
  let waiting: Loadable[] = [];
  let characters = 0;

  const refuse = (place: Place, reason: string) => {
    tally.refused += 1;
    report.refused(`${placeText(place)}: ${reason}`);
  };

  const flush = async () => {
    const pieces = waiting;
    waiting = [];
    characters = 0;
    if (pieces.length === 0) return;
    const results = await resources.load(
      pieces.map(({ body }): LoadItem => ({ body })),
      context,
    );
    for (const [index, { place }] of pieces.entries()) {
      const result = results[index] as LoadResult;
      if (result.ok) {
        tally[result.outcome === 'found' ? 'unchanged' : result.outcome] += 1;
        await references.note(place, `${result.type}/${result.id}`, result.references);
      } else {
        refuse(place, reasonsOf(result.fault));
      }
    }
    report.done(tally.created + tally.updated + tally.unchanged + tally.refused);
  };

  /** @param length characters of the text that the pieces were read from */
  const addAll = async (pieces: readonly Piece[], length: number) => {
    for (const piece of pieces) {
      if (!piece.body) {
        refuse(piece.place, piece.reason);
        continue;
      }
      if (waiting.length === RESOURCES_PER_BATCH) await flush();
      waiting.push(piece);
    }
    characters += length;
    if (characters > CHARACTERS_PER_BATCH) await flush();
  };

  return { addAll, flush, refuse };
}

/** Every reason, with the element that it is about where the sentence does not name it. */
function reasonsOf(error: Error): string {
  if (!(error instanceof Fault)) return error.message;
  return error.reasons
    .map(({ message, expression }) =>
      expression === undefined || message.includes(expression) ? message : `${expression}: ${message}`,
    )
    .join(' ');
}
