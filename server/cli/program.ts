import { Command } from 'commander';
import { flagOf, SETTINGS, type Setting, type Settings } from '../config/index.js';
import { VERSION } from './version.js';

const EXIT_CODES = `
Settings come from flags, else from environment variables (fhir-slots config lists them).
Exit codes: 0 done, 1 not all of it could be done, 2 not understood (command, flag or setting).`;

type Flags = Readonly<Record<string, unknown>>;

/** The commands. What each needs is imported when it runs, so that `--help` does not wait for a server. */
export function makeProgram(): Command {
  const program = new Command('fhir-slots')
    .description('A FHIR R4 server for scheduling: GET /Slot answers with the times that can really be booked.')
    .version(VERSION)
    .addHelpText('after', EXIT_CODES)
    .exitOverride();

  withSettings(program.command('serve'))
    .description('start the server; Ctrl-C or SIGTERM finishes the open requests and leaves')
    .option('--demo', 'load a small clinic first, with times from today on')
    .action(async (flags: Flags) => (await import('./serve.js')).serve(flags));

  withSettings(program.command('load'))
    .description('write resources from JSON, Bundles and NDJSON, plain or gzip; upserts by id')
    .argument('<file...>', 'files; - is standard input')
    .action(async (files: string[], flags: Flags) => (await import('./load.js')).load(files, flags));

  addTransfers(program);
  addKeys(program.command('keys').description('make, list and revoke the API keys of callers, beside running servers'));

  withSettings(program.command('config'))
    .description('print every setting with its value, where it came from and what it means')
    .option('--markdown', 'print the table of the README instead')
    .action(async (flags: Flags) => (await import('./config.js')).config(flags));

  program
    .command('capabilities')
    .description('print what is served, as the README does: types, interactions, search parameters, operations')
    .action(async () => (await import('./capabilities.js')).capabilities());

  return program;
}

/** The commands that move whole stores, and the one that looks into one. */
function addTransfers(program: Command): void {
  withSettings(program.command('copy'), ['defaultTimezone'])
    .description('move everything of a store into an empty one, history and ids included, and compare both')
    .requiredOption('--from <store>', 'URL of the store to read; nobody may write to it meanwhile')
    .requiredOption('--to <store>', 'URL of the store to fill; the same command again goes on where it was cut short')
    .action(async (flags: Flags) => (await import('./copy.js')).copy(flags));

  withSettings(program.command('export'), ['storeUrl', 'defaultTimezone'])
    .description('write everything of a store as NDJSON, one line a version, with counts and hashes at the end')
    .argument('[file]', 'a new file, gzip if its name ends with .gz; standard output without it')
    .option('--from <store>', 'the same as --store-url')
    .option('--resources', 'current resources alone, as NDJSON that load reads')
    .action(async (file: string | undefined, flags: Flags) => (await import('./export.js')).exportStore(file, flags));

  withSettings(program.command('import'), ['storeUrl'])
    .description('fill an empty store from what export wrote, and compare both')
    .argument('<file>', 'plain or gzip')
    .option('--to <store>', 'the same as --store-url')
    .action(async (file: string, flags: Flags) => (await import('./import.js')).importStore(file, flags));

  withSettings(program.command('indexes'), ['storeUrl'])
    .description('list the indexes of the store, and those that are missing')
    .action(async (flags: Flags) => (await import('./indexes.js')).indexes(flags));

  withSettings(program.command('check'), ['storeUrl', 'defaultTimezone', 'exclusiveActors', 'baseUrl', 'host', 'port'])
    .description('look whether any time is sold twice, and whether all that is booked has its time; servers stop first')
    .option('--conflicts', 'list the Appointments that the rules, a Slot or a closed Schedule collide with instead')
    .action(async (flags: Flags) => (await import('./check.js')).check(flags));
}

function addKeys(keys: Command): void {
  withSettings(keys.command('create'), ['storeUrl'])
    .description('make a key, which is shown this once; callers send it as Authorization: Bearer …')
    .requiredOption('--name <name>', 'who calls with it')
    .option('--right <right>', 'what it may do beyond what all may: override; may be repeated', collected, [])
    .option('--kind <kind>', 'for /resources, /slots, /bookings and /v1: public, which browsers may show, or secret')
    .action(async (flags: Flags) => (await import('./keys.js')).createKey(flags));

  withSettings(keys.command('list'), ['storeUrl'])
    .description('list the keys, those revoked among them')
    .action(async (flags: Flags) => (await import('./keys.js')).listKeys(flags));

  withSettings(keys.command('revoke'), ['storeUrl'])
    .description('refuse a key from now on')
    .argument('<id or name>', 'as keys list tells them')
    .action(async (idOrName: string, flags: Flags) => (await import('./keys.js')).revokeKey(idOrName, flags));
}

/** A flag that may be repeated. */
function collected(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function withSettings(command: Command, keys?: readonly (keyof Settings)[]): Command {
  for (const [key, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    if (keys && !keys.includes(key as keyof Settings)) continue;
    const preset = setting.default === undefined ? '' : ` (default: ${setting.default})`;
    command.option(`${flagOf(setting)} <value>`, `${setting.help}${preset}`);
  }
  return command;
}
