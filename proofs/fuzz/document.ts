/** What of an OpenAPI document a fuzz run reads. */
export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
}

export interface Content {
  readonly [mediaType: string]: { readonly schema: Schema };
}

export interface Response {
  readonly content?: Content;
}

interface Operation {
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Response | Reference>>;
}

interface Reference {
  readonly $ref: string;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** One method of one path, with what its parameters and responses refer to. */
export interface Place {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly content?: Content;
  readonly responses: Readonly<Record<string, Response>>;
}

/** Every operation of a document, in its order; each GET once more as a HEAD. */
export function placesOf(document: Document): readonly Place[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters = [], requestBody, responses }]) => {
      const place = {
        path,
        parameters: parameters.map((one) => resolved<Parameter>(document, one)),
        ...(requestBody && { content: requestBody.content }),
        responses: Object.fromEntries(
          Object.entries(responses).map(([status, one]) => [status, resolved<Response>(document, one)]),
        ),
      };
      const asked = { ...place, method: method.toUpperCase() };
      return method === 'get' ? [asked, { ...place, method: 'HEAD' }] : [asked];
    }),
  );
}

/** @throws {Error} where a reference leads nowhere */
function resolved<T>(document: Document, one: T | Reference): T {
  if (!(typeof one === 'object' && one !== null && '$ref' in one)) return one;
  const [part = '', name = ''] = one.$ref.replace('#/components/', '').split('/');
  const found = document.components[part]?.[name];
  if (found === undefined) throw new Error(`${one.$ref} leads nowhere.`);
  return found as T;
}
