/**
 * Every interleaving of concurrent commits, readers and sweepers, with one of them stopping or sleeping at any step or
 * an answer lost: proofs/explore says what must hold. `npm run explore` goes further.
 */
import { describe, expect, test } from '@jest/globals';
import { BROKEN_RULES } from '../../../../proofs/explore/breaks.js';
import { explore } from '../../../../proofs/explore/explore.js';
import { SCENARIOS } from '../../../../proofs/explore/scenarios.js';
import * as protocol from '../../../../server/store/mongo/protocol/index.js';

describe('in every schedule a commit is all or nothing, and its answer is true', () => {
  test.each(SCENARIOS)(
    '$name',
    async (scenario) => {
      const { violation, schedules } = await explore(scenario, protocol);
      expect([violation?.message, ...(violation?.schedule ?? [])]).toEqual([undefined]);
      expect(schedules).toBeGreaterThan(20);
    },
    120_000,
  );
});

describe('a rule broken on purpose is found', () => {
  const FOUND: Readonly<Record<string, RegExp>> = {
    'no fence': /is told that it committed, but a search finds no/,
    'no deadline check': /met no other writer and never slept, but did not commit at its first try/,
    'nobody finishes what is overdue': /the record of \w+ stays|an intent of \w+ stays/,
    'roll forward before the record': /gets A1, which does not stand/,
    'answer before roll forward': /is told that it committed, but a search finds no/,
    'checks are not looked at': /stands, and so does what it excludes/,
    'history after roll forward': /is overwritten and not in the history/,
    'records go by age alone': /an intent of \w+ stays/,
    'the refusal of the record is not heeded': /which does not stand/,
    'reads take intents for contents': /is as it expected|a read shows/,
  };

  test.each(BROKEN_RULES)('$name', async (broken) => {
    const { violation } = await explore(broken.scenario, protocol, broken);
    const [rule = ''] = broken.name.split(':');
    expect(violation?.message).toMatch(FOUND[rule]!);
    console.log([broken.name, `found: ${violation!.message}`, ...violation!.schedule].join('\n  '));
  });

  test('each of them has a finding', () => {
    expect(BROKEN_RULES.map(({ name }) => name.split(':')[0])).toEqual(Object.keys(FOUND));
  });
});
