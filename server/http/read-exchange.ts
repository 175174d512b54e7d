import type { Request } from 'express';
import type { Exchange, ExchangePath } from './exchange.js';
import { isPresentationParam, presentationOf } from './negotiate.js';
import { preferencesOf } from './prefer.js';
import { checkParamCount, paramsOfUrl, parseParams } from './query-params.js';
import { bodyText, type BodyKind } from './request-body.js';
import { requestContextOf } from './request-context.js';

/**
 * Reads what all interactions share, so that nothing is done yet when a request turns out to be unreadable.
 * @param bodyKind what the route takes; a form's parameters follow those of the URL
 * @throws {Fault} `malformed`, `invalid`, `not-acceptable`, `too-large`
 */
export function readExchange(
  req: Request<Partial<ExchangePath>>,
  baseUrl: string | undefined,
  bodyKind: BodyKind | undefined,
): Exchange {
  const body = bodyText(req.body);
  const query = paramsOfUrl(req.url);
  const all = bodyKind === 'form' && body !== undefined ? [...query, ...parseParams(body, 'form')] : query;
  checkParamCount(all);
  const { returns, strict } = preferencesOf(req.headers['prefer']);
  return {
    path: { type: req.params.type ?? '', id: req.params.id ?? '', versionId: req.params.versionId ?? '' },
    params: all.filter((param) => !isPresentationParam(param)),
    body: bodyKind === 'form' ? undefined : body,
    headers: req.headers,
    context: requestContextOf(req, { baseUrl, strict, body, isForm: bodyKind === 'form' }),
    returns,
    presentation: presentationOf(req, all),
  };
}
