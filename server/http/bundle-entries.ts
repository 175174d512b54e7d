import { createHash } from 'node:crypto';
import { fault } from '../base/fault.js';
import { isObject, printJson, type JsonObject, type ParsedJson } from '../fhir/index.js';
import { entryRoute, type EntryPlaces, type EntryRoute } from './entry-route.js';
import type { Exchange } from './exchange.js';
import { mediaTypeOf, mediaTypesOf } from './request-body.js';

/** Entries of one batch or transaction. */
export const BUNDLE_ENTRIES_MAX = 500;

/** An entry as an exchange of its own. */
export interface BundleEntry {
  readonly at: number;
  readonly fullUrl?: string;
  readonly route: EntryRoute;
  readonly exchange: Exchange;
}

export interface ReadBundle {
  readonly type: 'batch' | 'transaction';
  readonly entries: readonly JsonObject[];
}

/** What of `request` travels as a header elsewhere. */
const HEADERS: Readonly<Record<string, string>> = {
  ifMatch: 'if-match',
  ifNoneMatch: 'if-none-match',
  ifModifiedSince: 'if-modified-since',
  ifNoneExist: 'if-none-exist',
};

/** @throws {Fault} `invalid` for anything but a batch or a transaction, or one with too many entries */
export function readBundle({ exact }: ParsedJson): ReadBundle {
  const { resourceType, type, entry = [] } = isObject(exact) ? exact : {};
  if (resourceType !== 'Bundle') throw fault('invalid', 'The base takes a Bundle.', 'resourceType');
  if (type !== 'batch' && type !== 'transaction') {
    throw fault('invalid', 'The base takes a Bundle of the type batch or transaction.', 'Bundle.type');
  }
  if (!Array.isArray(entry)) throw fault('invalid', 'Bundle.entry is a list.', 'Bundle.entry');
  if (entry.length > BUNDLE_ENTRIES_MAX) {
    throw fault('too-costly', `A Bundle has at most ${BUNDLE_ENTRIES_MAX} entries.`, 'Bundle.entry');
  }
  return { type, entries: entry.map((one: unknown) => (isObject(one) ? one : {})) };
}

/**
 * Reads an entry as if it had been sent alone.
 * @param whole the exchange of the Bundle
 * @param places that are open
 * @throws {Fault} `required`, and as `entryRoute`
 */
export function readEntry(
  whole: Exchange,
  { request, resource, fullUrl }: JsonObject,
  at: number,
  places: EntryPlaces,
): BundleEntry {
  const asked = isObject(request) ? request : {};
  const { method, url } = asked;
  if (typeof method !== 'string' || typeof url !== 'string') {
    throw fault('required', 'It needs request.method and request.url.', `Bundle.entry[${at}].request`);
  }
  const route = entryRoute(method, url, whole.context.base, places);
  const sent = Object.entries(HEADERS).flatMap(([name, header]): [string, string][] => {
    const value = asked[name];
    return typeof value === 'string' ? [[header, value]] : [];
  });
  const { text, contentType } = bodyOf(route, resource);
  const { idempotency, ...context } = whole.context;
  return {
    at,
    ...(typeof fullUrl === 'string' && { fullUrl }),
    route,
    exchange: {
      ...whole,
      path: route.path,
      params: route.params,
      body: text,
      headers: { ...Object.fromEntries(sent), ...(contentType !== undefined && { 'content-type': contentType }) },
      // Each entry of a batch is a request by itself, and its answer is kept by itself.
      context: {
        ...context,
        ...(idempotency && { idempotency: { ...idempotency, id: hashOf(`${idempotency.id} ${at}`) } }),
      },
    },
  };
}

/**
 * A patch comes as a Binary, with its media type, or as Parameters: https://hl7.org/fhir/R4/http.html#jsonpatch,
 * #fhirpath-patch
 */
function bodyOf({ interaction }: EntryRoute, resource: unknown): { text: string | undefined; contentType?: string } {
  if (resource === undefined) return { text: undefined };
  if (interaction !== 'patch') return { text: printJson(resource) };
  const { resourceType, contentType, data } = isObject(resource) ? resource : {};
  if (resourceType === 'Parameters') return { text: printJson(resource), contentType: 'application/fhir+json' };
  if (resourceType !== 'Binary' || typeof contentType !== 'string' || typeof data !== 'string') {
    const advice = 'or as a Binary, with contentType application/json-patch+json and data';
    throw fault('invalid', `A patch comes as Parameters (FHIRPath Patch), ${advice}.`);
  }
  const types = mediaTypesOf('patch');
  if (!types.includes(mediaTypeOf(contentType))) {
    throw fault('media-type', `A patch is one of ${types.join(', ')}.`);
  }
  return { text: Buffer.from(data, 'base64').toString('utf8'), contentType };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
