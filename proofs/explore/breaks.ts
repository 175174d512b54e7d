/** The rules of the protocol, each broken from outside by a table or a clock that does not keep it. */
import type { Table } from '../../server/store/mongo/protocol/index.js';
import type { Cell, Content } from './model.js';
import type { Break, Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

export interface BrokenRule extends Break {
  /** Where it shows. */
  readonly scenario: Scenario;
}

const scenarioOf = (name: string): Scenario => SCENARIOS.find((scenario) => scenario.name === name)!;

export const BROKEN_RULES: readonly BrokenRule[] = [
  {
    name: 'no fence: whoever finds an overdue commit takes its intents off, and leaves its record open',
    scenario: scenarioOf('one sleeps past its deadline'),
    wrap: (table) => ({
      ...table,
      turnRecord: (id, to) => (to === 'aborted' ? Promise.resolve(true) : table.turnRecord(id, to)),
    }),
  },
  {
    name: 'no deadline check: readers abort what is alive',
    scenario: scenarioOf('somebody reads'),
    readersAheadMs: 5_000,
  },
  {
    name: 'nobody finishes what is overdue',
    scenario: scenarioOf('one stops for ever'),
    wrap: (table) => ({ ...table, overdueRecords: () => Promise.resolve([]) }),
  },
  {
    name: 'roll forward before the record',
    scenario: scenarioOf('two commits that share a document'),
    wrap: rollForwardFirst,
  },
  { name: 'answer before roll forward', scenario: scenarioOf('two commits that share nothing'), wrap: rollForwardLast },
  { name: 'checks are not looked at', scenario: scenarioOf('each checks what the other changes'), withoutChecks: true },
  { name: 'history after roll forward', scenario: scenarioOf('two commits that share nothing'), wrap: historyLast },
  { name: 'records go by age alone', scenario: scenarioOf('one stops for ever'), wrap: removeOverdue },
  {
    name: 'the refusal of the record is not heeded',
    scenario: scenarioOf('one sleeps past its deadline'),
    wrap: alwaysTurned,
  },
  {
    name: 'reads take intents for contents',
    scenario: scenarioOf('somebody reads'),
    wrap: (table) => ({ ...table, read: async (ids) => (await table.read(ids)).map(asIfCommitted) }),
  },
];

function rollForwardFirst(table: Table): Table {
  const documents = new Map<string, readonly string[]>();
  return {
    ...table,
    insertRecord: (record) => {
      documents.set(record._id, record.documents);
      return table.insertRecord(record);
    },
    turnRecord: async (commit, to) => {
      if (to === 'committed') await table.rollForward(commit, documents.get(commit)!);
      return table.turnRecord(commit, to);
    },
  };
}

/** Only with its own commits: others could not go on. */
function rollForwardLast(table: Table): Table {
  const left = new Map<string, readonly string[]>();
  return {
    ...table,
    rollForward: (commit, ids) => Promise.resolve(void left.set(commit, ids)),
    removeRecord: async (commit) => {
      await table.rollForward(commit, left.get(commit) ?? []);
      await table.removeRecord(commit);
    },
  };
}

function historyLast(table: Table): Table {
  let left: readonly Cell[] = [];
  return {
    ...table,
    keepVersions: (cells) => Promise.resolve(void (left = cells)),
    rollForward: async (commit, ids) => {
      await table.rollForward(commit, ids);
      await table.keepVersions(left);
    },
  };
}

function removeOverdue(table: Table): Table {
  return {
    ...table,
    overdueRecords: async (beforeMs, limit) => {
      for (const { _id } of await table.overdueRecords(beforeMs, limit)) await table.removeRecord(_id);
      return [];
    },
  };
}

function alwaysTurned(table: Table): Table {
  return {
    ...table,
    turnRecord: async (commit, to) => (await table.turnRecord(commit, to)) || to === 'committed',
  };
}

function asIfCommitted(cell: Cell | undefined): Cell | undefined {
  const next: Content | undefined = cell?.intent?.next;
  return cell && next ? { _id: cell._id, ...next } : cell;
}
