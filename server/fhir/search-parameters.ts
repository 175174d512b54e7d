import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PROFILES_PATH } from './package-paths.js';
import { isServedType } from './served-types.js';

export type SearchParameterType = 'token' | 'reference' | 'date' | 'string' | 'number' | 'uri' | 'special';

/** One search parameter of one type: what a SearchParameter resource says, cut down to that type. */
export interface SearchParameterDefinition {
  readonly code: string;
  readonly type: SearchParameterType;
  /** Canonical URL of the SearchParameter. */
  readonly url: string;
  readonly description: string;
  /** Types that a reference may lead to; empty for other parameters. */
  readonly targets: readonly string[];
  /** The branches of the expression that begin at this type; a resource's values are those of all of them. */
  readonly branches: readonly SearchBranch[];
  /** The rule that computes the values, where there is no expression. */
  readonly computed?: string;
  /** The chain for which the parameter is another name; it has no values of its own. */
  readonly chain?: string;
  /** The system of the codes that the element can hold, where it is a bare `code`. */
  readonly codeSystem?: string;
  /** What a date without a prefix means. */
  readonly defaultPrefix: 'eq' | 'le' | 'ge';
  /** The element is the end of a stretch of time, not part of it: `le` a day takes in the midnight after it. */
  readonly isExclusiveEnd: boolean;
}

export interface SearchBranch {
  readonly expression: string;
  /** From `where(resolve() is X)`, which no index can follow: only references to this type. */
  readonly targetType?: string;
}

interface Extension {
  readonly url: string;
  readonly valueCode?: string;
  readonly valueString?: string;
  readonly valueBoolean?: boolean;
}

/** What we read of a SearchParameter resource; `codeSystems` is added by `generate/search-parameters.ts`. */
interface PublishedParameter {
  readonly code: string;
  readonly type: SearchParameterType;
  readonly url: string;
  readonly description: string;
  readonly base: readonly string[];
  readonly target?: readonly string[];
  readonly expression?: string;
  readonly extension?: readonly Extension[];
  readonly codeSystems?: Readonly<Record<string, string>>;
}

const OUR_EXTENSIONS = 'https://fhir-slots.dev/fhir/StructureDefinition/search-';

/** `where(resolve() is Patient)` at the end of a branch. */
const RESOLVED_TYPE = /\.where\(\s*resolve\(\)\s+is\s+([A-Za-z]+)\s*\)$/;

const published: readonly PublishedParameter[] = [...readOfficial(), ...readOurs()];
const byType = new Map<string, ReadonlyMap<string, SearchParameterDefinition>>();
const NONE: ReadonlyMap<string, SearchParameterDefinition> = new Map();

/** The search parameters of a served type, by their code; none for any other type. */
export function searchParametersOf(type: string): ReadonlyMap<string, SearchParameterDefinition> {
  if (!isServedType(type)) return NONE;
  let parameters = byType.get(type);
  if (!parameters) {
    const own = published.filter(({ base }) => base.includes(type) || base.includes('Resource'));
    parameters = new Map(own.map((parameter) => [parameter.code, cutTo(type, parameter)]));
    byType.set(type, parameters);
  }
  return parameters;
}

function readOfficial(): PublishedParameter[] {
  return readJson('r4/search-parameters.json') as PublishedParameter[];
}

function readOurs(): PublishedParameter[] {
  const files = readdirSync(PROFILES_PATH).filter((file) => /^SearchParameter-.+\.json$/.test(file));
  return files.map((file) => readJson(file) as PublishedParameter);
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(PROFILES_PATH, file), 'utf8'));
}

function cutTo(type: string, parameter: PublishedParameter): SearchParameterDefinition {
  const { code, url, description, target, expression, codeSystems } = parameter;
  const ours = (name: string) => parameter.extension?.find((extension) => extension.url === OUR_EXTENSIONS + name);
  const computed = ours('computed')?.valueCode;
  const chain = ours('chain')?.valueString;
  const codeSystem = codeSystems?.[type];
  return {
    code,
    type: parameter.type,
    url,
    description,
    targets: target ?? [],
    branches: branchesOf(type, expression ?? ''),
    ...(computed !== undefined && { computed }),
    ...(chain !== undefined && { chain }),
    ...(codeSystem !== undefined && { codeSystem }),
    defaultPrefix: (ours('default-prefix')?.valueCode ?? 'eq') as SearchParameterDefinition['defaultPrefix'],
    isExclusiveEnd: ours('exclusive-end')?.valueBoolean === true,
  };
}

/** Expressions are published as unions over all base types: those of this type remain. */
function branchesOf(type: string, expression: string): SearchBranch[] {
  const own = splitUnion(expression).filter((branch) => /^\(?([A-Za-z]+)\./.exec(branch)?.[1] === type);
  const anyones = splitUnion(expression).filter((branch) => branch.startsWith('Resource.'));
  return [...own, ...anyones].map((branch) => {
    const targetType = RESOLVED_TYPE.exec(branch)?.[1];
    const plain = withoutAs(branch.replace(RESOLVED_TYPE, ''));
    return targetType === undefined ? { expression: plain } : { expression: plain, targetType };
  });
}

/** The members of a union; a `|` within brackets is not its own. */
function splitUnion(expression: string): string[] {
  const members: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < expression.length; at++) {
    const char = expression[at];
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === '|' && depth === 0) {
      members.push(expression.slice(from, at));
      from = at + 1;
    }
  }
  return [...members, expression.slice(from)].map((member) => member.trim()).filter((member) => member !== '');
}

/** `as` fails on several items where R4's parameters mean "those of that type": `ofType` says so. */
function withoutAs(branch: string): string {
  return branch.replace(/^\((\S+) as (\w+)\)/, '$1.ofType($2)').replace(/\.as\((\w+)\)/g, '.ofType($1)');
}
