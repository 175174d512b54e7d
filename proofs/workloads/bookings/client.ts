/** One client: asks its server, journals, and looks again at what it was told. */
import { setTimeout } from 'node:timers/promises';
import type { Appointment, Parameters, ParametersParameter } from 'fhir/r4.js';
import type { Worker } from '../../harness/workload.js';
import { serviceType, type Agendas, type Place, type Pool } from './agendas.js';
import type { Asking, Reply, ServerInProcess } from './server.js';
import { resourcesIn, saidBy, seenOf, type Plan, type Said, type Seen, type ToldBooking } from './told.js';

/** Statuses that say that nothing was done, and that no client needs to be surprised at. */
const REFUSALS: readonly number[] = [403, 409, 410, 412, 422];
const AWAY = 503;
/** Of an Appointment to be given up that another has deleted. */
const GONE_BESIDE = 404;
/** How long a client asks again for an answer that was lost: longer than a database takes to come back. */
const TRIES_MAX = 60;
const REST_MS = 100;
/** One in so many answers is looked at again. */
const ONE_IN = 4;
const KNOWN_MAX = 20;

export interface Request extends Asking {
  readonly kind: string;
  readonly id: string;
  readonly touches?: Partial<Omit<Plan, 'kind' | 'startedMs' | 'path'>>;
  /** How another API than FHIR's refuses and tells. */
  readonly api?: {
    readonly isRefusal: (reply: Reply) => boolean;
    readonly saidBy: (reply: Reply, answeredMs: number) => Said;
  };
}

export class Client {
  /** Appointments that this client has met, the newest last. */
  readonly known: Seen[] = [];
  /** Keys of its own locks and holds, the newest last. */
  readonly keys: { readonly key: string; readonly slots: readonly string[]; readonly held?: string }[] = [];

  constructor(
    readonly agendas: Agendas,
    readonly worker: Worker,
    private readonly server: ServerInProcess,
  ) {}

  /** Journals and asks. Undefined where it was refused, or where no answer came. */
  async ask({ kind, id, touches = {}, api = FHIR, ...asking }: Request): Promise<Said | undefined> {
    let said: Said | undefined;
    const plan: Plan = { kind, startedMs: Date.now(), path: asking.path, makes: [], ...touches };
    await this.worker.attempt(id, plan, async () => {
      const reply = await this.#answerTo(asking);
      const { status } = reply;
      if (api.isRefusal(reply) || (status === GONE_BESIDE && plan.gives !== undefined))
        return { answer: 'refused', told: { status, answeredMs: Date.now(), appointments: [] } };
      if (status >= 300) throw this.#surprise(asking, reply);
      said = api.saidBy(reply, Date.now());
      return { answer: 'acknowledged', told: said };
    });
    if (!said) return undefined;
    this.known.push(...said.appointments);
    this.known.splice(0, this.known.length - KNOWN_MAX);
    if (this.worker.random(ONE_IN) === 0) await this.#lookAgain(id, asking, said);
    return said;
  }

  /** What is there, not journaled. */
  async read(path: string, headers: Asking['headers'] = {}): Promise<Reply> {
    const reply = await this.server.ask({ method: 'GET', path, headers });
    if (reply.status === AWAY) throw away();
    return reply;
  }

  /** An Appointment that this client or another has made. */
  async anyAppointment(): Promise<Seen | undefined> {
    const { random } = this.worker;
    if (random(2) === 0) return this.known[random(this.known.length)];
    const place = this.anyPlace();
    const { body } = await this.read(`Appointment?slot=Slot/${place.slot}&status=booked,pending&_count=5`);
    const found = resourcesIn(body).filter((one) => one.resourceType === 'Appointment');
    const one = found[random(found.length)];
    return one && seenOf(one);
  }

  anyPlace(): Place {
    return this.agendas.places[this.worker.random(this.agendas.places.length)] as Place;
  }

  /** A time to book: of one Schedule, of a doctor and a room, or two times after each other. */
  anyPlaces(): readonly Place[] {
    const { random } = this.worker;
    const place = this.anyPlace();
    const { agenda, at } = place;
    if (agenda === 'room') return [this.agendas.at(random(2) === 0 ? 'solo' : 'group', at), place];
    const isLast = at + 1 === this.agendas.run.documents;
    const twice = !isLast && (agenda === 'stored' || agenda === 'group') && random(ONE_IN) === 0;
    return twice ? [place, this.agendas.at(agenda, at + 1)] : [place];
  }

  /** An Appointment that asks for these places. */
  resource(mark: string, places: readonly Place[], status: Appointment['status'], pool: Pool | undefined): Appointment {
    const [first] = places as readonly [Place];
    const isBySlot = places.length > 1 || this.worker.random(ONE_IN) > 0;
    return {
      ...{ resourceType: 'Appointment', status },
      identifier: [{ system: this.agendas.marks, value: mark }],
      comment: `${this.agendas.marks}|${mark}`,
      ...(pool && { serviceType: [serviceType(pool)] }),
      ...(isBySlot && { slot: places.map(({ slot }) => ({ reference: `Slot/${slot}` })) }),
      ...(!isBySlot && { supportingInformation: [{ reference: `Schedule/${first.schedule}` }] }),
      ...timeOf(places),
      participant: [{ actor: { reference: `Patient/${this.agendas.patient}` }, status: 'needs-action' }],
    };
  }

  poolFor(places: readonly Place[]): Pool | undefined {
    if (places[0]?.agenda !== 'pools') return undefined;
    return this.worker.random(2) === 0 ? 'one' : 'three';
  }

  async #answerTo(asking: Asking): Promise<Reply> {
    const isRepeatable = Object.keys(asking.headers ?? {}).some((name) => REPEATABLE.includes(name));
    for (let tries = 1; ; tries += 1) {
      const reply = await this.server.ask(asking).catch(() => undefined);
      if (reply && reply.status !== AWAY) return reply;
      if (!isRepeatable || tries === TRIES_MAX) throw away();
      await setTimeout(REST_MS);
    }
  }

  #surprise({ method, path }: Asking, { status, body }: Reply): Error {
    const errors = this.server.takeErrors().join('; ');
    return new Error(`${method} ${path} was answered with ${String(status)}: ${JSON.stringify(body)} ${errors}`);
  }

  /** Whoever was answered finds what it was told of, or something later; and asking again does nothing more. */
  async #lookAgain(id: string, asking: Asking, said: Said): Promise<void> {
    for (const { id: appointment, version } of said.appointments) {
      const reply = await this.read(`Appointment/${appointment}`);
      const found = reply.status === 200 ? seenOf(reply.body as Appointment).version : Infinity;
      if (![200, 410].includes(reply.status) || found < version) {
        const shown = `Appointment/${appointment} reads ${String(reply.status)}, version ${String(found)}`;
        this.worker.complain(`${id} was told of version ${String(version)}, and ${shown}.`);
      }
    }
    for (const booking of said.bookings ?? []) await this.#lookForBooking(id, booking);
    if (asking.headers?.['Idempotency-Key'] === undefined) return;
    const reply = await this.server.ask(asking);
    if (reply.status === AWAY) return;
    const again = JSON.stringify(saidBy(reply, said.answeredMs));
    if (again !== JSON.stringify(said)) {
      this.worker.complain(`${id} was asked again, and told ${again} in place of ${JSON.stringify(said)}.`);
    }
  }

  /** What another API has told of, FHIR shows, or something later. */
  async #lookForBooking(id: string, { id: appointment, version = 0, updatedMs = 0 }: ToldBooking): Promise<void> {
    if (appointment === undefined) return;
    const { status, body } = await this.read(`Appointment/${appointment}`);
    if (status === 410) return;
    const { meta } = body as Appointment;
    if (status === 200 && Number(meta?.versionId) >= version && Date.parse(meta?.lastUpdated ?? '') >= updatedMs)
      return;
    this.worker.complain(
      `${id} was told of Appointment/${appointment}, which reads ${JSON.stringify({ status, meta })}.`,
    );
  }
}

const FHIR: NonNullable<Request['api']> = {
  isRefusal: (reply) => REFUSALS.includes(reply.status) || isTooLate(reply),
  saidBy,
};

/**
 * What is not allowed any more when the request is read: an end of a hold or lock that has passed, a new status of what
 * has meanwhile been cancelled with a reason.
 */
function isTooLate({ status, body }: Reply): boolean {
  const text = JSON.stringify(body);
  return status === 400 && (text.includes('is past') || text.includes('(app-4)'));
}

const REPEATABLE = ['Idempotency-Key', 'If-None-Exist'];

function away(): Error {
  return Object.assign(new Error('No answer came.'), { kind: 'unavailable' });
}

/** From the first start to the last end. */
export function timeOf(places: readonly Place[]): { readonly start: string; readonly end: string } {
  return {
    start: new Date(Math.min(...places.map(({ startMs }) => startMs))).toISOString(),
    end: new Date(Math.max(...places.map(({ endMs }) => endMs))).toISOString(),
  };
}

/** The body of an operation. */
export function parameters(
  values: Readonly<Record<string, Omit<ParametersParameter, 'name'> | undefined>>,
): Parameters {
  const parameter = Object.entries(values).flatMap(([name, value]) => (value ? [{ name, ...value }] : []));
  return { resourceType: 'Parameters', parameter };
}
