import { instantText, systemClock } from '../base/clock.js';
import { Fault } from '../base/fault.js';
import { newSecret } from '../base/secret.js';
import { isKeyKind, isRight, KEY_KINDS, makeApiKeys, RIGHTS, type ApiKey, type ApiKeys } from '../auth/index.js';
import type { KeyKind } from '../booking/index.js';
import { SETTINGS } from '../config/index.js';
import { EXIT_FAILED, EXIT_USAGE, Failure } from './failure.js';
import { openNamedStore } from './open-named-store.js';
import { settingsOf } from './settings-of.js';
import { columns } from './transfer/report.js';

type Flags = Readonly<Record<string, unknown>>;

/** A store that only one process sees: a key made in it would be gone with this command. */
const IN_MEMORY = 'sqlite::memory:';

/**
 * `fhir-slots keys create`: the key alone on standard output, for scripts; on standard error what to do with it.
 *
 * @throws {Failure} for a name, a right or a kind that cannot be one, and when the store does not open
 */
export async function createKey(flags: Flags): Promise<void> {
  const words = Array.isArray(flags['right']) ? (flags['right'] as readonly string[]) : [];
  const rights = words.filter(isRight);
  const unknown = words.find((word) => !isRight(word));
  if (unknown !== undefined) {
    throw new Failure(`--right must be one of ${RIGHTS.join(', ')}, not "${unknown}".`, EXIT_USAGE);
  }
  const kind = kindIn(flags);
  const { key, made } = await withKeys(flags, {}, (keys) => keys.create(String(flags['name']), rights, kind));
  process.stdout.write(`${key}\n`);
  process.stderr.write(
    `This is the key of ${described(made)}. It is not shown again: keep it as you keep passwords, and send it as\n` +
      `Authorization: Bearer ${key.slice(0, key.indexOf('_') + 1)}…\n`,
  );
}

/** `fhir-slots keys list`: every key there ever was, without what lets anybody in. */
export async function listKeys(flags: Flags): Promise<void> {
  const made = await withKeys(flags, { existing: true }, (keys) => keys.list());
  const rows = made.map(({ id, name, kind = '', rights, createdMs, tail, revokedMs }) => {
    const revoked = revokedMs === undefined ? '' : instantText(revokedMs);
    return [id, name, kind, rights.join(' '), `…${tail}`, instantText(createdMs), revoked];
  });
  process.stdout.write(`${columns([['id', 'name', 'kind', 'rights', 'ends with', 'created', 'revoked'], ...rows])}\n`);
}

/** `fhir-slots keys revoke`: from now on every server of this store refuses it. @throws {Failure} for an unknown one */
export async function revokeKey(idOrName: string, flags: Flags): Promise<void> {
  const revoked = await withKeys(flags, { existing: true }, (keys) => keys.revoke(idOrName));
  process.stdout.write(`Revoked the key of ${described(revoked)}.\n`);
}

/** @throws {Failure} for a word that is none */
function kindIn(flags: Flags): KeyKind | undefined {
  const word = flags['kind'] as string | undefined;
  if (word === undefined || isKeyKind(word)) return word;
  throw new Failure(`--kind must be one of ${KEY_KINDS.join(', ')}, not "${word}".`, EXIT_USAGE);
}

function described({ id, name, rights, kind }: ApiKey): string {
  const may = rights.length > 0 ? `rights: ${rights.join(', ')}` : 'no rights';
  return `${name} (id ${id}, ${kind ? `${kind}, ` : ''}${may})`;
}

async function withKeys<T>(
  flags: Flags,
  options: { readonly existing?: boolean },
  act: (keys: ApiKeys) => Promise<T>,
): Promise<T> {
  const { storeUrl } = settingsOf(flags).values;
  if (storeUrl === IN_MEMORY) {
    throw new Failure(`A store in memory is seen by its server alone: name another (${SETTINGS.storeUrl.name}).`);
  }
  const store = await openNamedStore(storeUrl, SETTINGS.storeUrl.name, options);
  try {
    return await act(makeApiKeys({ store, clock: systemClock, newSecret }));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Failure(error.message, error.kind === 'invalid' ? EXIT_USAGE : EXIT_FAILED, { cause: error });
  } finally {
    await store.close();
  }
}
