import { setImmediate } from 'node:timers/promises';
import { fault } from '../base/fault.js';
import { inEntry, type Searches, type Transactions } from '../booking/index.js';
import { isServedType, outcomeOf } from '../fhir/index.js';
import { readEntry, type BundleEntry, type ReadBundle } from './bundle-entries.js';
import { METHODS, type EntryPlaces } from './entry-route.js';
import { bytesOf, type Answer, type Exchange, type Handler } from './exchange.js';
import type { Interaction } from './mounted.js';
import { isWrite, resultAnswer, transactionEntry } from './transaction-entry.js';

/** Once the answers to a Bundle's entries are longer together, no other entry is done. */
export const BUNDLE_ANSWER_BYTES_MAX = 67_108_864;

/** What the entries of Bundles go to. */
export interface BundleParts extends EntryPlaces {
  readonly handlers: Readonly<Record<Interaction, Handler>>;
  readonly searches: Pick<Searches, 'check'>;
  readonly transactions: Transactions;
  /** Takes what no caller is to see. */
  readonly log: (thrown: unknown) => void;
}

type Answers = Promise<readonly Answer[]>;

/** Each entry by itself. */
export async function answerBatch(parts: BundleParts, exchange: Exchange, entries: ReadBundle['entries']): Answers {
  const answers: Answer[] = [];
  // By the method alone: what cannot be read is told in its entry.
  const orderOf = ({ request }: ReadBundle['entries'][number]) =>
    METHODS.indexOf((request as { readonly method?: unknown } | undefined)?.method);
  const inOrder = entries.map((entry, at) => ({ at, entry })).sort((a, b) => orderOf(a.entry) - orderOf(b.entry));
  const answer = answering(parts, 0);
  for (const { at, entry } of inOrder) {
    answers[at] = await answer(() => {
      const one = readEntry(exchange, entry, at, parts);
      return handlerOf(parts, one)(one.exchange);
    });
  }
  return answers;
}

/** All that is written, or nothing; then what is read. */
export async function answerTransaction(
  parts: BundleParts,
  exchange: Exchange,
  entries: ReadBundle['entries'],
): Answers {
  const answers: Answer[] = [];
  const read = await Promise.all(entries.map((entry, at) => inEntry(at, () => entryOf(parts, exchange, entry, at))));
  const writes = read.filter(isWrite);
  const asked = await Promise.all(writes.map((one) => inEntry(one.at, () => transactionEntry(one))));
  const results = await parts.transactions.transact(asked, exchange.context);
  writes.forEach((entry, at) => (answers[entry.at] = resultAnswer(entry, results[at] ?? null)));
  const answer = answering(
    parts,
    answers.reduce((sum, { text }) => sum + bytesOf(text), 0),
  );
  for (const entry of read.filter((one) => !isWrite(one))) {
    answers[entry.at] = await answer(() => handlerOf(parts, entry)(entry.exchange));
  }
  return answers;
}

function handlerOf({ handlers }: BundleParts, { route }: BundleEntry): Handler {
  return 'handler' in route ? route.handler : handlers[route.interaction];
}

/** An entry of a transaction; what is wrong with a search is known before anything is written. */
function entryOf(parts: BundleParts, whole: Exchange, given: ReadBundle['entries'][number], at: number): BundleEntry {
  const entry = readEntry(whole, given, at, parts);
  const { route, exchange } = entry;
  refuseChange(entry);
  if (route.interaction === 'search-type' && isServedType(route.path.type)) {
    parts.searches.check(route.path.type, exchange.params, exchange.context);
  }
  return entry;
}

/** An operation has a commit of its own: it cannot be part of another one. */
function refuseChange({ at, route }: BundleEntry): void {
  if (route.interaction !== 'operation') return;
  const { methods, affectsState = !methods.includes('get') } = route.operation;
  if (affectsState) {
    const message = `$${route.operation.code} changes something by itself: ask for it alone or in a batch.`;
    throw fault('not-supported', message, `Bundle.entry[${at}].request`);
  }
}

/**
 * Answers entries one after the other. Others get their turn between two of them, for a search may take long.
 * @param bytes that the answers have already
 */
function answering({ log }: BundleParts, bytes: number): (act: () => Answer | Promise<Answer>) => Promise<Answer> {
  return async (act) => {
    await setImmediate();
    const answer = await answerOf(log, () => {
      if (bytes <= BUNDLE_ANSWER_BYTES_MAX) return act();
      const most = `The answers to a Bundle have at most ${BUNDLE_ANSWER_BYTES_MAX} bytes`;
      throw fault('too-costly', `${most}: this entry was not done. Send it in another Bundle, or ask for less.`);
    });
    bytes += bytesOf(answer.text);
    return answer;
  };
}

/** What ends an entry is its answer, and not the end of the others. */
async function answerOf(log: BundleParts['log'], act: () => Answer | Promise<Answer>): Promise<Answer> {
  const [settled] = await Promise.allSettled([Promise.resolve().then(act)]);
  if (settled.status === 'fulfilled') return settled.value;
  const { status, body } = outcomeOf(settled.reason);
  if (status >= 500) log(settled.reason);
  return { status, text: JSON.stringify(body) };
}
