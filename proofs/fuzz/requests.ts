/** Requests to one place of the document, sound and broken. */
import fc from 'fast-check';
import { bodyOf, type Body, type Samples } from './bodies.js';
import type { Document, Parameter, Place } from './document.js';
import { anyText, escaped, headersOf, idsLike, valueOf } from './values.js';

export interface Request {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What the server has, by type: ids, and resources as it gave them. */
export interface Known {
  readonly ids: ReadonlyMap<string, readonly string[]>;
  readonly samples: Samples;
}

type Pair = readonly [name: string, value: string];

const NAMES = ['colour', '', '_id', 'a.b.c', '_has:Slot:schedule:status', 'schedule.actor.name', 'x:y:z', 'status:not'];
const PRESENTATION = ['_format', '_pretty'];
const BROKEN_QUERIES = ['%zz', 'a=%ff', '&&&', '=', '?', 'a', '_id=%00'];

/** Any request to a place. */
export function requestTo(place: Place, known: Known, document: Document): fc.Arbitrary<Request> {
  const { method, parameters, content } = place;
  const names = parameters.filter((one) => one.in === 'header').map(({ name }) => name);
  const body: fc.Arbitrary<Body | undefined> = content
    ? fc.option(bodyOf(content, known.samples, { schemas: document.components['schemas'] }), {
        freq: 12,
        nil: undefined,
      })
    : fc.constant(undefined);
  return fc
    .record({ path: pathOf(place, known), query: queryOf(place), headers: headersOf(names), body })
    .map((parts) => ({
      method,
      path: parts.path + (parts.query && `?${parts.query}`),
      headers: { ...parts.headers, ...(parts.body && { 'Content-Type': parts.body.mediaType }) },
      ...(parts.body && { body: parts.body.text }),
    }));
}

function pathOf({ path }: Place, { ids }: Known): fc.Arbitrary<string> {
  const [, type = ''] = path.split('/');
  const versions = fc.constantFrom('1', '1', '2', '99', 'x_y');
  return fc
    .record({ id: idsLike(ids.get(type) ?? []), version: versions })
    .map(({ id, version }) => path.replace('{id}', () => encodeURIComponent(id)).replace('{versionId}', version));
}

/** Some of the parameters that the document lists, now and then twice, and others. */
function queryOf({ parameters }: Place): fc.Arbitrary<string> {
  const listed = parameters.filter((one) => one.in === 'query' && !PRESENTATION.includes(one.name));
  const pairOf = (parameter: Parameter) => valueOf(parameter).map((value): Pair => [parameter.name, value]);
  const own = listed.length > 0 ? [{ weight: 9, arbitrary: fc.constantFrom(...listed).chain(pairOf) }] : [];
  const others: fc.Arbitrary<Pair> = fc.tuple(fc.constantFrom(...NAMES, ...PRESENTATION), anyText);
  const pairs = fc
    .array(fc.oneof(...own, { weight: 1, arbitrary: others }), { maxLength: 4 })
    .chain((some) => fc.constantFrom(some, some, [...some, ...some.slice(0, 1)]));
  const query = pairs.map((some) => some.map((pair) => pair.map(escaped).join('=')).join('&'));
  return fc.oneof(
    // Where no parameter is listed, a query is most often a mistake.
    { weight: listed.length > 0 ? 2 : 40, arbitrary: fc.constant('') },
    { weight: 12, arbitrary: query },
    { weight: 1, arbitrary: fc.constantFrom(...BROKEN_QUERIES) },
  );
}
