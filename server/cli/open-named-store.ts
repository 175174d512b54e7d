import { resolve } from 'node:path';
import { Fault } from '../base/fault.js';
import { SETTINGS, withoutSecrets } from '../config/index.js';
import { openStore, type OpenStoreOptions } from '../open-store.js';
import type { Store } from '../store/index.js';
import { EXIT_FAILED, EXIT_USAGE, Failure } from './failure.js';

/**
 * Opens the store of a flag or variable.
 *
 * @param name of the flag or variable, for the person
 * @throws {Failure} when it does not open
 */
export async function openNamedStore(url: string, name: string, options: OpenStoreOptions = {}): Promise<Store> {
  try {
    return await openStore(url, options);
  } catch (error) {
    throw notOpened(url, name, error);
  }
}

/** What a person is told of a store that did not open. */
export function notOpened(url: string, name: string, error: unknown): Failure {
  // A URL that no store knows is a bad setting; a store that cannot be had is not.
  const exitCode = error instanceof Fault && error.kind === 'invalid' ? EXIT_USAGE : EXIT_FAILED;
  const reason = withoutSecrets((error as Error).message);
  const message = `The store ${withoutSecrets(url)} (${name}) cannot be opened: ${reason}`;
  return new Failure(message, exitCode, { cause: error });
}

/** The store URL of a flag. @throws {Failure} where it is none */
export function storeUrlOf(flag: string, text: string): string {
  try {
    return SETTINGS.storeUrl.parse(text);
  } catch (error) {
    const found = JSON.stringify(withoutSecrets(text));
    throw new Failure(`${flag} must be ${(error as Error).message}, not ${found}.`, EXIT_USAGE, { cause: error });
  }
}

/** A name for a store that is the same wherever the command is run, and has no secrets. */
export function storeName(url: string): string {
  const [, path] = /^sqlite:(?!:memory:)(.+)$/s.exec(url) ?? [];
  return path === undefined ? withoutSecrets(url) : `sqlite:${resolve(path)}`;
}
