import { fault } from '../base/fault.js';
import type { TransactionEntry, TransactionResult } from '../booking/index.js';
import type { BundleEntry } from './bundle-entries.js';
import { ifNoneExistOf } from './create.js';
import { removedAnswer } from './delete.js';
import type { EntryRoute } from './entry-route.js';
import type { Answer } from './exchange.js';
import { patchOf } from './patch.js';
import { expectedOf, refuseIfNoneMatch } from './preconditions.js';
import { readJson } from './read-json.js';
import { targetOf } from './target.js';
import { writtenAnswer } from './version-answers.js';

const WRITES: readonly EntryRoute['interaction'][] = ['create', 'update', 'patch', 'delete'];

/** Whether an entry of a transaction belongs into its commit. */
export function isWrite({ route }: BundleEntry): boolean {
  return WRITES.includes(route.interaction);
}

/** An entry that writes, as the service takes it. @throws {Fault} as the handler of the same interaction */
export function transactionEntry({ at, fullUrl, route, exchange }: BundleEntry): TransactionEntry {
  const { headers, path } = exchange;
  if (route.interaction !== 'update') refuseIfNoneMatch(headers['if-none-match']);
  const expected = expectedOf(headers);
  const own = {
    at,
    type: path.type,
    ...(fullUrl !== undefined && { fullUrl }),
    ...(expected !== undefined && { expected }),
  };
  switch (route.interaction) {
    case 'create': {
      const condition = ifNoneExistOf(exchange);
      return { ...own, act: { kind: 'create', body: readJson(exchange), ...(condition && { condition }) } };
    }
    case 'update':
      return { ...own, act: { kind: 'update', target: targetOf(exchange), body: readJson(exchange) } };
    case 'patch':
      return { ...own, act: { kind: 'patch', target: targetOf(exchange), patch: patchOf(exchange) } };
    case 'delete':
      return { ...own, act: { kind: 'delete', target: targetOf(exchange) } };
    default:
      throw fault('bug', `${route.interaction} is no write.`);
  }
}

/** What is answered to a write of a transaction. */
export function resultAnswer({ exchange }: BundleEntry, result: TransactionResult): Answer {
  if (result !== null && 'text' in result) return writtenAnswer(result, exchange);
  return removedAnswer(exchange, result ?? undefined);
}
