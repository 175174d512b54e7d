import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Said {
  readonly code: number | null;
  readonly text: string;
}

/** Runs a program of `proofs/` from the build to its end. */
export async function proof(name: 'contend' | 'crash' | 'fuzz', args: readonly string[]): Promise<Said> {
  const program = join(process.cwd(), `dist/proofs/${name}.js`);
  if (!existsSync(program)) throw new Error('These tests run the build of the proofs, which npm test makes first.');
  const child = spawn(process.execPath, [program, ...args], { env: { PATH: process.env['PATH'] } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (some: string) => (text += some));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text };
}

/** The number after some words in what was printed; NaN where they are not there. */
export function figure({ text }: Said, words: string): number {
  const digits = new RegExp(`${words} ([\\d,]+)`).exec(text)?.[1];
  return digits === undefined ? NaN : Number(digits.replaceAll(',', ''));
}
