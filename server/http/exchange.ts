import type { IncomingHttpHeaders } from 'node:http';
import type { Param, RequestContext } from '../booking/index.js';
import type { JsonMediaType } from './negotiate.js';
import type { Returns } from './prefer.js';

/** One request, read and checked as far as every interaction needs it: all that a handler sees of HTTP. */
export interface Exchange {
  readonly path: ExchangePath;
  /** Query and form parameters in their order, decoded; those of `presentation` are taken out. */
  readonly params: readonly Param[];
  /** The body, decompressed and decoded; undefined where none was sent. Forms are in `params` already. */
  readonly body: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly context: RequestContext;
  readonly returns: Returns;
  readonly presentation: Presentation;
}

/** What the path names; empty strings where it names none. Types are served ones, ids are well-formed. */
export interface ExchangePath {
  readonly type: string;
  readonly id: string;
  readonly versionId: string;
}

/** How the answer is to look. */
export interface Presentation {
  readonly mediaType: JsonMediaType;
  /** `_pretty=true`: with line breaks and indentation. */
  readonly pretty: boolean;
  /** `_format` and `_pretty` as they were asked, so that a link to a next page asks the same. */
  readonly params: readonly Param[];
}

/** What goes back. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** When the version in it was written: `Last-Modified`, whose whole seconds an entry of a Bundle tells better. */
  readonly updatedMs?: number;
  /** JSON; absent: no body and no content type. */
  readonly text?: Text;
}

/** A text, whole or in pieces that follow each other; a piece in bytes (UTF-8) is one that is sent again and again. */
export type Text = string | readonly (string | Buffer)[];

/** The text as one string. */
export function wholeText(text: Text): string {
  return typeof text === 'string' ? text : text.map(String).join('');
}

/** How long the text is in UTF-8. */
export function bytesOf(text: Text | undefined): number {
  const pieces = typeof text === 'string' ? [text] : (text ?? []);
  return pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
}

/**
 * One interaction. Knows neither Express nor sockets, so a batch can run its entries through the same handlers.
 * @throws {Fault} whatever ends the interaction; the error door renders it
 */
export type Handler = (exchange: Exchange) => Answer | Promise<Answer>;
