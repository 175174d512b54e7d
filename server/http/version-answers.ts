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
  switch (exchange.returns) {
    case 'minimal':
      return { ...head, status, headers };
    case 'OperationOutcome':
      return { ...head, status, headers, text: remarksOutcome([SENTENCE[outcome](`${type}/${id}`, versionId)]) };
    case 'representation':
      return {
        ...head,
        status,
        headers: { ...headers, ...(!located && isKept && { 'Content-Location': url }) },
        text: written.text,
      };
  }
}

const SENTENCE: Readonly<Record<Written['outcome'], (reference: string, versionId: string) => string>> = {
  created: (reference, versionId) => `${reference} was created as version ${versionId}.`,
  updated: (reference, versionId) => `${reference} is now at version ${versionId}.`,
  unchanged: (reference, versionId) => `${reference} stood so already, at version ${versionId}.`,
  found: (reference, versionId) => `${reference}, at version ${versionId}, meets If-None-Exist; nothing was created.`,
};
