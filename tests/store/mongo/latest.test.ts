/** Checks of a commit are read one by one, as `linearizable` wants it: together, but never so many that others wait. */
import { expect, test } from '@jest/globals';
import type { Db } from 'mongodb';
import { LATEST_TOGETHER_MAX, MongoTable } from '../../../server/store/mongo/mongo-table.js';

/** A database in which every other document is there; each is read a turn later. */
function database() {
  const seen = { underWay: 0, most: 0 };
  const findOne = async ({ _id }: { readonly _id: string }) => {
    seen.most = Math.max(seen.most, ++seen.underWay);
    await new Promise((resolve) => setImmediate(resolve));
    seen.underWay -= 1;
    return Number(_id) % 2 === 0 ? { _id } : null;
  };
  return { seen, db: { collection: () => ({ findOne }) } as unknown as Db };
}

test.each([0, 1, LATEST_TOGETHER_MAX, 5 * LATEST_TOGETHER_MAX + 1])(
  'of %i: an answer for each, in order',
  async (count) => {
    const ids = Array.from({ length: count }, (_, at) => String(at));
    const found = await new MongoTable(database().db).readLatest(ids);
    expect(found.map((cell) => cell?._id)).toEqual(ids.map((id, at) => (at % 2 === 0 ? id : undefined)));
  },
);

test(`LATEST_TOGETHER_MAX: ${LATEST_TOGETHER_MAX} are under way at once, and no more`, async () => {
  const { db, seen } = database();
  await new MongoTable(db).readLatest(Array.from({ length: 16_000 }, (_, at) => String(at)));
  expect(seen.most).toBe(LATEST_TOGETHER_MAX);
});
