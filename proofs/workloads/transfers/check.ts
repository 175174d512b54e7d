import type { Store, StoredDocument } from '../../../server/store/index.js';
import type { Attempt, Findings, Run } from '../../harness/workload.js';
import { chainOffences, chainsOf, seenBy, type Chain } from './chains.js';
import { accountKey, accountText, AMOUNT_AT_FIRST, keepsHistory, receiptKey, receiptText } from './documents.js';
import type { AccountText, Made } from './documents.js';
import { orderOffences } from './order.js';

const AT_A_TIME = 50;
const PAGE = 500;

/**
 * Compares what is stored with what the journals say. Which commits happened is told by their receipts; from these
 * follows what each account must be, so that a commit of which only a part happened shows.
 */
export async function checkTransfers(store: Store, run: Run, attempts: readonly Attempt[]): Promise<Findings> {
  const made = attempts as readonly Made[];
  const receipts = await receiptsOf(store, run, made);
  const done = doneOf(made, receipts);
  const chains = chainsOf(run.documents, done);
  const offences = [
    ...outcomeOffences(made, new Set(done)),
    ...(await receiptOffences(store, run, made, done, receipts)),
    ...(await searchOffences(store, run, done)),
    ...(await accountOffences(store, run, chains)),
    ...chainOffences(chains, made),
    ...orderOffences(chains, done),
  ];
  const [sum, sumAtFirst] = [await sumOf(store, run, receipts), AMOUNT_AT_FIRST * run.documents];
  if (sum !== sumAtFirst) offences.unshift(`The sum of all amounts is ${sum}; it should be ${sumAtFirst}.`);
  return { offences, notes: [`the sum of all amounts is ${sum}`, ...notesOf(made, done, chains)] };
}

async function receiptsOf(
  store: Store,
  run: Run,
  made: readonly Made[],
): Promise<ReadonlyMap<string, StoredDocument | undefined>> {
  const all = new Map<string, StoredDocument | undefined>();
  for (const some of inPortions(made, PAGE)) {
    const documents = await store.readMany(some.map(({ id }) => receiptKey(run, id)));
    some.forEach(({ id }, at) => all.set(id, documents[at]));
  }
  return all;
}

/** A commit happened if its receipt is there, or was settled by one that happened: later, and by the same worker. */
function doneOf(made: readonly Made[], receipts: ReadonlyMap<string, StoredDocument | undefined>): readonly Made[] {
  const settled = new Set<string>();
  const done = made.toReversed().filter(({ id, plan }) => {
    const happened = receipts.get(id) !== undefined || settled.has(id);
    if (happened && plan.settles) settled.add(plan.settles.id);
    return happened;
  });
  return done.toReversed();
}

function outcomeOffences(made: readonly Made[], done: ReadonlySet<Made>): readonly string[] {
  return made.flatMap((attempt) => {
    const { id, outcome } = attempt;
    if (outcome === 'acknowledged' && !done.has(attempt))
      return [`${id} was acknowledged, and its receipt is not there.`];
    if (outcome === 'refused' && done.has(attempt)) return [`${id} was refused, and its receipt is there.`];
    return [];
  });
}

/** Each receipt of a commit that happened stands as it was written, or is settled if that happened. */
async function receiptOffences(
  store: Store,
  run: Run,
  made: readonly Made[],
  done: readonly Made[],
  receipts: ReadonlyMap<string, StoredDocument | undefined>,
): Promise<readonly string[]> {
  const settled = settledBy(done);
  const kept: Made[] = [];
  const offences = done.flatMap((attempt) => {
    const { id, plan } = attempt;
    const is = shortly(receipts.get(id));
    if (settled.has(id) && plan.receipt.keepHistory) kept.push(attempt);
    const isDeleted = plan.receipt.keepHistory ? 'revision 2, deleted: ' : 'absent';
    const shouldBe = settled.has(id) ? isDeleted : `revision 1: ${receiptText(plan)}`;
    return is === shouldBe ? [] : [`The receipt ${id} is ${is}; it should be ${shouldBe}.`];
  });
  for (const some of inPortions(kept, AT_A_TIME)) {
    const versions = await Promise.all(some.map(({ id }) => store.version(receiptKey(run, id), 1)));
    some.forEach(({ id, plan }, at) => {
      const [is, shouldBe] = [shortly(versions[at]), `revision 1: ${receiptText(plan)}`];
      if (is !== shouldBe) offences.push(`In the history the receipt ${id} is ${is}; it should be ${shouldBe}.`);
    });
  }
  const happened = new Set(done.map(({ id }) => id));
  const orphans = made.filter(({ plan }) => plan.settles && !happened.has(plan.settles.id));
  return [
    ...offences,
    ...orphans.map(({ id, plan }) => `${id} settles ${plan.settles?.id ?? ''}, which is not there.`),
  ];
}

/** Searches and counts see the open receipts, no other and none twice. */
async function searchOffences(store: Store, run: Run, done: readonly Made[]): Promise<readonly string[]> {
  const filter = { kind: 'token', param: 'run', code: run.id } as const;
  const settled = settledBy(done);
  const open = new Set(done.filter(({ id }) => !settled.has(id)).map(({ id }) => receiptKey(run, id).id));
  const offences: string[] = [];
  const counted = await store.count('Receipt', filter);
  if (counted !== open.size) offences.push(`Counting finds ${counted} receipts; there are ${open.size}.`);
  let page = await store.search({ type: 'Receipt', filter, sort: [], limit: PAGE });
  while (page.length > 0) {
    const strangers = page.map(({ document }) => document.id).filter((id) => !open.delete(id));
    offences.push(...strangers.map((id) => `A search finds Receipt/${id}, which is not there, or a second time.`));
    const after = page.at(-1)?.position;
    page = after ? await store.search({ type: 'Receipt', filter, sort: [], limit: PAGE, after }) : [];
  }
  return [...offences, ...[...open].map((id) => `No search finds Receipt/${id}.`)];
}

/** Each account is what the commits that happened make of it, and so is its history where it has one. */
async function accountOffences(store: Store, run: Run, chains: readonly Chain[]): Promise<readonly string[]> {
  const offences: string[] = [];
  for (const { account, links } of chains) {
    const amount = AMOUNT_AT_FIRST + links.reduce((sum, { by }) => sum + by, 0);
    const current = await store.read(accountKey(run, account));
    const shouldBe = `revision ${links.length + 1}: ${accountText({ amount, last: links.at(-1)?.attempt.id ?? '' })}`;
    if (shortly(current) !== shouldBe) {
      offences.push(`Account ${account} is ${shortly(current)}; by the receipts it should be ${shouldBe}.`);
    }
    if (!keepsHistory(account)) continue;
    const versions = [{ amount: AMOUNT_AT_FIRST, last: '' }, ...links.map(({ after }) => after)];
    for (const revisions of inPortions([...versions.keys()], AT_A_TIME)) {
      const read = await Promise.all(revisions.map((at) => store.version(accountKey(run, account), at + 1)));
      revisions.forEach((at, place) => {
        const text = accountText(versions[at] ?? { amount: 0, last: '' });
        const [is, should] = [shortly(read[place]), `revision ${at + 1}: ${text}`];
        if (is !== should) offences.push(`In its history account ${account} is ${is}; it should be ${should}.`);
      });
    }
  }
  return offences;
}

/** What is stored, whatever the journals say. */
async function sumOf(
  store: Store,
  run: Run,
  receipts: ReadonlyMap<string, StoredDocument | undefined>,
): Promise<number> {
  const accounts = Array.from({ length: run.documents }, (_, account) => accountKey(run, account));
  return [...(await store.readMany(accounts)), ...receipts.values()]
    .map((document) => (document && !document.deleted ? (JSON.parse(document.text) as AccountText).amount : 0))
    .reduce((sum, amount) => sum + amount, 0);
}

function notesOf(made: readonly Made[], done: readonly Made[], chains: readonly Chain[]): readonly string[] {
  const unknown = made.filter(({ outcome }) => outcome === 'unknown');
  const happened = new Set(done);
  const ends = chains.map(({ links }) => links.length + 1);
  const isFree = (attempt: Made) => seenBy(attempt).every(({ account, revision }) => revision === ends[account]);
  const needless = made.filter((attempt) => attempt.outcome === 'refused' && isFree(attempt)).length;
  return [
    `of ${unknown.length} without an answer ${unknown.filter((attempt) => happened.has(attempt)).length} happened`,
    ...(needless > 0 ? [`refused although nothing had changed, not even later: ${needless}`] : []),
  ];
}

function settledBy(done: readonly Made[]): ReadonlySet<string> {
  return new Set(done.flatMap(({ plan }) => (plan.settles ? [plan.settles.id] : [])));
}

function shortly(document: StoredDocument | undefined): string {
  if (!document) return 'absent';
  return `revision ${document.revision}${document.deleted ? ', deleted' : ''}: ${document.text}`;
}

function inPortions<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}
