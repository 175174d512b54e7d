import type { ChildProcess } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { BSON } from 'mongodb';
import { inOrder, isSweep, type Command } from './commands.js';

/** To be preloaded into processes that a listener hears. */
export const NOTE_COMMANDS = new URL('./note-commands.js', import.meta.url).href;

/** Longer than a message takes from one process to the other, and than what goes on after an answer. */
const QUIET_MS = 150;

/** Hears which commands another process sends. */
export class Listener {
  #heard: Command[] = [];
  #lastMs = 0;

  /** To be handed to whatever starts the process. */
  readonly listen = (child: ChildProcess): void => {
    child.on('message', (text) => this.hear(BSON.EJSON.parse(text as string) as Command));
  };

  readonly hear = (command: Command): void => {
    if (isSweep(command)) return;
    this.#heard.push(command);
    this.#lastMs = performance.now();
  };

  /** The commands since the last time, in order, once no more come. */
  async take(): Promise<readonly Command[]> {
    do await setTimeout(QUIET_MS);
    while (performance.now() - this.#lastMs < QUIET_MS);
    const heard = this.#heard;
    this.#heard = [];
    return inOrder(heard);
  }
}
