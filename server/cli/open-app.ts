import { systemClock } from '../base/clock.js';
import { newUuid } from '../base/ids.js';
import { makeApp } from '../app.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { makeLog } from './log.js';
import { openNamedStore } from './open-named-store.js';
import { VERSION } from './version.js';

/** The application over the store that the settings name. @throws {Failure} when the store does not open */
export async function openApp(settings: Settings) {
  const log = makeLog(settings.logLevel);
  const store = await openNamedStore(settings.storeUrl, SETTINGS.storeUrl.name, { log });
  // Those of bookings stand in the table beside the others, with their names there.
  const all = { ...settings, booking: settings, reservekit: reservekitOf(settings) };
  const app = makeApp({ store, clock: systemClock, newId: newUuid, log, settings: all, version: VERSION });
  return { app, store, log };
}

function reservekitOf(settings: Settings) {
  return {
    weekStart: settings.reservekitWeekStart,
    errorStyle: settings.reservekitErrors,
    strictWeekday: settings.reservekitStrictWeekday,
    plan: settings.reservekitPlan,
    webhooks: settings.reservekitWebhooks,
    webhookSecret: settings.reservekitWebhookSecret,
  };
}
