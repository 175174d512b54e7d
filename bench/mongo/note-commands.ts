/** Preloaded into a process whose commands are counted: it tells its parent of each of them. */
import { BSON } from 'mongodb';
import { watchCommands } from './commands.js';

watchCommands((command) => process.send?.(BSON.EJSON.stringify(command)));
