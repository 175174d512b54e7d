import { systemClock } from '../base/clock.js';
import { newUuid } from '../base/ids.js';
import { makeApp } from '../app.js';
import { withoutSecrets, type Settings } from '../config/index.js';
import { openStore } from '../open-store.js';
import { Failure } from './failure.js';
import { makeLog } from './log.js';
import type { Store } from '../store/index.js';

/** The application over the store that the settings name. @throws {Failure} when the store does not open */
export async function openApp(settings: Settings) {
  const store = await opened(settings.storeUrl);
  const log = makeLog(settings.logLevel);
  const app = await makeApp({ store, clock: systemClock, newId: newUuid, log, settings });
  return { app, store, log };
}

async function opened(url: string): Promise<Store> {
  try {
    return await openStore(url);
  } catch (error) {
    const reason = withoutSecrets((error as Error).message);
    throw new Failure(`The store ${withoutSecrets(url)} cannot be opened: ${reason}`, undefined, { cause: error });
  }
}
