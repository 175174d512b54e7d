import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROFILES_PATH } from './package-paths.js';

/** A definition of ours: a StructureDefinition, SearchParameter or OperationDefinition, as its file has it. */
export interface Definition {
  readonly resourceType: string;
  readonly id: string;
  readonly url: string;
  readonly name: string;
}

let byType: ReadonlyMap<string, readonly Definition[]> | undefined;

/** Our definitions of one type, by id; none for any other type. The files are read once. */
export function conformanceResources(type: string): readonly Definition[] {
  byType ??= readDefinitions();
  return byType.get(type) ?? [];
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
