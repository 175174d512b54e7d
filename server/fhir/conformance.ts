import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROFILES_PATH } from './package-paths.js';

/** A definition, as its file has it: a StructureDefinition, a SearchParameter or the like. */
export interface Definition {
  readonly resourceType: string;
  readonly id: string;
  readonly url: string;
  readonly version?: string;
  readonly name: string;
}

/** The part of an OperationDefinition that says what may be sent. */
interface ParameterList {
  readonly parameter?: readonly { readonly name: string; readonly use: 'in' | 'out'; readonly max: string }[];
}

let byType: ReadonlyMap<string, readonly Definition[]> | undefined;

/** Our definitions of one type, with the terminology of R4, by id; none for any other type. Files are read once. */
export function conformanceResources(type: string): readonly Definition[] {
  byType ??= readDefinitions();
  return byType.get(type) ?? [];
}

/**
 * The parameters that an operation takes, by name: whether each may repeat.
 * @param id of its OperationDefinition
 */
export function repeatsOfOperation(id: string): ReadonlyMap<string, boolean> {
  const definition = conformanceResources('OperationDefinition').find((one) => one.id === id) as
    ParameterList | undefined;
  const parameters = definition?.parameter?.filter(({ use }) => use === 'in') ?? [];
  return new Map(parameters.map(({ name, max }) => [name, max === '*']));
}

function readDefinitions(): ReadonlyMap<string, readonly Definition[]> {
  const files = readdirSync(PROFILES_PATH).filter((file) => file.endsWith('.json'));
  const ours = files.map((file) => readJson(file) as Definition);
  const definitions = [...ours, ...Object.values(readJson('r4/terminology.json') as Record<string, Definition>)];
  const types = new Map<string, Definition[]>();
  for (const definition of definitions.sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const known = types.get(definition.resourceType);
    if (known) known.push(definition);
    else types.set(definition.resourceType, [definition]);
  }
  return types;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(PROFILES_PATH, file), 'utf8'));
}
