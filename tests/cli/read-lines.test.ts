/** Lines out of chunks: wherever the chunks are cut, the lines are the same, and a long line is never held. */
import fc from 'fast-check';
import { expect, test } from '@jest/globals';
import { readLines, type Line } from '../../server/cli/load/read-lines.js';

async function linesOf(chunks: readonly Buffer[], lineBytesMax = 1_000): Promise<Line[]> {
  const lines: Line[] = [];
  // eslint-disable-next-line @typescript-eslint/require-await
  const source = (async function* () {
    yield* chunks;
  })();
  for await (const group of readLines(source, lineBytesMax)) lines.push(...group);
  return lines;
}

test('the lines are those that a split at line ends gives, blank ones counted but not told', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'ü', '日', ' ', '\n', '\r\n')),
      fc.array(fc.nat(60)),
      async (parts, cuts) => {
        const text = parts.join('');
        const bytes = Buffer.from(text);
        const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        const expected = text
          .split('\n')
          .map((line, index) => ({ number: index + 1, text: line }))
          .filter((line) => line.text.trim() !== '');
        expect(await linesOf(chunks)).toEqual(expected);
      },
    ),
  );
});

test('a line over the limit is refused by its number and the next one is read', async () => {
  const chunks = ['ok\n', 'x'.repeat(7), 'x'.repeat(7), 'x\ny', 'es'].map((text) => Buffer.from(text));
  expect(await linesOf(chunks, 10)).toEqual([
    { number: 1, text: 'ok' },
    { number: 2, text: undefined, reason: 'The line is longer than 10 bytes.' },
    { number: 3, text: 'yes' },
  ]);
});

test('what is over the limit is not kept in memory', async () => {
  const chunkBytes = 1024 * 1024;
  const before = process.memoryUsage().arrayBuffers;
  let peak = 0;
  // eslint-disable-next-line @typescript-eslint/require-await
  const endless = (async function* () {
    for (let chunk = 0; chunk < 1_024; chunk += 1) {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
      yield Buffer.allocUnsafe(chunkBytes).fill('x');
    }
  })();
  for await (const [line] of readLines(endless, 10 * chunkBytes)) expect(line?.reason).toContain('longer than');
  expect(peak).toBeLessThan(512 * chunkBytes);
});

test('a line as long as the limit is taken', async () => {
  expect(await linesOf([Buffer.from('0123456789\n')], 10)).toEqual([{ number: 1, text: '0123456789' }]);
});
