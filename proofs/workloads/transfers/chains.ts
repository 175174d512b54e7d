import { accountText, AMOUNT_AT_FIRST, type AccountText, type Made, type Seen } from './documents.js';

/** What a commit that happened did to one account. */
interface Link {
  readonly attempt: Made;
  /** The revision that it rests on. */
  readonly revision: number;
  readonly by: number;
  readonly after: AccountText;
}

/** The commits that wrote an account, in the order of the revisions that they rest on. */
export interface Chain {
  readonly account: number;
  readonly links: readonly Link[];
}

export function chainsOf(accounts: number, done: readonly Made[]): readonly Chain[] {
  const chains = Array.from({ length: accounts }, (_, account) => ({ account, links: [] as Link[] }));
  for (const attempt of done) {
    for (const { seen, by } of attempt.plan.moves) {
      const after = { amount: seen.amount + by, last: attempt.id };
      chains[seen.account]?.links.push({ attempt, revision: seen.revision, by, after });
    }
  }
  for (const { links } of chains) links.sort((a, b) => a.revision - b.revision);
  return chains;
}

/** The attempts that an attempt rests on, by what it read: its moves and its check. */
export function seenBy({ plan }: Made): readonly Seen[] {
  return [...plan.moves.map(({ seen }) => seen), ...(plan.check ? [plan.check] : [])];
}

/**
 * Not more than one commit wrote over each revision, and whatever any worker read, be its attempt refused, was once
 * committed: no update is lost, and no read shows what was not committed.
 */
export function chainOffences(chains: readonly Chain[], made: readonly Made[]): readonly string[] {
  const offences = chains.flatMap(({ account, links }) => links.flatMap((_, at) => linkOffences(account, links, at)));
  for (const attempt of made) {
    for (const seen of seenBy(attempt)) {
      const { account, revision } = seen;
      const links = chains[account]?.links ?? [];
      const first = { amount: AMOUNT_AT_FIRST, last: '' };
      const were =
        revision === 1 ? [first] : links.filter((one) => one.revision === revision - 1).map((one) => one.after);
      if (were.some((was) => accountText(was) === accountText(seen))) continue;
      offences.push(`${attempt.id} read account ${account} as ${JSON.stringify(seen)}, which no commit made.`);
    }
  }
  return offences;
}

function linkOffences(account: number, links: readonly Link[], at: number): readonly string[] {
  const [before, link] = [links[at - 1], links[at]];
  if (!before || before.revision !== link?.revision) return [];
  const both = `${before.attempt.id} and ${link.attempt.id}`;
  return [`An update is lost: ${both} both wrote over revision ${link.revision} of account ${account}.`];
}
