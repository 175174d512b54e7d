import type { Row } from '../bench.js';
import { compare } from '../compare.js';
import { startBareServer, startServer } from '../processes.js';
import { bareSide, realSide } from '../sides.js';
import { newStore } from '../stores.js';

/** `GET /Slot` with 40 computed slots, against a server that only sends the same bytes. */
export const run: Row = async (bench) => {
  const real = await realSide((await startServer(bench, await newStore(bench, 'a'))).port);
  const { recorded } = real;
  const bare = bareSide(await startBareServer(bench, recorded), recorded);
  const { quick, storeUrl } = bench.options;
  const { ratio, notes } = await compare({ name: 'fhir-slots', side: real }, { name: 'node:http', side: bare }, quick);
  const what = `40 computed slots (${recorded.body.length.toLocaleString('en-US')} bytes) against bare node:http`;
  // Where the database is another process, row g has the goal.
  return [{ what, value: ratio, unit: '', ...(storeUrl === undefined && { goal: { atLeast: 0.4 } }), notes }];
};
