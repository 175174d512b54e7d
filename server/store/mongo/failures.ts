import {
  MongoBulkWriteError,
  MongoCompatibilityError,
  MongoDriverError,
  MongoError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from 'mongodb';
import { Fault, fault, type FaultKind } from '../../base/fault.js';

/** The least version that we know how to use. */
export const MONGODB_LEAST = '6.0';

/** MongoDB's code of a duplicate `_id`. */
const DUPLICATE = 11_000;
/** Its code of an operation that reached its `maxTimeMS`. */
const TIME_IS_OVER = 50;

/** Codes of the server that say something about the server or the data, and nothing against the program. */
const BY_CODE: ReadonlyMap<number, readonly [FaultKind, string]> = new Map([
  [13, ['unavailable', 'its user may not do this; give it the role readWrite on the database']],
  [18, ['unavailable', 'user or password are wrong']],
  [8000, ['unavailable', 'user or password are wrong']],
  [14031, ['unavailable', 'its disk is full']],
  [TIME_IS_OVER, ['unavailable', 'it takes too long']],
  [10334, ['too-large', 'The resource is larger than the store can keep.']],
  [17419, ['too-large', 'The resource is larger than the store can keep.']],
  [17280, ['too-large', 'A value of the resource is longer than the store can index.']],
]);

/** The driver's own check, before anything is sent. */
const TOO_LARGE_TEXT = /BSON.*(larger|too large|exceed)|document is larger|larger than Max/i;
/** What Node.js says of sockets: https://nodejs.org/api/errors.html#common-system-errors */
const OF_SOCKETS: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'ETIMEDOUT', 'ERR_STREAM_DESTROYED']);

/** Two writes met in a way that the server does not settle by itself. */
const WRITE_CONFLICT = 112;
/** Server errors by which a proxy or a stand-in says that what is behind it is away. */
const BEHIND_IT_CODES: ReadonlySet<number> = new Set([1, 6, 7, 8, 64, 89, 91, 100, 133, 134, 189, 202, 262, 9001]);

/** Whether a document with this `_id` is there already. A bulk counts where every failure in it is of this kind. */
export function isDuplicate(error: unknown): boolean {
  if (!(error instanceof MongoServerError) || error.code !== DUPLICATE) return false;
  const { writeErrors } = error as { writeErrors?: unknown };
  const failures: unknown[] = writeErrors === undefined ? [] : Array.isArray(writeErrors) ? writeErrors : [writeErrors];
  return failures.every((failure) => (failure as { code?: unknown }).code === DUPLICATE);
}

/** Whether the server stopped an operation because it took longer than it may. */
export function isOverTime(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === TIME_IS_OVER;
}

/** Whether an insertion was made; what stands there already stays. */
export async function unlessThere(insertion: Promise<unknown>): Promise<boolean> {
  try {
    await insertion;
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

/** What the driver throws, as a Fault; what is nobody's failure but ours is given back as it is. */
export function faultOf(thrown: unknown): unknown {
  const ofSystem = systemFault(thrown);
  if (ofSystem) return ofSystem;
  if (thrown instanceof Fault || !(thrown instanceof MongoError)) return thrown;
  if (thrown instanceof MongoServerSelectionError) return notSelected(thrown);
  if (TOO_LARGE_TEXT.test(thrown.message)) return fault('too-large', BY_CODE.get(10334)?.[1] ?? '', undefined, thrown);
  if (thrown instanceof MongoWriteConcernError) return unavailable('a majority of it does not answer', thrown);
  if (thrown instanceof MongoNetworkError) return unavailable('the connection was lost', thrown);
  if (thrown instanceof MongoServerError) return serverFault(thrown);
  if (thrown instanceof MongoDriverError) return unavailable('there is no connection to it', thrown);
  return thrown;
}

/**
 * What Node.js itself throws, and the driver lets through: of the names of `mongodb+srv`, and of a socket whose other
 * end goes away while it is being written to.
 */
function systemFault(thrown: unknown): Fault | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  if (thrown instanceof MongoError || thrown instanceof Fault) return undefined;
  if ('code' in thrown && OF_SOCKETS.has(String(thrown.code))) return unavailable('the connection was lost', thrown);
  return 'syscall' in thrown ? unavailable('its name or address cannot be found', thrown) : undefined;
}

function notSelected(error: MongoServerSelectionError): unknown {
  const { cause } = error;
  if (cause instanceof MongoCompatibilityError) {
    return unavailable(`it is too old, or too new for this program: ${MONGODB_LEAST} or later is needed`, error);
  }
  const known = cause instanceof MongoServerError ? faultOf(cause) : undefined;
  return known instanceof Fault ? known : unavailable('it cannot be reached', error);
}

function serverFault(error: MongoServerError): unknown {
  // The driver dresses up whatever ends a bulk as a failure of the server; those of the server have a number.
  const isLost = error instanceof MongoBulkWriteError && typeof error.code !== 'number';
  if (isLost) return unavailable('the connection was lost', error);
  const known = BY_CODE.get(Number(error.code));
  if (known) {
    const [kind, text] = known;
    return kind === 'unavailable' ? unavailable(text, error) : fault(kind, text, undefined, error);
  }
  const passing = error.hasErrorLabel('RetryableWriteError') || error.hasErrorLabel('RetryableError');
  if (passing || BEHIND_IT_CODES.has(Number(error.code))) return unavailable('it is not ready', error);
  if (Number(error.code) === WRITE_CONFLICT || /deadlock/i.test(error.message)) {
    return unavailable('others write the same at this moment; try again', error);
  }
  if (/not (writable )?primary|node is recovering|shutdown|shutting down/i.test(error.message)) {
    return unavailable('it is changing its primary', error);
  }
  return error;
}

function unavailable(reason: string, cause: unknown): Fault {
  return fault('unavailable', `The database cannot be used: ${reason}.`, undefined, cause);
}
