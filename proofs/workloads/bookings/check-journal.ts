/** What was acknowledged is there, what was refused is not, and nothing is there that nobody asked for. */
import { standing, type Evidence, type Version } from './evidence.js';
import type { Asked, Seen } from './told.js';

export function journalOffences(evidence: Evidence, attempts: readonly Asked[]): readonly string[] {
  return [...makingOffences(evidence, attempts), ...versionOffences(evidence, attempts)];
}

/** Each Appointment is there once, by the mark of the attempt that made it. */
function makingOffences({ versions }: Evidence, attempts: readonly Asked[]): readonly string[] {
  const byMark = new Map<string, number>();
  for (const all of versions.values()) {
    const mark = all.find(({ seen }) => seen)?.seen?.mark ?? '';
    byMark.set(mark, (byMark.get(mark) ?? 0) + 1);
  }
  const offences: string[] = [];
  for (const { id, outcome, plan } of attempts) {
    const counts = plan.makes.map((mark) => byMark.get(mark) ?? 0);
    for (const mark of plan.makes) byMark.delete(mark);
    if (counts.some((count) => count > 1)) offences.push(`${id} was asked for once, and made its Appointment twice.`);
    const made = counts.filter((count) => count > 0).length;
    if (made > 0 && made < counts.length) offences.push(`${id} is there by half: ${String(made)} of its Appointments.`);
    if (outcome === 'refused' && made > 0) offences.push(`${id} was refused, and its Appointment is there.`);
    if (outcome === 'acknowledged' && made < counts.length) {
      offences.push(`${id} was acknowledged, and its Appointment is not there.`);
    }
  }
  return [...offences, ...[...byMark.keys()].map((mark) => `Nobody asked for the Appointment of ${mark}.`)];
}

/** What is known of the changes of one Appointment. */
interface Changes {
  /** Versions that callers were told of. */
  readonly told: Map<number, { readonly attempt: string; readonly seen: Seen }[]>;
  /** How many versions there may be of which nobody was told. */
  untold: number;
}

function versionOffences({ versions, nowMs }: Evidence, attempts: readonly Asked[]): readonly string[] {
  const changes = new Map<string, Changes>([...versions.keys()].map((id) => [id, { told: new Map(), untold: 0 }]));
  const offences: string[] = [];
  const idsByMark = new Map([...versions].map(([id, all]) => [all[0]?.seen?.mark, id]));
  for (const { id, outcome, plan, told } of attempts) {
    if (outcome === 'refused') continue;
    for (const seen of told?.appointments ?? []) {
      const known = changes.get(seen.id);
      if (!known) offences.push(`${id} was told of Appointment/${seen.id}, which is not there.`);
      known?.told.set(seen.version, [...(known.told.get(seen.version) ?? []), { attempt: id, seen }]);
    }
    const isToldOf = (appointment: string) => told?.appointments.some((seen) => seen.id === appointment);
    const made = plan.makes.map((mark) => idsByMark.get(mark));
    for (const touched of [plan.changes, plan.gives, ...made]) {
      const known = touched !== undefined && !isToldOf(touched) ? changes.get(touched) : undefined;
      if (known) known.untold += 1;
    }
  }
  for (const [id, all] of versions) offences.push(...offencesOf(id, all, changes.get(id) as Changes, nowMs));
  return offences;
}

function offencesOf(id: string, all: readonly Version[], { told, untold }: Changes, nowMs: number): readonly string[] {
  const offences: string[] = [];
  const name = `Appointment/${id}`;
  let unexplained = 0;
  for (const [at, { revision, seen }] of all.entries()) {
    if (revision !== at + 1)
      offences.push(`${name} has no version ${String(at + 1)} before version ${String(revision)}.`);
    const tellings = told.get(revision) ?? [];
    told.delete(revision);
    if (tellings.length === 0 && !seen?.lapsed) unexplained += 1;
    for (const { attempt, seen: said } of tellings) {
      if (contentOf(said) === contentOf(seen)) continue;
      const version = `version ${String(revision)} of ${name}`;
      offences.push(`${attempt} was told that ${version} is ${contentOf(said)}; it is ${contentOf(seen)}.`);
    }
  }
  if (unexplained > untold) {
    offences.push(`${name} has ${String(unexplained)} versions of which nobody was told; ${String(untold)} can be.`);
  }
  const last = standing(all);
  const hasLapsed = last?.status === 'pending' && (last.holdUntilMs ?? Infinity) <= nowMs;
  for (const [version, tellings] of told) {
    // What has passed by itself is shown before anybody stores it.
    if (hasLapsed && version === all.length + 1 && tellings.every(({ seen }) => seen.lapsed)) continue;
    const [{ attempt } = { attempt: '' }] = tellings;
    offences.push(`${attempt} was told of version ${String(version)} of ${name}; it has ${String(all.length)}.`);
  }
  return offences;
}

function contentOf(seen: Seen | undefined): string {
  return seen ? `${seen.status} on ${seen.slots.toSorted().join(', ')}` : 'deleted';
}
