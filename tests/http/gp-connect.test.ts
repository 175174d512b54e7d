/** What stands between a check of GP Connect and the write: nobody else's change. */
import { expect, test } from '@jest/globals';
import request from 'supertest';
import { fakeServer, fakeServices } from './fake-services.js';

test('an amendment is written over the version that was checked, though the client names none', async () => {
  const services = fakeServices();
  const participant = [{ actor: { reference: 'Patient/p1' }, status: 'accepted' }];
  const time = { start: '2027-03-16T09:00:00Z', end: '2027-03-16T09:30:00Z' };
  const stored = { resourceType: 'Appointment', id: 'a1', status: 'booked', ...time, participant };
  const read = () =>
    Promise.resolve({ type: 'Appointment', id: 'a1', versionId: '3', updatedMs: 0, text: JSON.stringify(stored) });
  const strict = { ...services, resources: { ...services.resources, read } };
  const { status } = await request(fakeServer({ gpconnectStrict: true }, strict))
    .put('/Appointment/a1')
    .send({ ...stored, comment: 'customComment' });
  const updates = services.calls.filter(({ verb }) => verb === 'update');
  expect([status, updates.map(({ ifMatch }) => ifMatch)]).toEqual([200, ['3']]);
});
