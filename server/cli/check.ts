import { systemClock } from '../base/clock.js';
import { checkStore, makeConflicts, ScheduleReader } from '../booking/index.js';
import { SETTINGS, withoutSecrets, type Settings } from '../config/index.js';
import type { Store } from '../store/index.js';
import { EXIT_FAILED } from './failure.js';
import { openNamedStore } from './open-named-store.js';
import { settingsOf } from './settings-of.js';

/** Schedules looked at a time. */
const SCHEDULES_PER_PAGE = 100;

/**
 * `fhir-slots check`: whether the claims, Appointments and Slots of a store fit together; an Appointment that claims no
 * time is listed too. With `--conflicts`, the Appointments that their Schedules collide with.
 * Exit code 1 where there is any.
 *
 * @throws {Failure} when the store does not open
 */
export async function check(flags: Readonly<Record<string, unknown>>): Promise<void> {
  const settings = settingsOf(flags).values;
  const store = await openNamedStore(settings.storeUrl, SETTINGS.storeUrl.name, { existing: true });
  try {
    const look = flags['conflicts'] === true ? conflictsIn : offencesIn;
    const wrong = await look(store, settings);
    for (const line of wrong) process.stdout.write(`${line}\n`);
    process.stdout.write(`${withoutSecrets(settings.storeUrl)}: ${wrong.length} found\n`);
    if (wrong.length > 0) process.exitCode = EXIT_FAILED;
  } finally {
    await store.close();
  }
}

/** Under which clients reached the servers of the store, as far as the settings tell. */
function baseOf({ baseUrl, host, port }: Settings): string {
  return baseUrl ?? `http://${host}:${port}`;
}

function offencesIn(store: Store, settings: Settings): Promise<readonly string[]> {
  const { defaultTimezone: defaultZone, exclusiveActors } = settings;
  return checkStore(store, systemClock.nowMs(), { defaultZone, exclusiveActors });
}

async function conflictsIn(store: Store, settings: Settings): Promise<readonly string[]> {
  const defaultZone = settings.defaultTimezone;
  const schedules = new ScheduleReader(store, defaultZone);
  const conflicts = makeConflicts({ store, clock: systemClock, defaultZone, schedules });
  const context = { base: baseOf(settings), strict: false };
  const wrong: string[] = [];
  for await (const id of scheduleIds(store)) {
    for (const { appointment, diagnostics } of await conflicts(id, {}, context)) {
      wrong.push(`Appointment/${appointment.id} on Schedule/${id} collides with ${diagnostics}.`);
    }
  }
  return wrong;
}

async function* scheduleIds(store: Store): AsyncGenerator<string> {
  const query = { type: 'Schedule', filter: { kind: 'all', of: [] }, sort: [], limit: SCHEDULES_PER_PAGE } as const;
  let page = await store.search(query);
  for (;;) {
    for (const { document } of page) yield document.id;
    const after = page.at(-1)?.position;
    if (page.length < SCHEDULES_PER_PAGE || !after) return;
    page = await store.search({ ...query, after });
  }
}
