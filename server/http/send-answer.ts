import type { ServerResponse } from 'node:http';
import type { Answer } from './exchange.js';
import type { JsonMediaType } from './negotiate.js';

/**
 * Every answer carries these. `no-store`: answers hold patient data and free times that change by the second, so no
 * cache on the way may keep them; callers that keep versions themselves still revalidate by ETag. `Vary`: the media
 * type follows Accept.
 */
const ALWAYS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/**
 * Writes a whole answer at once. `res.json` and `res.send` would hash the text for an ETag of their own and copy it,
 * which costs more than all else that a search does here.
 */
export function sendAnswer(res: ServerResponse, answer: Answer, mediaType: JsonMediaType): void {
  const { status, text } = answer;
  res.appendHeader('Vary', 'Accept');
  // 204 and 304 have neither a body nor its length.
  const length = status === 204 || status === 304 ? {} : { 'Content-Length': Buffer.byteLength(text ?? '') };
  const content = text === undefined ? {} : { 'Content-Type': `${mediaType}; charset=utf-8` };
  res.writeHead(status, { ...ALWAYS, ...content, ...length, ...answer.headers });
  res.end(text);
}
