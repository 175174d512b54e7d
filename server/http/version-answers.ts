import type { Patched, ResourceVersion, Written } from '../booking/index.js';
import type { Answer, Exchange } from './exchange.js';
import { entityTag } from './preconditions.js';
import { remarksOutcome } from './remarks-outcome.js';

/** What tells versions apart: https://hl7.org/fhir/R4/http.html#read */
function versionHeaders({ versionId, updatedMs }: Omit<ResourceVersion, 'text'>): Record<string, string> {
  const modified = updatedMs !== undefined && { 'Last-Modified': new Date(updatedMs).toUTCString() };
  return { ETag: entityTag(versionId), ...modified };
}

/** What an answer tells of its version. */
export function versionHead(version: Omit<ResourceVersion, 'text'>): Pick<Answer, 'headers' | 'updatedMs'> {
  const { updatedMs } = version;
  return { headers: versionHeaders(version), ...(updatedMs !== undefined && { updatedMs }) };
}

/**
 * The answer to a write. A created resource, and one that `If-None-Exist` found, is located by its version;
 * otherwise `Content-Location` says which version the body is, but of a computed Slot, which keeps none.
 */
export function writtenAnswer(written: Patched, exchange: Exchange): Answer {
  const { type, id, versionId, outcome } = written;
  const url = `${exchange.context.base}/${type}/${id}/_history/${versionId}`;
  const isKept = written.updatedMs !== undefined;
  const located = outcome === 'created' || outcome === 'found';
  const status = outcome === 'created' ? 201 : 200;
  const { headers: own, ...head } = versionHead(written);
  const headers = { ...own, ...(located && { Location: url }) };
  const place = !located && isKept && { 'Content-Location': url };
  const whole = { ...head, status, headers: { ...headers, ...place }, text: written.text };
  return exchange.returns === 'representation'
    ? whole
    : preferredAnswer({ ...whole, headers }, [outcomeSentence(written)], exchange);
}

/**
 * What of an answer goes back, as `Prefer: return=…` asks: https://hl7.org/fhir/R4/http.html#ops
 * @param said what was done, in sentences
 */
export function preferredAnswer(
  whole: Answer,
  said: readonly string[],
  { returns }: Pick<Exchange, 'returns'>,
): Answer {
  const { text, ...head } = whole;
  switch (returns) {
    case 'minimal':
      return head;
    case 'OperationOutcome':
      return { ...head, text: remarksOutcome(said) };
    case 'representation':
      return text === undefined ? head : { ...head, text };
  }
}

/** What was done to a resource. */
export function outcomeSentence({ type, id, versionId, outcome }: Omit<Patched, 'text'>): string {
  return SENTENCE[outcome](`${type}/${id}`, versionId);
}

const SENTENCE: Readonly<Record<Written['outcome'], (reference: string, versionId: string) => string>> = {
  created: (reference, versionId) => `${reference} was created as version ${versionId}.`,
  updated: (reference, versionId) => `${reference} is now at version ${versionId}.`,
  unchanged: (reference, versionId) => `${reference} stood so already, at version ${versionId}.`,
  found: (reference, versionId) => `${reference}, at version ${versionId}, meets If-None-Exist; nothing was created.`,
};
