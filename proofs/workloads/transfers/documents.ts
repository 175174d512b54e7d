import type { IndexValues } from '../../../server/fhir/index.js';
import type { DocumentKey, Put, Write } from '../../../server/store/index.js';
import type { Attempt, Run } from '../../harness/workload.js';

export const AMOUNT_AT_FIRST = 1_000;

/** What an account says of itself. */
export interface AccountText {
  readonly amount: number;
  /** The attempt that wrote it; empty in the first revision. */
  readonly last: string;
}

/** An account as a worker read it. */
export interface Seen extends AccountText {
  readonly account: number;
  readonly revision: number;
}

export interface Receipt {
  readonly id: string;
  readonly amount: number;
  readonly keepHistory: boolean;
}

/** What an attempt is going to commit, as its journal has it. */
export interface Transfer {
  readonly receipt: Receipt;
  readonly moves: readonly { readonly seen: Seen; readonly by: number }[];
  readonly check?: Seen;
  /** An older receipt, whose amount goes back to the accounts. */
  readonly settles?: Receipt;
}

/** An attempt of this workload. */
export interface Made extends Omit<Attempt, 'plan'> {
  readonly plan: Transfer;
}

export function accountKey(run: Run, account: number): DocumentKey {
  return { type: 'Account', id: `${run.id}-${String(account)}` };
}

export function receiptKey(run: Run, id: string): DocumentKey {
  return { type: 'Receipt', id: `${run.id}-${id}` };
}

export function accountText({ amount, last }: AccountText): string {
  return JSON.stringify({ amount, last });
}

export function receiptText({ receipt, moves }: Transfer): string {
  return JSON.stringify({ amount: receipt.amount, moves: moves.map(({ seen, by }) => [seen.account, by]) });
}

export function keepsHistory(account: number): boolean {
  return account % 2 === 0;
}

/** The account as it is before any commit. */
export function firstAccount(run: Run, account: number): Put {
  const text = accountText({ amount: AMOUNT_AT_FIRST, last: '' });
  return put(run, accountKey(run, account), 0, text, { keepHistory: keepsHistory(account) });
}

/** The one commit that a transfer is. */
export function writesOf(run: Run, transfer: Transfer): readonly Write[] {
  const { receipt, moves, check, settles } = transfer;
  const { id, keepHistory } = receipt;
  const writes: Write[] = [put(run, receiptKey(run, id), 0, receiptText(transfer), { keepHistory, receipt: id })];
  for (const { seen, by } of moves) {
    const text = accountText({ amount: seen.amount + by, last: id });
    const options = { keepHistory: keepsHistory(seen.account) };
    writes.push(put(run, accountKey(run, seen.account), seen.revision, text, options));
  }
  if (check) writes.push({ kind: 'check', ...accountKey(run, check.account), expectedRevision: check.revision });
  if (settles?.keepHistory) {
    writes.push(put(run, receiptKey(run, settles.id), 1, '', { keepHistory: true, deleted: true }));
  } else if (settles) writes.push({ kind: 'remove', ...receiptKey(run, settles.id), expectedRevision: 1 });
  return writes;
}

interface PutOptions {
  readonly keepHistory: boolean;
  readonly deleted?: boolean;
  /** The receipt that a search finds by it. */
  readonly receipt?: string;
}

function put(run: Run, key: DocumentKey, expectedRevision: number, text: string, options: PutOptions): Put {
  const { keepHistory, deleted = false, receipt } = options;
  const index: IndexValues = {
    run: [{ kind: 'token', code: run.id }],
    ...(receipt !== undefined && { receipt: [{ kind: 'token', code: `${run.id}-${receipt}` }] }),
  };
  return {
    kind: 'put',
    ...key,
    expectedRevision,
    updatedMs: expectedRevision + 1,
    deleted,
    text,
    index: deleted ? {} : index,
    order: { timeMs: null, text: '' },
    keepHistory,
  };
}
