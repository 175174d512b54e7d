import { systemClock } from '../base/clock.js';
import { withoutSecrets } from '../config/index.js';
import { banner } from './banner.js';
import { loadDemo } from './demo/load-demo.js';
import { finish, listenOn } from './http-server.js';
import { openApp } from './open-app.js';
import { settingsOf } from './settings-of.js';
import { untilStopped } from './stop-signals.js';

/** `fhir-slots serve`: runs until a signal stops it. @throws {Failure} when it cannot start */
export async function serve(flags: Readonly<Record<string, unknown>>): Promise<void> {
  const settings = settingsOf(flags).values;
  const { app, store, log } = await openApp(settings);
  try {
    const demo = flags['demo'] === true;
    const base = settings.baseUrl ?? `http://${settings.host}:${settings.port}`;
    const context = { base, strict: false };
    if (demo) await loadDemo({ resources: app.resources, store, clock: systemClock, context });
    const port = await listenOn(app.server, settings.port, settings.host);
    const stopped = untilStopped(systemClock);
    const storeUrl = withoutSecrets(settings.storeUrl);
    process.stdout.write(banner({ host: settings.host, port, baseUrl: settings.baseUrl, storeUrl, demo }));

    const signal = await stopped;
    log.info({ signal }, 'Stopping: open requests are finished, new ones are not taken.');
    const finished = await finish(app.server);
    if (!finished) log.warn('Some requests took too long and were cut.');
  } finally {
    await store.close();
  }
}
