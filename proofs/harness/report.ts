import type { Attempt, Outcome } from './workload.js';

/** A line for whoever started the program. */
export function print(line: string): void {
  console.log(line);
}

/** `12,345` */
export function counted(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** How much was done, and what became of it. */
export function figuresOf(attempts: readonly Attempt[], seconds: number): readonly string[] {
  const became = (outcome: Outcome) => attempts.filter((one) => one.outcome === outcome && !one.cutShort).length;
  const acknowledged = became('acknowledged');
  const cutShort = attempts.filter((one) => one.cutShort).length;
  const longestMs = attempts.reduce((longest, { tookMs }) => Math.max(longest, tookMs), 0);
  const answered = acknowledged + became('refused');
  const rate = `${counted(acknowledged / seconds)} a second in ${seconds.toFixed(1)} s`;
  return [
    `commits acknowledged ${counted(acknowledged)}, ${rate}`,
    `operations answered ${counted(answered)}, ${counted(answered / seconds)} a second`,
    `refused ${counted(became('refused'))}, answer lost ${counted(became('unknown'))}, cut short ${counted(cutShort)}`,
    `the longest answer took ${counted(longestMs)} ms`,
  ];
}
