import type { Db } from 'mongodb';
import { fault } from '../../base/fault.js';
import { isDuplicate } from './failures.js';
import { DOCUMENTS } from './layout.js';

/** The number of this layout, kept in the database: see layout.ts. */
const SCHEMA_VERSION = 1;

const ABOUT = 'about';
const SCHEMA = 'schema';

interface About {
  readonly _id: string;
  readonly version: number;
}

/**
 * Marks an empty database as ours, or looks whether it is.
 *
 * @throws {Fault} `unavailable` for a database of a newer version of ours, or of another program
 */
export async function claimDatabase(db: Db, name: string): Promise<void> {
  const about = db.collection<About>(ABOUT);
  const found = await about.findOne({ _id: SCHEMA });
  if (!found) {
    if (await db.collection(DOCUMENTS).findOne({})) {
      throw fault('unavailable', `The database ${name} holds documents of another program. Name another database.`);
    }
    // Two servers may start at once: either mark will do.
    await about.insertOne({ _id: SCHEMA, version: SCHEMA_VERSION }).catch((error: unknown) => {
      if (!isDuplicate(error)) throw error;
    });
    return;
  }
  if (found.version > SCHEMA_VERSION) {
    throw fault(
      'unavailable',
      `The database ${name} has schema ${String(found.version)}; this program knows ${String(SCHEMA_VERSION)}. ` +
        'Use a newer program.',
    );
  }
}

/** Resolves when the database can be read: a reading, since some front servers answer `ping` by themselves. */
export async function lookAtDatabase(db: Db): Promise<void> {
  await db.collection<About>(ABOUT).findOne({ _id: SCHEMA });
}
