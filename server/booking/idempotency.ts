import { MS_PER_DAY, type Clock } from '../base/clock.js';
import { fault } from '../base/fault.js';
import type { DocumentKey } from '../store/index.js';
import { RECORD, type Draft } from './draft.js';
import type { RequestContext } from './types.js';

/** The type of the documents that keep an answer for whoever asks again. */
const ANSWER_TYPE = 'IdempotentAnswer';

/** How long an answer is kept from the change on. */
const ANSWER_KEPT_MS = MS_PER_DAY;

interface AnswerRecord {
  readonly fingerprint: string;
  readonly answeredMs: number;
  /** What the decision answered: JSON, from which each door renders the same as the first time. */
  readonly answer: unknown;
}

/**
 * Makes a decision one that is taken once for each `Idempotency-Key`; one without a key is as it was. Its answer is
 * written by the commit of the change, so that after a crash there are both or neither; two equal requests at the same
 * moment write the same document, so that one of them loses, decides again and meets the answer of the other.
 *
 * A refusal changes nothing and is not kept: the same request may succeed later. The first answer stands for 24 hours,
 * whatever has become of its resource since.
 *
 * @param decide answers with what JSON can carry; undefined where there was nothing to do
 * @returns for `decideAndCommit`; throws `rule` where the key came with another request before, and whatever `decide`
 *   throws
 */
export function once<T>(
  { idempotency }: RequestContext,
  clock: Clock,
  decide: (draft: Draft) => Promise<T>,
): (draft: Draft) => Promise<T> {
  if (!idempotency) return decide;
  const { id, fingerprint } = idempotency;
  const key: DocumentKey = { type: ANSWER_TYPE, id };
  return async (draft) => {
    const met = recordIn((await draft.original(key))?.text);
    draft.rely(key);
    if (met && clock.nowMs() < met.answeredMs + ANSWER_KEPT_MS) {
      if (met.fingerprint === fingerprint) return met.answer as T;
      const message = 'This Idempotency-Key came with another request before; a new request needs a key of its own.';
      throw fault('rule', message, 'Idempotency-Key');
    }
    const answer = await decide(draft);
    if (answer === undefined) return answer;
    const answeredMs = clock.nowMs();
    const record: AnswerRecord = { fingerprint, answeredMs, answer };
    draft.put({ ...key, updatedMs: answeredMs, text: JSON.stringify(record), ...RECORD });
    return answer;
  };
}

function recordIn(text: string | undefined): AnswerRecord | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as AnswerRecord);
}
