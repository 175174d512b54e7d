import type { ServerResponse } from 'node:http';
import { bytesOf, type Answer } from './exchange.js';
import type { JsonMediaType } from './negotiate.js';

/**
 * Writes a whole answer at once. `res.json` and `res.send` would hash the text for an ETag of their own and copy it,
 * and `writeHead` would send the head as a chunk of its own: each costs a good part of what a search does here.
 * Pieces go out together too, since Node holds them back until the end of the turn.
 *
 * `no-store`: answers hold patient data and free times that change by the second, so no cache on the way may keep
 * them; callers that keep versions themselves still revalidate by ETag.
 */
export function sendAnswer(res: ServerResponse, { status, headers, text }: Answer, mediaType: JsonMediaType): void {
  res.statusCode = status;
  res.appendHeader('Vary', 'Accept');
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  for (const name in headers) res.setHeader(name, headers[name] ?? '');
  const pieces = text === undefined ? [] : typeof text === 'string' ? [text] : text;
  if (pieces.length > 0) {
    res.setHeader('Content-Type', `${mediaType}; charset=utf-8`);
    res.setHeader('Content-Length', bytesOf(pieces));
  }
  // Of HEAD, only the head goes out, whatever is written.
  for (const piece of pieces.slice(0, -1)) res.write(piece);
  res.end(pieces.at(-1));
}
