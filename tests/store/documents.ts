/** Short ways to say what a test writes. */
import type { IndexValues } from '../../server/fhir/index.js';
import { naturalOrderOf } from '../../server/search/index.js';
import type { Put } from '../../server/store/index.js';

/** A first version of `type/id`; the options say what is different. */
export function put(key: string, options: Partial<Put> = {}): Put {
  const [type = '', id = ''] = key.split('/');
  const index: IndexValues = options.index ?? {};
  return {
    kind: 'put',
    type,
    id,
    expectedRevision: 0,
    updatedMs: 1_000,
    deleted: false,
    text: `{"id":"${id}"}`,
    index,
    order: naturalOrderOf(type, index),
    keepHistory: true,
    ...options,
  };
}

export const key = (text: string) => {
  const [type = '', id = ''] = text.split('/');
  return { type, id };
};

const SECOND_MS = 1_000;

/** Index values of a Slot of schedule `schedule` that begins at `startMs` and has the status `status`. */
export function slotIndex(schedule: string, startMs: number, status = 'free'): IndexValues {
  return {
    schedule: [{ kind: 'reference', target: `Schedule/${schedule}` }],
    start: [{ kind: 'date', startMs, endMs: startMs + SECOND_MS }],
    status: [{ kind: 'token', code: status }],
  };
}
