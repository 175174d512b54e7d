import type { Request } from 'express';
import { fault } from '../base/fault.js';
import type { Param } from '../booking/index.js';
import type { Presentation } from './exchange.js';

/** FHIR's own type and the plain one; the first is what a caller without a wish gets. */
export type JsonMediaType = 'application/fhir+json' | 'application/json';

/** `_format` and what it asks for. */
const FORMATS: Readonly<Record<string, JsonMediaType>> = {
  json: 'application/fhir+json',
  'application/fhir+json': 'application/fhir+json',
  'application/json': 'application/json',
};

/** What `_format` takes: media types, and their short name. */
export const FORMAT_NAMES: readonly string[] = Object.keys(FORMATS);

/** A parameter in `Accept` must be matched, so both types are offered with those that callers send. */
const PARAMETERS = ['', ';charset=utf-8', ';fhirVersion=4.0', ';charset=utf-8;fhirVersion=4.0'];
const OFFERED = (['application/fhir+json', 'application/json'] as const).flatMap((type) =>
  PARAMETERS.map((parameters) => type + parameters),
);

/** The Accept headers that most requests carry, answered without parsing. */
const COMMON: ReadonlyMap<string | undefined, JsonMediaType> = new Map([
  [undefined, 'application/fhir+json'],
  ['*/*', 'application/fhir+json'],
  ['application/fhir+json', 'application/fhir+json'],
  ['application/json', 'application/json'],
]);

const ADVICE = 'Ask for application/fhir+json (Firely: ResourceFormat.Json, HAPI: EncodingEnum.JSON, or _format=json).';

/** What belongs to the presentation, and is therefore no search parameter. */
export function isPresentationParam([name]: Param): boolean {
  return name === '_format' || name === '_pretty';
}

/**
 * How the answer is to look: `_format`, which wins, or `Accept`. https://hl7.org/fhir/R4/http.html#mime-type
 * @throws {Fault} `not-acceptable`; `invalid` for several different `_format`s
 */
export function presentationOf(req: Request<object>, allParams: readonly Param[]): Presentation {
  const params = allParams.filter(isPresentationParam);
  const formats = new Set(params.filter(([name]) => name === '_format').map(([, value]) => value));
  if (formats.size > 1) throw fault('invalid', 'Give _format once.', '_format');
  const [format] = formats;
  return {
    mediaType: format === undefined ? acceptedType(req) : formatType(format),
    pretty: params.some(([name, value]) => name === '_pretty' && value === 'true'),
    params,
  };
}

/** A `+` that was not escaped arrives as a space. */
function formatType(format: string): JsonMediaType {
  const wanted = format.replace(' ', '+').toLowerCase();
  const known = Object.hasOwn(FORMATS, wanted) ? FORMATS[wanted] : undefined;
  if (!known)
    throw fault('not-acceptable', `This server answers in JSON only, not as '${format}'. ${ADVICE}`, '_format');
  return known;
}

function acceptedType(req: Request<object>): JsonMediaType {
  const common = COMMON.get(req.headers.accept);
  if (common) return common;
  const accepted = req.accepts(OFFERED);
  if (accepted === false) throw fault('not-acceptable', `This server answers in JSON only. ${ADVICE}`, 'Accept');
  return accepted.startsWith('application/fhir+json') ? 'application/fhir+json' : 'application/json';
}
