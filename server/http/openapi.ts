import type { RequestHandler } from 'express';
import { baseUrlOf } from './base-url.js';
import type { OperationRoute } from './mounted.js';
import { openApiDocument } from './openapi/document.js';
import { renderedPerBase } from './rendered-per-base.js';
import { sendAnswer } from './send-answer.js';

/**
 * `GET [base]/openapi.json`: what is mounted of https://hl7.org/fhir/R4/http.html, as an OpenAPI document
 * (https://spec.openapis.org/oas/v3.1.1.html); no FHIR itself, so that Accept does not matter to it.
 *
 * 200 the document · 400 no Host to make links with
 * @param operations that are mounted
 */
export function openApi(
  version: string,
  operations: readonly OperationRoute[],
  baseUrl: string | undefined,
): RequestHandler {
  const textOf = renderedPerBase((base) => openApiDocument(base, version, operations));
  return (req, res) => {
    const text = textOf(baseUrlOf(req.headers.host, baseUrl));
    sendAnswer(res, { status: 200, text }, 'application/json');
  };
}
