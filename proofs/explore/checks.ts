/** What must hold when somebody is answered, and when all is over and swept. */
import { decided, Violation, type State } from './model.js';
import { taskOf, type Scenario } from './scenario.js';
import { isFinished, type Actor, type World } from './world.js';

/** An answer must be true at the moment at which it is given. @throws {Violation} */
export function onAnswer(scenario: Scenario, name: string, { point }: Actor, state: State): void {
  const { answer } = point;
  if (!answer || !Object.hasOwn(scenario.writers, name)) return;
  if ('failed' in answer) return;
  const { writes, checks } = taskOf(scenario, name);
  if (answer.committed) {
    const missing = writes.find(({ _id }) => madeBy(state, _id, name).length === 0);
    if (missing) throw new Violation(`${name} is told that it committed, but a search finds no ${missing._id} of it`);
    return;
  }
  if (answer.stale.length === 0) throw new Violation(`${name} is refused for nothing`);
  for (const { _id, expectedRevision } of [...writes, ...checks]) {
    const isStale = revisionOf(decided(state, _id)) !== expectedRevision;
    const isNamed = answer.stale.includes(_id);
    if (isNamed && !isStale) throw new Violation(`${name} is refused because of ${_id}, which is as it expected`);
    const wasStale = (scenario.there.includes(_id) ? 1 : 0) !== expectedRevision;
    if (!isNamed && isStale && wasStale) throw new Violation(`${name} is not told that ${_id} is stale`);
  }
}

/** @throws {Violation} */
export function endChecks(scenario: Scenario, world: World, names: readonly string[], swept: State): void {
  const held = Object.values(swept.cells).find(({ intent }) => intent);
  if (held) throw new Violation(`an intent of ${held.intent!.commit} stays on ${held._id}`);
  const [record] = Object.values(swept.records);
  if (record) throw new Violation(`the record of ${record._id} stays`);
  for (const [at, name] of names.entries()) {
    const actor = world.actors[at]!;
    if (!Object.hasOwn(scenario.writers, name)) failNever(scenario, name, actor);
    else checkWriter(scenario, name, actor, swept, isUntroubled(scenario, world));
  }
  checkOrder(scenario, swept);
}

function failNever(scenario: Scenario, name: string, { point: { answer } }: Actor): void {
  if (answer && 'failed' in answer && !scenario.loses) throw new Violation(`${name} fails: ${answer.failed}`);
}

function checkWriter(scenario: Scenario, name: string, actor: Actor, state: State, isUntroubled: boolean): void {
  const { writes } = taskOf(scenario, name);
  const made = writes.map(({ _id }) => madeBy(state, _id, name));
  const commits = new Set(made.flat());
  const stands = commits.size > 0;
  if (stands && (commits.size > 1 || made.some(({ length }) => length !== 1))) {
    throw new Violation(
      `${name} is there by parts, or twice: ${made.map((one) => one.join('+') || 'nothing').join(', ')}`,
    );
  }
  const { answer, attempts } = actor.point;
  if (!answer) {
    if (!actor.isStopped) throw new Violation(`${name} has no answer`);
    return;
  }
  if (!isFinished(actor) && !actor.isStopped) throw new Violation(`${name} is not finished`);
  if ('failed' in answer) {
    if (isUntroubled) throw new Violation(`${name} fails, though nothing went wrong: ${answer.failed}`);
    if (stands && !answer.failed.includes('unknown'))
      throw new Violation(`${name} fails (${answer.failed}), but stands`);
    return;
  }
  if (writes.length > 0 && answer.committed !== stands) {
    throw new Violation(`${name} is told that it ${answer.committed ? 'committed' : 'is stale'}, which is not so`);
  }
  if (!isUntroubled) return;
  if (isAlone(scenario, name) && !(answer.committed && attempts === 1)) {
    throw new Violation(`${name} met no other writer and never slept, but did not commit at its first try`);
  }
  if (isSmallest(scenario, name) && attempts > 1) {
    throw new Violation(`${name} has the smallest id, but gave way`);
  }
}

/** Whether nobody stopped or slept, and no answer was lost. */
function isUntroubled({ stops, sleepsMs, loses }: Scenario, { left }: World): boolean {
  return (
    left.stops === (stops ? 1 : 0) &&
    left.sleeps === (sleepsMs === undefined ? 0 : 1) &&
    left.losses === (loses ? 1 : 0)
  );
}

function isAlone(scenario: Scenario, name: string): boolean {
  const documentsOf = (writer: string) => {
    const { writes, checks } = taskOf(scenario, writer);
    return [...writes, ...checks].map(({ _id }) => _id);
  };
  const own = documentsOf(name);
  return Object.keys(scenario.writers).every(
    (other) => other === name || !documentsOf(other).some((id) => own.includes(id)),
  );
}

function isSmallest({ writers, smallerIdsLater }: Scenario, name: string): boolean {
  return smallerIdsLater !== true && Object.keys(writers).every((other) => name <= other);
}

/** The commits of a writer that changed a document. */
function madeBy(state: State, id: string, name: string): readonly string[] {
  const commits = (state.changes[id] ?? []).map((change) => change.split(' ')[1]!);
  return commits.filter((commit) => commit.replace(/\d/g, '') === name || (commit === 'removal' && name === 'R'));
}

function revisionOf(version: string): number {
  return Number(version.split(' ')[0]);
}

/** There must be an order of all commits that stand in which each found what it expected. */
function checkOrder(scenario: Scenario, state: State): void {
  const writers = Object.keys(scenario.writers);
  const writerOf = (change: string) => writers.find((name) => change.split(' ')[1]!.replace(/\d/g, '') === name);
  const later = new Map<string, Set<string>>(writers.map((name) => [name, new Set()]));
  for (const changes of Object.values(state.changes)) {
    const order = changes.map(writerOf);
    order.forEach((writer, at) => writer && order[at + 1] && later.get(writer)!.add(order[at + 1]!));
  }
  for (const name of writers) {
    const { writes, checks } = taskOf(scenario, name);
    if (!writes.some(({ _id }) => madeBy(state, _id, name).length > 0)) continue;
    for (const { _id, expectedRevision } of checks) {
      const changes = state.changes[_id] ?? [];
      const found =
        expectedRevision === 0 ? -1 : changes.findIndex((change) => revisionOf(change) === expectedRevision);
      const [maker, next] = [changes[found], changes[found + 1]].map((change) => change && writerOf(change));
      if (maker) later.get(maker)!.add(name);
      if (next) later.get(name)!.add(next);
    }
  }
  for (const name of writers) {
    if (reaches(later, name, name, new Set())) throw new Violation(`${name} stands, and so does what it excludes`);
  }
}

function reaches(
  later: ReadonlyMap<string, ReadonlySet<string>>,
  from: string,
  to: string,
  seen: Set<string>,
): boolean {
  return [...later.get(from)!].some((next) => {
    if (next === to) return true;
    if (seen.has(next)) return false;
    seen.add(next);
    return reaches(later, next, to, seen);
  });
}
