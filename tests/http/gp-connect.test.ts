/** What stands between a check of GP Connect and the write: nobody else's change. */
import { expect, test } from '@jest/globals';
import request from 'supertest';
import { fakeServer, fakeServices } from './fake-services.js';

test('an amendment is written over the version that was checked, though the client names none', async () => {
  const services = fakeServices();
  const sent = { resourceType: 'Appointment', id: 'a1', multipleBirth: 1.5, comment: 'customComment' };
  const { status } = await request(fakeServer({ gpconnectStrict: true }, services))
    .put('/Appointment/a1')
    .send(sent);
  const updates = services.calls.filter(({ verb }) => verb === 'update');
  expect([status, updates.map(({ ifMatch }) => ifMatch)]).toEqual([200, ['3']]);
});
