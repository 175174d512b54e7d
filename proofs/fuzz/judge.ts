/** Whether an answer is one that the document promises. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Document, Place, Response, Schema } from './document.js';
import type { Request } from './requests.js';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** What is wrong with an answer; nothing where it is as it should be. */
export type Judge = (place: Place, request: Request, answer: Answer) => readonly string[];

const ID = 'openapi';

/** A judge by the schemas of a document. */
export function judgeBy(document: Document): Judge {
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema(document, ID);
  const known = new Map<Schema, ValidateFunction>();

  function validatorOf(schema: Schema): ValidateFunction {
    let validator = known.get(schema);
    if (!validator) {
      const absolute = JSON.stringify(schema).replaceAll('"$ref":"#/', `"$ref":"${ID}#/`);
      validator = ajv.compile(JSON.parse(absolute) as Schema);
      known.set(schema, validator);
    }
    return validator;
  }

  function bodyOffences(response: Response, { contentType, text }: Answer): readonly string[] {
    const [mediaType = ''] = contentType.split(';');
    const schema = response.content?.[mediaType]?.schema;
    if (!schema) return [`the media type '${mediaType}' is not listed`];
    const body = parsed(text);
    if (body === undefined) return ['the body is no JSON'];
    const validate = validatorOf(schema);
    if (validate(body)) return [];
    const errors = (validate.errors ?? []).map((error) => `${error.instancePath} ${JSON.stringify(error.params)}`);
    return [`the body is not as its schema says: ${errors.join('; ')}`];
  }

  return (place, request, answer) => {
    const { status, text } = answer;
    const response = place.responses[String(status)];
    if (status >= 500) return [`status ${status}`];
    if (!response) return [`status ${status} is not listed`];
    if (text !== '') return response.content ? bodyOffences(response, answer) : ['a body where none is listed'];
    const mayBeEmpty = request.method === 'HEAD' || request.headers['Prefer'] === 'return=minimal';
    return response.content && !mayBeEmpty ? ['there is no body'] : [];
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
