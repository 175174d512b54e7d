import { Bench, type Figure, type Row } from '../bench.js';
import { compare } from '../compare.js';
import { Connection } from '../connection.js';
import { listOf, stepsOf, type Command } from '../mongo/commands.js';
import { monitored, openDriver } from '../mongo/databases.js';
import { burstOf, driverSide } from '../mongo/driver-side.js';
import { Listener, NOTE_COMMANDS } from '../mongo/listener.js';
import { startServer } from '../processes.js';
import { QUESTION, realSide, type Side } from '../sides.js';
import { newStore } from '../stores.js';

/** `GET /Slot` with 40 computed slots, against the bare driver with the reads that the server was seen to make. */
export const run: Row = async (bench) => {
  const store = await newStore(bench, 'g');
  const { first, again } = await Bench.run(bench.options, (one) => noteReads(one, store));
  const real = await realSide((await startServer(bench, store)).port);
  const db = await openDriver(bench, store);
  const figure = async (what: string, side: Side, commands: readonly Command[], changing: boolean): Promise<Figure> => {
    const bare = { name: 'driver', side: driverSide(db, commands, changing) };
    const { ratio, notes } = await compare({ name: 'fhir-slots', side }, bare, bench.options.quick);
    return { what, value: ratio, unit: '', goal: { atLeast: 0.7 }, notes };
  };
  const repeated = await figure(
    '40 computed slots again against bare reads',
    still(real),
    burstOf(again, again),
    false,
  );
  const changing = await figure('… with a change before each ten questions', real, burstOf(first, again), true);
  return [
    { ...repeated, notes: [...repeated.notes, tripsNote('an answer again', again)] },
    { ...changing, notes: [...changing.notes, tripsNote('the first answer after a change', first)] },
  ];
};

/** What a server reads for one question after a change, and for the same again, while nobody else asks. */
async function noteReads(bench: Bench, store: string) {
  const listener = new Listener();
  const preload = { module: NOTE_COMMANDS, listen: listener.listen };
  const { port } = await startServer(bench, monitored(store), preload);
  const visit = await (await realSide(port)).enter();
  const connection = await Connection.open(port);
  const during = async (act: () => Promise<unknown>) => {
    await listener.take();
    await act();
    return listener.take();
  };
  try {
    await visit.burst();
    await visit.change();
    const first = await during(() => connection.ask(QUESTION));
    const again = await during(() => connection.ask(QUESTION));
    return { first, again };
  } finally {
    visit.leave();
    connection.close();
  }
}

/** Without changes. */
function still(side: Side): Side {
  return { enter: async () => ({ ...(await side.enter()), change: () => Promise.resolve(0) }) };
}

function tripsNote(what: string, commands: readonly Command[]): string {
  return `${what}: ${String(stepsOf(commands))} round trips in sequence: ${listOf(commands)}`;
}
