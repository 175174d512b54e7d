/** One run: a server over an open store, requests by its own document, each answer judged, the store checked. */
import fc from 'fast-check';
import type { Store } from '../../server/store/index.js';
import { EXCLUSIVE_ACTORS, serve, type Parts, type ServerInProcess } from '../workloads/bookings/server.js';
import { placesOf, type Document, type Place } from './document.js';
import { judgeBy, type Answer } from './judge.js';
import { requestTo, type Request } from './requests.js';
import { readKnown, START, writeClinic } from './scene.js';

export interface Fuzzed {
  readonly places: number;
  /** How many answers had each status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** A sentence for each answer that is not as the document says, and for each offence in the store. */
  readonly wrong: readonly string[];
}

export interface FuzzOptions {
  /** Requests altogether. */
  readonly runs: number;
  readonly seed: number;
}

/** How far the clock goes with each request. */
const STEP_MS = 1_000;
/** After so many requests too much of the clinic is deleted or beyond repair. */
const WRITTEN_AGAIN = 100;
const TEXT_SHOWN = 1_000;

/**
 * Sends requests one after the other, to every place in turn: with the same seed the same requests, and from a new
 * store the same answers. The store is not closed.
 */
export async function fuzz(
  store: Store,
  { makeApp, checkStore }: Pick<Parts, 'makeApp' | 'checkStore'>,
  { runs, seed }: FuzzOptions,
): Promise<Fuzzed> {
  let nowMs = Date.parse(START);
  let ids = 0;
  const newId = () => `fuzz-${String((ids += 1))}`;
  const server = await serve(store, { makeApp, clock: { nowMs: () => nowMs }, newId });
  try {
    await writeClinic(server);
    const document = (await server.ask({ method: 'GET', path: 'openapi.json' })).body as Document;
    const places = placesOf(document);
    const turns = places.flatMap((place) => Array<Place>(place.content ? WRITES_OFTENER : 1).fill(place));
    const known = await readKnown(server, document);
    const judge = judgeBy(document);
    const statuses = new Map<number, number>();
    const wrong: string[] = [];
    for (let run = 0; run < runs; run += 1) {
      nowMs += STEP_MS;
      if (run % WRITTEN_AGAIN === WRITTEN_AGAIN - 1) await writeClinic(server);
      const place = turns[(run * STRIDE) % turns.length];
      if (!place) continue;
      const [request] = fc.sample(requestTo(place, known, document), { numRuns: 1, seed: seed + run });
      if (!request) continue;
      const answer = await answerOf(server, request);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      wrong.push(...judge(place, request, answer).map((offence) => told(offence, run, request, answer, server)));
    }
    const offences = await checkStore(store, nowMs, { defaultZone: 'UTC', exclusiveActors: EXCLUSIVE_ACTORS });
    return { places: places.length, statuses, wrong: [...wrong, ...offences.map((one) => `the store: ${one}`)] };
  } finally {
    await server.close();
  }
}

/** How often places with a body have their turn, of which more can go wrong. */
const WRITES_OFTENER = 3;
/** A prime, by which the places of one path do not follow each other. */
const STRIDE = 101;

async function answerOf({ base }: ServerInProcess, { method, path, headers, body }: Request): Promise<Answer> {
  const response = await fetch(base + path, {
    method,
    headers,
    ...(body !== undefined && { body }),
    redirect: 'manual',
  });
  const text = await response.text();
  return { status: response.status, contentType: response.headers.get('content-type') ?? '', text };
}

function told(offence: string, run: number, request: Request, { text }: Answer, server: ServerInProcess): string {
  const { method, path, headers, body = '' } = request;
  const asked = `${method} ${path} ${JSON.stringify(headers)} ${body}`.slice(0, TEXT_SHOWN);
  const errors = server.takeErrors().join(' ');
  return `request ${String(run)}: ${offence}\n  ${asked}\n  ${text.slice(0, TEXT_SHOWN)} ${errors}`;
}
