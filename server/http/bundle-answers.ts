import { fault } from '../base/fault.js';
import type { Transactions } from '../booking/index.js';
import { outcomeOf } from '../fhir/index.js';
import { readEntry, type BundleEntry, type ReadBundle } from './bundle-entries.js';
import type { Answer, Exchange, Handler } from './exchange.js';
import type { Interaction, OpenOperation } from './mounted.js';
import { isWrite, resultAnswer, transactionEntry } from './transaction-entry.js';

/** What the entries of Bundles go to. */
export interface BundleParts {
  readonly handlers: Readonly<Record<Interaction, Handler>>;
  readonly operations: readonly OpenOperation[];
  readonly transactions: Transactions;
  /** Takes what no caller is to see. */
  readonly log: (thrown: unknown) => void;
}

/** https://hl7.org/fhir/R4/http.html#trules */
const METHODS: readonly unknown[] = ['DELETE', 'POST', 'PUT', 'PATCH', 'GET'];

type Answers = Promise<readonly Answer[]>;

/** Each entry by itself. */
export async function answerBatch(parts: BundleParts, exchange: Exchange, entries: ReadBundle['entries']): Answers {
  const answers: Answer[] = [];
  // By the method alone: what cannot be read is told in its entry.
  const orderOf = ({ request }: ReadBundle['entries'][number]) =>
    METHODS.indexOf((request as { readonly method?: unknown } | undefined)?.method);
  const inOrder = entries.map((entry, at) => ({ at, entry })).sort((a, b) => orderOf(a.entry) - orderOf(b.entry));
  for (const { at, entry } of inOrder) {
    answers[at] = await answerOf(parts, () => {
      const one = readEntry(exchange, entry, at, parts.operations);
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
  const { transactions, operations } = parts;
  const answers: Answer[] = [];
  const read = entries.map((entry, at) => readEntry(exchange, entry, at, operations));
  read.forEach(refuseChange);
  const writes = read.filter(isWrite);
  const results = await transactions.transact(writes.map(transactionEntry), exchange.context);
  writes.forEach((entry, at) => (answers[entry.at] = resultAnswer(entry, results[at] ?? null)));
  for (const entry of read.filter((one) => !isWrite(one))) {
    answers[entry.at] = await answerOf(parts, () => handlerOf(parts, entry)(entry.exchange));
  }
  return answers;
}

function handlerOf({ handlers }: BundleParts, { route }: BundleEntry): Handler {
  if (route.interaction !== 'operation') return handlers[route.interaction];
  if (!route.operation) throw fault('bug', 'An operation without a route.');
  return route.operation.handler;
}

/** An operation has a commit of its own: it cannot be part of another one. */
function refuseChange({ at, route }: BundleEntry): void {
  if (route.operation && !route.operation.methods.includes('get')) {
    const message = `$${route.operation.code} changes something by itself: ask for it alone or in a batch.`;
    throw fault('not-supported', message, `Bundle.entry[${at}].request`);
  }
}

/** What ends an entry is its answer, and not the end of the others. */
async function answerOf({ log }: BundleParts, act: () => Answer | Promise<Answer>): Promise<Answer> {
  const [settled] = await Promise.allSettled([Promise.resolve().then(act)]);
  if (settled.status === 'fulfilled') return settled.value;
  const { status, body } = outcomeOf(settled.reason);
  if (status >= 500) log(settled.reason);
  return { status, text: JSON.stringify(body) };
}
