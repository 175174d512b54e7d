import { Command } from 'commander';
import { flagOf, SETTINGS, type Setting } from '../config/index.js';
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

  withSettings(program.command('config'))
    .description('print every setting with its value, where it came from and what it means')
    .option('--markdown', 'print the table of the README instead')
    .action(async (flags: Flags) => (await import('./config.js')).config(flags));

  return program;
}

function withSettings(command: Command): Command {
  for (const setting of Object.values<Setting<unknown>>(SETTINGS)) {
    const preset = setting.default === undefined ? '' : ` (default: ${setting.default})`;
    command.option(`${flagOf(setting)} <value>`, `${setting.help}${preset}`);
  }
  return command;
}
