import { differences, type TypeTally, type Tally } from './tally.js';

/** Digits of a hash that are shown: enough to compare by eye. */
const DIGITS_SHOWN = 16;

/** A table of the types of two tallies: versions, hash, and whether both say the same. */
export function comparisonTable(source: Tally, target: Tally): string {
  const [left, right] = [source.types(), target.types()];
  const different = new Set(differences(source, target));
  const names = Object.keys({ ...left, ...right }).sort();
  const rows = names.map((name) => {
    const same = !different.has(name);
    const shown = (tally: TypeTally | undefined) => [String(tally?.versions ?? 0), shortHash(tally)];
    return [name, ...shown(left[name]), ...(same ? ['the same'] : [`not the same: ${shown(right[name]).join(' ')}`])];
  });
  return columns([['type', 'versions', 'hash', 'in the target'], ...rows]);
}

function shortHash(tally: TypeTally | undefined): string {
  return tally?.hash.slice(0, DIGITS_SHOWN) ?? '-';
}

/** Rows as lines, each column as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((wide, row) => row.map((cell, at) => Math.max(cell.length, wide[at] ?? 0)), []);
  const lineOf = (row: readonly string[]) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ');
  return rows.map((row) => lineOf(row).trimEnd()).join('\n');
}

/** `1200 versions in 0.3 s (4000 per second)`. */
export function amountText(versions: number, elapsedMs: number): string {
  const seconds = elapsedMs / 1000;
  const perSecond = Math.round(versions / Math.max(seconds, 0.001));
  return `${versions} versions in ${seconds.toFixed(1)} s (${perSecond} per second)`;
}
