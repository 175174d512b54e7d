import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROFILES_PATH } from './package-paths.js';

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
}

export interface ElementTable {
  readonly type: string;
  readonly properties: ReadonlyMap<string, Property>;
  /** Elements that must be there, with all the members that would count. */
  readonly required: readonly { readonly element: string; readonly members: readonly string[] }[];
}

interface ElementsFile {
  readonly resourceTypes: readonly string[];
  readonly [type: string]: readonly ElementRow[] | readonly string[];
}

let file: ElementsFile | undefined;
let types: ReadonlySet<string> | undefined;
const tables = new Map<string, ElementTable>();

/** The elements of a resource type, datatype or nested type; undefined for primitives and what is not served. */
export function elementTable(type: string): ElementTable | undefined {
  const known = tables.get(type);
  if (known) return known;
  const rows = elementsFile()[type] as readonly ElementRow[] | undefined;
  if (!rows || type === 'resourceTypes') return undefined;
  const table = tableOf(type, rows);
  tables.set(type, table);
  return table;
}

/** Whether R4 has a resource type of this name, served here or not. */
export function isResourceType(name: string): boolean {
  types ??= new Set(elementsFile().resourceTypes);
  return types.has(name);
}

/** FHIR's primitives begin with a small letter. The text of a narrative has no `_` beside it, nor have ids. */
function mayHaveBeside(type: string): boolean {
  return /^[a-z]/.test(type) && type !== 'xhtml';
}

function elementsFile(): ElementsFile {
  file ??= JSON.parse(readFileSync(join(PROFILES_PATH, 'r4', 'elements.json'), 'utf8')) as ElementsFile;
  return file;
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

function propertiesOf({ name, types, many: repeats, targets }: ElementRow): [string, Property][] {
  const many = repeats === true;
  const isChoice = name.endsWith('[x]');
  const element = isChoice ? name.slice(0, -'[x]'.length) : name;
  return types.flatMap((type): [string, Property][] => {
    const member = isChoice ? element + type.charAt(0).toUpperCase() + type.slice(1) : element;
    const property = { element, type, many, isChoice, ...(targets && { targets: new Set(targets) }) };
    const beside = { element, type: 'Element', many, isChoice, besides: member };
    return mayHaveBeside(type)
      ? [
          [member, property],
          [`_${member}`, beside],
        ]
      : [[member, property]];
  });
}
