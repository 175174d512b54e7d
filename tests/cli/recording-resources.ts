import { Fault, fault } from '../../server/base/fault.js';
import type { LoadResult, Resources } from '../../server/booking/index.js';
import { printJson } from '../../server/fhir/index.js';
import type { DocumentKey, Store, StoredDocument } from '../../server/store/index.js';

interface Loaded {
  resourceType: string;
  id: string;
}

/**
 * Stands in for booking and store: takes what has a known type, keeps its text, and knows nothing else. Every
 * `reference` of a resource that reads `Type/id` counts as one that is needed.
 */
export function recordingResources() {
  const texts = new Map<string, string>();
  const batches: number[] = [];

  const loadOne = (exact: unknown, plain: Loaded): LoadResult => {
    const key = `${plain.resourceType}/${plain.id}`;
    if (plain.resourceType === 'Observation') return { ok: false, fault: fault('invalid', 'Not a type of ours.') };
    const text = printJson(exact);
    const before = texts.get(key);
    texts.set(key, text);
    const outcome = before === undefined ? 'created' : before === text ? 'unchanged' : 'updated';
    const references = [...text.matchAll(/"reference":"([A-Z]\w+\/[^"]+)"/g)].map((match) => match[1]!);
    return { ok: true, type: plain.resourceType, id: plain.id, outcome, references };
  };

  const resources: Pick<Resources, 'load' | 'read'> = {
    load(items) {
      batches.push(items.length);
      return Promise.resolve(items.map(({ body }) => loadOne(body.exact, body.plain as Loaded)));
    },
    read(type: string, id: string) {
      if (id.startsWith('computed-')) return Promise.resolve({ type, id, versionId: '1', updatedMs: 0, text: '{}' });
      return Promise.reject(new Fault({ kind: 'not-found', message: `${type}/${id} does not exist.` }));
    },
  };

  const documentOf = ({ type, id }: DocumentKey): StoredDocument | undefined => {
    const text = texts.get(`${type}/${id}`);
    return text === undefined ? undefined : { type, id, revision: 1, updatedMs: 0, deleted: false, text };
  };
  const store: Pick<Store, 'readMany'> = { readMany: (keys) => Promise.resolve(keys.map(documentOf)) };

  return { texts, batches, resources, store };
}
