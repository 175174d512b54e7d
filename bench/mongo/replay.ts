import type { AnyBulkWriteOperation, Collection, Db, Document, ReadConcernLike } from 'mongodb';
import type { Command } from './commands.js';

/** Sends, with the bare driver, what somebody else has sent before. @throws {Error} for a command it does not know */
export async function replay(db: Db, { name, collection, body }: Command): Promise<void> {
  const documents = db.collection(collection);
  switch (name) {
    case 'find':
      return find(documents, body);
    case 'aggregate':
      await documents.aggregate(body['pipeline'] as Document[], { allowDiskUse: true }).toArray();
      return;
    case 'insert':
      return insert(documents, body);
    case 'update':
      return update(documents, body['updates'] as readonly Update[]);
    case 'delete':
      for (const { q, limit } of body['deletes'] as readonly { readonly q: Document; readonly limit: number }[]) {
        await (limit === 1 ? documents.deleteOne(q) : documents.deleteMany(q));
      }
      return;
    case 'getMore':
      // The driver sends it by itself.
      return;
    default:
      throw new Error(`Nobody knows how to send ${name} again.`);
  }
}

async function find(documents: Collection, body: Document): Promise<void> {
  const { filter, projection, sort, readConcern, limit, singleBatch } = body;
  const options = {
    ...(projection !== undefined && { projection: projection as Document }),
    ...(readConcern !== undefined && { readConcern: readConcern as ReadConcernLike }),
  };
  if (singleBatch === true) {
    await documents.findOne(filter as Document, options);
    return;
  }
  const cursor = documents.find(filter as Document, options);
  if (sort !== undefined) cursor.sort(sort as Document);
  if (limit !== undefined) cursor.limit(limit as number);
  await cursor.toArray();
}

async function insert(documents: Collection, body: Document): Promise<void> {
  const inserted = body['documents'] as Document[];
  const [first] = inserted;
  await (inserted.length === 1 && first ? documents.insertOne(first) : documents.insertMany(inserted, UNORDERED));
}

interface Update {
  readonly q: Document;
  readonly u: Document | Document[];
  readonly multi?: boolean;
}

async function update(documents: Collection, updates: readonly Update[]): Promise<void> {
  const [first] = updates;
  if (updates.length > 1) await documents.bulkWrite(updates.map(bulkUpdate), UNORDERED);
  else if (first?.multi) await documents.updateMany(first.q, first.u);
  else if (first && isReplacement(first.u)) await documents.replaceOne(first.q, first.u);
  else if (first) await documents.updateOne(first.q, first.u);
}

const UNORDERED = { ordered: false };

function bulkUpdate({ q, u }: Update): AnyBulkWriteOperation {
  return isReplacement(u) ? { replaceOne: { filter: q, replacement: u } } : { updateOne: { filter: q, update: u } };
}

function isReplacement(u: Document | Document[]): boolean {
  return !Array.isArray(u) && !Object.keys(u).some((key) => key.startsWith('$'));
}
