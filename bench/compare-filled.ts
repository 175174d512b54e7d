import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FhirResource } from 'fhir/r4.js';
import type { Bench } from './bench.js';
import { compare, type Comparison } from './compare.js';
import { runLoad, startServer } from './processes.js';
import { ndjson } from './resources.js';
import { realSide } from './sides.js';
import { shortNumber } from './statistics.js';
import { newStore } from './stores.js';

/** A server whose store is full of other things against one whose store is empty. */
export async function compareFilled(bench: Bench, others: Iterable<FhirResource>): Promise<Comparison> {
  const data = bench.path('others.ndjson');
  const full = await newStore(bench, 'full');
  await writeResources(data, others);
  const { seconds } = await runLoad(bench, full, data);
  const empty = await realSide((await startServer(bench, await newStore(bench, 'empty'))).port);
  const filled = await realSide((await startServer(bench, full)).port);
  const { quick } = bench.options;
  const { ratio, notes } = await compare({ name: 'full', side: filled }, { name: 'empty', side: empty }, quick);
  return { ratio, notes: [...notes, `filled in ${shortNumber(seconds)} s by load`] };
}

/** Writes resources as NDJSON. */
export async function writeResources(file: string, resources: Iterable<FhirResource>): Promise<void> {
  await pipeline(Readable.from(ndjson(resources)), createWriteStream(file));
}
