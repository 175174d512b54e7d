import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROFILES_PATH } from './package-paths.js';

const PRIMITIVE = /^[a-z]|^System\./;

/** One element of a type, as `fhir-profiles/r4/elements.json` has it. */
export interface ElementRow {
  /** As in the definition: `status`, `deceased[x]`. */
  readonly name: string;
  /** Several only where it is a choice. A nested type goes by its path: `Appointment.participant`. */
  readonly types: readonly string[];
  readonly min?: number;
  /** Absent: at most one. */
  readonly many?: true;
  /** The types that a reference may point at. Absent: any. */
  readonly targets?: readonly string[];
  /** The value set of a required binding, where the schema does not list its codes. */
  readonly valueSet?: string;
}

/** A member that JSON objects of a type may have: an element, one type of a choice, or the `_` beside a primitive. */
export interface Property {
  /** The FHIRPath name: `start` for `start` and `_start`, `value` for `valueCode`. */
  readonly element: string;
  readonly type: string;
  readonly many: boolean;
  readonly isChoice: boolean;
  /** Where this is the `_` beside a primitive: the name of the primitive. */
  readonly besides?: string;
  readonly targets?: ReadonlySet<string>;
  /** The value set of a required binding that the schema does not know. */
  readonly valueSet?: string;
}

export interface ElementTable {
  readonly type: string;
  readonly properties: ReadonlyMap<string, Property>;
  /** Elements that must be there, with all the members that would count. */
  readonly required: readonly { readonly element: string; readonly members: readonly string[] }[];
}

type Rows = Readonly<Record<string, readonly ElementRow[] | undefined>>;

let served: { readonly resourceTypes: ReadonlySet<string>; readonly rows: Rows } | undefined;
let others: Rows | undefined;
const tables = new Map<string, ElementTable>();

/**
 * The elements of a resource type, datatype or nested type; undefined for primitives. Those of types that are not
 * served, which only contained resources have, are read when the first is asked for.
 */
export function elementTable(type: string): ElementTable | undefined {
  const known = tables.get(type);
  if (known || PRIMITIVE.test(type)) return known;
  const rows = servedElements().rows[type] ?? (others ??= readRows('contained-elements.json') as Rows)[type];
  if (!rows) return undefined;
  const table = tableOf(type, rows);
  tables.set(type, table);
  return table;
}

/** Whether R4 has a resource type of this name, served here or not. */
export function isResourceType(name: string): boolean {
  return servedElements().resourceTypes.has(name);
}

function servedElements(): NonNullable<typeof served> {
  if (!served) {
    const { resourceTypes, ...rows } = readRows('elements.json');
    served = { resourceTypes: new Set(resourceTypes as readonly string[]), rows: rows as Rows };
  }
  return served;
}

function readRows(file: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(PROFILES_PATH, 'r4', file), 'utf8')) as Readonly<Record<string, unknown>>;
}

function tableOf(type: string, rows: readonly ElementRow[]): ElementTable {
  const properties = new Map<string, Property>();
  const required: { element: string; members: string[] }[] = [];
  for (const row of rows) {
    const added = propertiesOf(row);
    for (const [member, property] of added) properties.set(member, property);
    if (row.min)
      required.push({ element: added[0]?.[1].element ?? row.name, members: added.map(([member]) => member) });
  }
  return { type, properties, required };
}

function propertiesOf({ name, types, many: repeats, targets, valueSet }: ElementRow): [string, Property][] {
  const many = repeats === true;
  const isChoice = name.endsWith('[x]');
  const element = isChoice ? name.slice(0, -'[x]'.length) : name;
  return types.flatMap((type): [string, Property][] => {
    const member = isChoice ? element + type.charAt(0).toUpperCase() + type.slice(1) : element;
    const bound = valueSet !== undefined && { valueSet };
    const property = { element, type, many, isChoice, ...(targets && { targets: new Set(targets) }), ...bound };
    const beside = { element, type: 'Element', many, isChoice, besides: member };
    return mayHaveBeside(type)
      ? [
          [member, property],
          [`_${member}`, beside],
        ]
      : [[member, property]];
  });
}

/** The text of a narrative has no `_` beside it, nor have ids and the url of an extension. */
function mayHaveBeside(type: string): boolean {
  return PRIMITIVE.test(type) && type !== 'xhtml' && type !== 'System.String';
}
