/** The middle value, of an even number the mean of the two in the middle. @throws {RangeError} for none */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  const before = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined || before === undefined) throw new RangeError('There is no median of nothing.');
  return (middle + before) / 2;
}

/** `0.41 … 0.52` */
export function range(values: readonly number[]): string {
  return `${shortNumber(Math.min(...values))} … ${shortNumber(Math.max(...values))}`;
}

/** Three digits that count, or all before the point: `0.412`, `12.3`, `18,420`. */
export function shortNumber(value: number): string {
  const digits = value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 };
  return value.toLocaleString('en-US', digits);
}
