import { systemClock } from '../base/clock.js';
import { Fault } from '../base/fault.js';
import { newUuid } from '../base/ids.js';
import { makeApp } from '../app.js';
import { SETTINGS, withoutSecrets, type Settings } from '../config/index.js';
import { openStore } from '../open-store.js';
import type { Store } from '../store/index.js';
import { EXIT_FAILED, EXIT_USAGE, Failure } from './failure.js';
import { makeLog } from './log.js';
import { VERSION } from './version.js';

/** The application over the store that the settings name. @throws {Failure} when the store does not open */
export async function openApp(settings: Settings) {
  const store = await opened(settings.storeUrl);
  const log = makeLog(settings.logLevel);
  const app = makeApp({ store, clock: systemClock, newId: newUuid, log, settings, version: VERSION });
  return { app, store, log };
}

async function opened(url: string): Promise<Store> {
  try {
    return await openStore(url);
  } catch (error) {
    // A URL that no store knows is a bad setting; a store that cannot be had is not.
    const exitCode = error instanceof Fault && error.kind === 'invalid' ? EXIT_USAGE : EXIT_FAILED;
    const reason = withoutSecrets((error as Error).message);
    const message = `The store ${withoutSecrets(url)} (${SETTINGS.storeUrl.name}) cannot be opened: ${reason}`;
    throw new Failure(message, exitCode, { cause: error });
  }
}
