import { EventEmitter } from 'node:events';
import { MongoClient, type CommandStartedEvent, type Document } from 'mongodb';

/** A command that a driver sent, without what it adds for itself; with the times of the process that sent it. */
export interface Command {
  readonly name: string;
  readonly database: string;
  readonly collection: string;
  readonly body: Document;
  readonly startedMs: number;
  readonly endedMs: number;
}

/** Commands that read or write documents. */
const ON_DOCUMENTS: ReadonlySet<string> = new Set(['find', 'aggregate', 'getMore', 'insert', 'update', 'delete']);
const OF_THE_DRIVER: ReadonlySet<string> = new Set(['lsid', 'txnNumber', '$db', '$clusterTime', '$readPreference']);

/**
 * Tells of every command on documents, when it has ended, of all clients in this process whose URL says
 * `monitorCommands=true`. By the prototype, since a store does not hand out its client.
 */
export function watchCommands(tell: (command: Command) => void): void {
  const begun = new Map<number, { readonly event: CommandStartedEvent; readonly startedMs: number }>();
  MongoClient.prototype.emit = function (this: MongoClient, name: string, ...details: unknown[]) {
    const [event] = details as [CommandStartedEvent];
    if (name === 'commandStarted' && ON_DOCUMENTS.has(event.commandName)) {
      begun.set(event.requestId, { event, startedMs: performance.now() });
    }
    if (name === 'commandSucceeded' || name === 'commandFailed') {
      const known = begun.get(event.requestId);
      begun.delete(event.requestId);
      if (known) tell(commandOf(known.event, known.startedMs, performance.now()));
    }
    return EventEmitter.prototype.emit.call(this, name, ...details);
  } as typeof MongoClient.prototype.emit;
}

function commandOf(event: CommandStartedEvent, startedMs: number, endedMs: number): Command {
  const { commandName: name, databaseName: database } = event;
  const body = Object.fromEntries(Object.entries(event.command).filter(([key]) => !OF_THE_DRIVER.has(key)));
  return { name, database, collection: String(body[name]), body, startedMs, endedMs };
}

/** Whether the store sends it from time to time, whatever it is asked: the look for unfinished commits. */
export function isSweep({ collection, body }: Command): boolean {
  return collection === 'commits' && (body['filter'] as Document | undefined)?.['deadlineMs'] !== undefined;
}

/** In the order in which they were sent. */
export function inOrder(commands: readonly Command[]): readonly Command[] {
  return [...commands].sort((a, b) => a.startedMs - b.startedMs);
}

/** How many round trips one has to wait for: commands that are under way together count as one. */
export function stepsOf(commands: readonly Command[]): number {
  let steps = 0;
  let endMs = -Infinity;
  for (const { startedMs, endedMs } of inOrder(commands)) {
    if (startedMs >= endMs) steps += 1;
    endMs = Math.max(endMs, endedMs);
  }
  return steps;
}

/** In order: `find documents, 2 × update documents`. */
export function listOf(commands: readonly Command[]): string {
  const runs: { readonly what: string; count: number }[] = [];
  for (const { name, collection } of inOrder(commands)) {
    const what = `${name} ${collection}`;
    const last = runs.at(-1);
    if (last?.what === what) last.count += 1;
    else runs.push({ what, count: 1 });
  }
  return runs.map(({ what, count }) => (count === 1 ? what : `${String(count)} × ${what}`)).join(', ');
}
