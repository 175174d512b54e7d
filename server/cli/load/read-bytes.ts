import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** Some hundred resources: the lines of a chunk are in memory together, and those of larger ones outlive their use. */
const CHUNK_BYTES = 64 * 1024;

/** RFC 1952, section 2.3.1. */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/**
 * The content of a file or, for `-`, of standard input; unzipped where it begins as gzip does, whatever its name.
 *
 * @param onRead told how many bytes, as they lie in the file, each step has read
 * @throws {UnreadableFile} for what the file system or zlib throws
 */
export async function* readBytes(file: string, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  try {
    yield* contentOf(file, onRead);
  } catch (error) {
    throw new UnreadableFile((error as Error).message, { cause: error });
  }
}

/** The file fails, not what is done with its content: the next file may still be read. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

async function* contentOf(file: string, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  const raw: Readable = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES });
  const chunks = counted(raw, onRead);
  let head = Buffer.alloc(0);
  while (head.length < GZIP_MAGIC.length) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const whole = prepended(head, chunks);
  yield* head.subarray(0, GZIP_MAGIC.length).equals(GZIP_MAGIC) ? unzipped(whole) : whole;
}

async function* counted(raw: Readable, onRead: (bytes: number) => void): AsyncGenerator<Buffer, void> {
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    onRead(chunk.length);
    yield chunk;
  }
}

async function* prepended(head: Buffer, rest: AsyncGenerator<Buffer, void>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* rest;
}

function unzipped(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // A failure of the source destroys `gunzip` with it, so whoever reads from it learns of it there.
  pipeline(Readable.from(chunks), gunzip, () => undefined);
  return gunzip;
}
