import { isUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';
import { fault } from '../base/fault.js';
import type { ExchangePath } from './exchange.js';

/** What a route takes as its body. */
export type BodyKind = 'resource' | 'patch' | 'form' | 'parameters';

const XML_ADVICE = 'This server reads JSON only (Firely: ResourceFormat.Json, HAPI: EncodingEnum.JSON).';

/** The media types of each kind of body, and what a caller is told who sent another one. */
const TAKES: Readonly<Record<BodyKind, { readonly types: readonly string[]; readonly advice: string }>> = {
  resource: {
    types: ['application/fhir+json', 'application/json'],
    advice: `Send the resource as application/fhir+json. ${XML_ADVICE}`,
  },
  patch: {
    types: ['application/json-patch+json', 'application/merge-patch+json', 'application/fhir+json', 'application/json'],
    advice:
      'Send a JSON Patch (application/json-patch+json), a merge patch (application/merge-patch+json) or a FHIRPath ' +
      'Patch (Parameters as application/fhir+json).',
  },
  parameters: {
    types: ['application/fhir+json', 'application/json'],
    advice: `Send a Parameters resource as application/fhir+json. ${XML_ADVICE}`,
  },
  form: {
    types: ['application/x-www-form-urlencoded'],
    advice: 'Send the parameters as application/x-www-form-urlencoded.',
  },
};

/** What a Content-Type names, without its parameters, in small letters. */
export function mediaTypeOf(contentType: string): string {
  return contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** The media types that a kind of body may have; the first is FHIR's own. */
export function mediaTypesOf(kind: BodyKind): readonly string[] {
  return TAKES[kind].types;
}

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;
const BYTE_ORDER_MARK = '\uFEFF';

/** The two steps before a handler with a body: is it what we read, and read it, compressed or not. */
export function bodyReaders(kind: BodyKind, bytesMax: number): RequestHandler<Partial<ExchangePath>>[] {
  return [mediaTypeDoor(kind), express.raw({ type: () => true, limit: bytesMax })];
}

/** Refuses other media types and charsets before a byte of the body is read. */
function mediaTypeDoor(kind: BodyKind): RequestHandler<Partial<ExchangePath>> {
  const { types, advice } = TAKES[kind];
  return (req, res, next) => {
    const header = req.headers['content-type'] ?? '';
    const type = mediaTypeOf(header);
    const charset = CHARSET.exec(header)?.[1]?.toLowerCase() ?? 'utf-8';
    // A search or an operation may put all its parameters into the URL and send nothing.
    const bodiless = req.headers['transfer-encoding'] === undefined && (req.headers['content-length'] ?? '0') === '0';
    const mayPass = bodiless && (kind === 'parameters' || (kind === 'form' && type === ''));
    if (!mayPass) {
      if (kind === 'patch') res.setHeader('Accept-Patch', types.join(', '));
      if (!types.includes(type))
        throw fault('media-type', `${named(type)} is not read here. ${advice}`, 'Content-Type');
      if (!['utf-8', 'utf8', 'us-ascii'].includes(charset)) {
        throw fault('media-type', `The charset ${charset} is not read here. Send UTF-8.`, 'Content-Type');
      }
    }
    next();
  };
}

/**
 * What `bodyReaders` left on the request, as text; undefined where there is none.
 * @throws {Fault} `malformed`
 */
export function bodyText(body: unknown): string | undefined {
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
  if (!isUtf8(body)) throw fault('malformed', 'The body is not UTF-8.');
  const text = body.toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

function named(type: string): string {
  return type === '' ? 'A body without a Content-Type' : type;
}
