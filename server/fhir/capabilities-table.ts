import type { CapabilityStatement, CapabilityStatementRestResource } from 'fhir/r4.js';

/** The columns of interactions, and what each stands for where a type has all of them. */
const COLUMNS: readonly (readonly [heading: string, codes: readonly string[]])[] = [
  ['read', ['read']],
  ['vread, history', ['vread', 'history-instance', 'history-type']],
  ['create', ['create']],
  ['update', ['update']],
  ['patch', ['patch']],
  ['delete', ['delete']],
];

/**
 * The table of the README, in Markdown: what a CapabilityStatement claims, type by type, equal ones in one row, and
 * below it what it claims of all. Parameters that every stored type has stand there once.
 */
export function capabilitiesTable({ rest, format, patchFormat = [] }: CapabilityStatement): string {
  const { resource = [], interaction = [], searchParam = [], operation = [] } = rest?.[0] ?? {};
  const common = searchParam.map(({ name }) => name).filter((name) => name !== '_type');
  const headings = ['type', ...COLUMNS.map(([heading]) => heading), 'search by', 'operations'];
  const rows = new Map<string, readonly string[]>();
  for (const one of resource) {
    const cells = [...checksOf(one), searchOf(one, common), operationsOf(one)].join(' | ');
    rows.set(cells, [...(rows.get(cells) ?? []), one.type]);
  }
  return [
    `| ${headings.join(' | ')} |`,
    `|${'---|'.repeat(headings.length)}`,
    ...[...rows].map(([cells, types]) => `| ${codes(types)} | ${cells} |`),
    '',
    `The whole system: ${interaction.map(({ code }) => code).join(', ')}${operationsOf({ operation }, ', ')}.`,
    `Every stored type is also searched by ${codes(common)}, and all together by these and \`_type\`.`,
    `Formats: ${codes(format)}; of patches: ${codes(patchFormat)}.`,
  ].join('\n');
}

function checksOf({ interaction = [] }: CapabilityStatementRestResource): readonly string[] {
  const own: readonly string[] = interaction.map(({ code }) => code);
  return COLUMNS.map(([, wanted]) => (wanted.every((code) => own.includes(code)) ? '✓' : ''));
}

function searchOf({ searchParam = [] }: CapabilityStatementRestResource, common: readonly string[]): string {
  const names = searchParam.map(({ name }) => name);
  const hasAll = common.every((name) => names.includes(name));
  return codes(hasAll ? names.filter((name) => !common.includes(name)) : names);
}

function operationsOf({ operation = [] }: Pick<CapabilityStatementRestResource, 'operation'>, before = ''): string {
  const names = operation.map(({ name }) => `$${name}`);
  return names.length > 0 ? before + codes(names) : '';
}

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(' ');
}
