/**
 * Amounts move between accounts. Each commit is of two to five documents: a new receipt with the id of the attempt, one
 * or more accounts, sometimes a check of a further account, and sometimes the settling of an older receipt of the same
 * worker. What an account loses another gains, or the receipt holds it until it is settled: the sum of all amounts of
 * accounts and open receipts never changes.
 *
 * Every second account keeps its history, and so does every third receipt, which is settled by a deletion; the others
 * are taken away.
 */
import type * as OpenStore from '../../../server/open-store.js';
import type { DocumentKey, Store } from '../../../server/store/index.js';
import { shuffled } from '../../harness/random.js';
import type { Run, Scene, Worker, Workload } from '../../harness/workload.js';
import { checkTransfers } from './check.js';
import { accountKey, firstAccount, receiptKey, receiptText, writesOf } from './documents.js';
import type { AccountText, Receipt, Transfer } from './documents.js';

const DOCUMENTS_MIN = 2;
const DOCUMENTS_MAX = 5;
/** A commit takes up to four accounts. */
const ACCOUNTS_MIN = 4;
const AMOUNT_MOVED_MAX = 9;
/** One in so many commits settles, checks, or is read again. */
const ONE_IN = 3;

export const transfers: Workload = {
  async open(place, run) {
    if (run.documents < ACCOUNTS_MIN) throw new Error(`Transfers need ${String(ACCOUNTS_MIN)} documents or more.`);
    const { openStore } = (await import(new URL('../../../open-store.js', import.meta.url).href)) as typeof OpenStore;
    return transfersIn(await openStore(place), run);
  },
};

/** The workload on an open store. */
export function transfersIn(store: Store, run: Run): Scene {
  return {
    prepare: () => prepare(store, run),
    stepOf: (worker) => stepOf(store, run, worker),
    check: (attempts) => checkTransfers(store, run, attempts),
    close: () => store.close(),
  };
}

async function prepare(store: Store, run: Run): Promise<void> {
  for (let account = 0; account < run.documents; account += 1) {
    const { committed } = await store.commit([firstAccount(run, account)]);
    if (!committed) throw new Error(`The run ${run.id} was here before.`);
  }
}

function stepOf(store: Store, run: Run, worker: Worker): () => Promise<void> {
  /** Receipts of this worker that are there for certain, the oldest first. */
  const open: Receipt[] = [];
  return async () => {
    const id = worker.newId();
    const transfer = await planned(store, run, worker, id, open);
    if (!transfer) return;
    const writes = shuffled(writesOf(run, transfer), worker.random);
    const outcome = await worker.attempt(id, transfer, async () => {
      const result = await store.commit(writes);
      if (result.committed) return 'acknowledged';
      const isOurs = ({ type, id }: DocumentKey) => writes.some((write) => write.type === type && write.id === id);
      if (result.stale.length === 0 || !result.stale.every(isOurs)) {
        worker.complain(`${id} was refused for ${JSON.stringify(result.stale)}, which it does not name.`);
      }
      return 'refused';
    });
    // Where the answer was lost nobody knows what the older receipt is now, so it is left as it is.
    if (transfer.settles && outcome !== 'refused') open.shift();
    if (outcome !== 'acknowledged') return;
    open.push(transfer.receipt);
    if (worker.random(ONE_IN) === 0) await findAgain(store, run, worker, transfer);
  };
}

async function planned(
  store: Store,
  run: Run,
  worker: Worker,
  id: string,
  open: readonly Receipt[],
): Promise<Transfer | undefined> {
  const { random } = worker;
  let places = DOCUMENTS_MIN + random(DOCUMENTS_MAX - DOCUMENTS_MIN + 1) - 1;
  const takes = () => places > 1 && random(ONE_IN) === 0;
  const settles = takes() ? open[0] : undefined;
  if (settles) places -= 1;
  const checks = takes();
  const accounts = shuffled([...Array(run.documents).keys()], random).slice(0, places);
  const read = await store.readMany(accounts.map((account) => accountKey(run, account)));
  const seen = read.flatMap((document, at) =>
    document && !document.deleted
      ? [{ account: accounts[at] ?? 0, revision: document.revision, ...(JSON.parse(document.text) as AccountText) }]
      : [],
  );
  if (seen.length < accounts.length) {
    worker.complain(`${id} read accounts ${accounts.join(', ')} and found only ${String(seen.length)} of them.`);
    return undefined;
  }
  const check = checks ? seen.pop() : undefined;
  const moves = seen.map((one) => ({ seen: one, by: random(2 * AMOUNT_MOVED_MAX + 1) - AMOUNT_MOVED_MAX }));
  const amount = (settles?.amount ?? 0) - moves.reduce((sum, { by }) => sum + by, 0);
  const receipt = { id, amount, keepHistory: random(ONE_IN) === 0 };
  return { receipt, moves, ...(check && { check }), ...(settles && { settles }) };
}

/** Whoever was answered finds what it wrote, by id and by search. */
async function findAgain(store: Store, run: Run, worker: Worker, transfer: Transfer): Promise<void> {
  const { id } = transfer.receipt;
  const key = receiptKey(run, id);
  const document = await store.read(key);
  if (document?.text !== receiptText(transfer)) {
    worker.complain(`${id} was acknowledged, and its receipt reads ${JSON.stringify(document)}.`);
  }
  const filter = { kind: 'token', param: 'receipt', code: key.id } as const;
  const found = await store.search({ type: 'Receipt', filter, sort: [], limit: 2 });
  if (found.length !== 1 || found[0]?.document.id !== key.id) {
    worker.complain(`${id} was acknowledged, and a search finds ${String(found.length)} receipts of that id.`);
  }
}
