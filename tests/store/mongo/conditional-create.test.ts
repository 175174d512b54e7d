/**
 * A commit that created something under a condition is decided, but only its document of the condition is rolled
 * forward: the moment in which an equal request finds that document, and no search finds what was created.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, Patient } from 'fhir/r4.js';
import { openMongo } from '../../../server/store/mongo/index.js';
import { COMMITS, DOCUMENTS, type Cell, type CommitRecord } from '../../../server/store/mongo/layout.js';
import { bodyOf, idsOf, serverOver, type TestServer } from '../../journeys/server.js';
import { databaseUrl, describeOnMongodb, dropDatabase, newDatabaseName, withDatabase } from './databases.js';

/** The document goes back to what it was after its commit was decided, and before it was rolled forward. */
async function unroll(database: string, document: string): Promise<void> {
  const commit = `of ${document}`;
  await withDatabase(database, async (db) => {
    const documents = db.collection<Cell>(DOCUMENTS);
    const { _id, ...content } = (await documents.findOne({ _id: document }))!;
    const deadlineMs = Date.now() + 60_000;
    await db
      .collection<CommitRecord>(COMMITS)
      .insertOne({ _id: commit, state: 'committed', deadlineMs, documents: [_id] });
    await documents.replaceOne({ _id }, { revision: 0, intent: { commit, next: { ...content, commit } } } as never);
  });
}

describeOnMongodb('equal conditional writes, one of them half rolled forward', () => {
  const database = newDatabaseName();
  let server: TestServer;
  beforeAll(async () => {
    server = serverOver(await openMongo(databaseUrl(database)), '2027-03-01T12:00:00Z');
  });
  afterAll(async () => {
    await server.close();
    await dropDatabase(database);
  });

  const patient = (value: string): Patient => ({ resourceType: 'Patient', identifier: [{ system: 's', value }] });
  const post = (value: string) =>
    server.http.post('/Patient').set('If-None-Exist', `identifier=s|${value}`).send(patient(value));
  const put = (value: string) => server.http.put(`/Patient?identifier=s|${value}`).send(patient(value));
  const transaction = (value: string) => {
    const request = { method: 'POST', url: 'Patient', ifNoneExist: `identifier=s|${value}` } as const;
    const bundle: Bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: patient(value), request }],
    };
    return server.http.post('/').send(bundle);
  };

  test.each([
    ['create', post],
    ['update', put],
    ['transaction', transaction],
  ])('%s: it finds what the other created', async (value, write) => {
    const created = bodyOf(await post(value)).id ?? '';
    await unroll(database, `Patient/${created}`);
    expect(idsOf(await server.get(`/Patient?identifier=s|${value}`))).toEqual([]);
    expect((await write(value)).status).toBe(200);
    expect(idsOf(await server.get(`/Patient?identifier=s|${value}`))).toEqual([created]);
  });
});
