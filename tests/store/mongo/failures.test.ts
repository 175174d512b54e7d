/** What the driver throws, and what callers are told: the errors that only a database in trouble brings about. */
import { describe, expect, test } from '@jest/globals';
import { MongoBulkWriteError, MongoNetworkError, MongoServerError } from 'mongodb';
import { faultOf } from '../../../server/store/mongo/failures.js';

const bulk = (error: object) => new MongoBulkWriteError(error as never, {} as never);

const UNAVAILABLE: readonly (readonly [string, unknown, RegExp])[] = [
  ['a connection that is lost', new MongoNetworkError('connection 2 closed'), /connection was lost/],
  ['a connection that is lost in a bulk', bulk(new MongoNetworkError('connection 2 closed')), /connection was lost/],
  [
    'a socket that the server ends',
    Object.assign(new Error('ended by the other party'), { code: 'EPIPE' }),
    /was lost/,
  ],
  ['a socket that ends in a bulk', bulk(Object.assign(new Error('ended'), { code: 'EPIPE' })), /was lost/],
  ['a majority that does not answer a bulk', bulk({ message: 'waiting', code: 64 }), /not ready/],
  ['a change of the primary', new MongoServerError({ message: 'not primary', code: 10_107 }), /primary|not ready/],
  [
    'two bulks that waited for each other',
    bulk({ message: 'deadlock detected', code: 50_283 }),
    /others write the same/,
  ],
  ['what lies behind a proxy being away', new MongoServerError({ message: 'connect', code: 1 }), /not ready/],
];

describe('what the driver throws', () => {
  test.each(UNAVAILABLE)('%s: the store is unavailable', (_, thrown, words) => {
    expect(faultOf(thrown)).toMatchObject({ kind: 'unavailable', message: expect.stringMatching(words) });
  });

  test('a command that is wrong is our bug, and stays one', () => {
    const wrong = new MongoServerError({ message: 'unknown operator: $or', code: 2 });
    expect(faultOf(wrong)).toBe(wrong);
  });
});
