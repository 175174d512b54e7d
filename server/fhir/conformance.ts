import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROFILES_PATH } from './package-paths.js';

/** A definition of ours, as its file has it: a StructureDefinition, a SearchParameter or the like. */
export interface Definition {
  readonly resourceType: string;
  readonly id: string;
  readonly url: string;
  readonly name: string;
}

/** The part of an OperationDefinition that says what may be sent. */
interface ParameterList {
  readonly parameter?: readonly { readonly name: string; readonly use: 'in' | 'out'; readonly max: string }[];
}

let byType: ReadonlyMap<string, readonly Definition[]> | undefined;

/** Our definitions of one type, by id; none for any other type. The files are read once. */
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
  const definitions = files.map((file) => JSON.parse(readFileSync(join(PROFILES_PATH, file), 'utf8')) as Definition);
  const types = new Map<string, Definition[]>();
  for (const definition of definitions.sort((a, b) => (a.id < b.id ? -1 : 1))) {
    types.set(definition.resourceType, [...(types.get(definition.resourceType) ?? []), definition]);
  }
  return types;
}
