import { setImmediate } from 'node:timers/promises';
import { fault } from '../base/fault.js';
import { indexValuesOf, localReference, searchParametersOf, SERVED_TYPES, type IndexValues } from '../fhir/index.js';
import { anyOf, type Filter, type Include } from '../search/index.js';
import { nameOf, type DocumentKey, type Store } from '../store/index.js';
import { asOf } from './as-of.js';
import type { ComputedSlotReader } from './computed-slot-reader.js';
import type { SearchEntry } from './types.js';

/** How many resources one page may bring along beside its matches. */
export const INCLUDED_MAX = 1_000;

export interface IncludesDeps {
  readonly store: Store;
  readonly computedSlots: ComputedSlotReader;
  readonly defaultZone: string;
  /** The moment for which resources are shown. */
  readonly nowMs: number;
}

/**
 * The resources that `_include` and `_revinclude` add to a page, each once and none that is a match itself.
 * Those marked `:iterate` are also applied to what was included, until nothing new comes:
 * https://hl7.org/fhir/R4/search.html#include
 *
 * @throws {Fault} `too-costly` beyond {@link INCLUDED_MAX}
 */
export async function includedWith(
  deps: IncludesDeps,
  includes: readonly Include[],
  matches: readonly SearchEntry[],
  base: string,
): Promise<readonly SearchEntry[]> {
  const known = new Set(matches.map(nameOf));
  const included: SearchEntry[] = [];
  let frontier = matches;
  let applied = includes;
  while (frontier.length > 0 && applied.length > 0) {
    const found = await reachedFrom(deps, applied, frontier, base, known);
    included.push(...found);
    if (included.length > INCLUDED_MAX) {
      throw fault(
        'too-costly',
        `A page includes at most ${INCLUDED_MAX} resources; ask with a smaller _count.`,
        '_include',
      );
    }
    frontier = found;
    applied = includes.filter(({ iterate }) => iterate);
  }
  return included;
}

/** Entries whose references are followed before others have their turn; of large ones, some 20 ms. */
const ENTRIES_PER_TURN = 100;

/** What may come along by reference: of some types, and not what `isLeftOut` says, nor what that alone refers to. */
export interface Referable {
  readonly types: readonly string[];
  readonly isLeftOut: (entry: SearchEntry) => boolean;
}

/**
 * The resources to which others refer, directly or through each other, each once and none of the others.
 *
 * @throws {Fault} `too-costly` beyond so many
 */
export async function referredFrom(
  deps: IncludesDeps,
  entries: readonly SearchEntry[],
  { types, isLeftOut }: Referable,
  base: string,
  most: number,
): Promise<readonly SearchEntry[]> {
  const known = new Set(entries.map(nameOf));
  const indexOf = indexReader(deps, base);
  const referred: SearchEntry[] = [];
  const following = [...entries];
  for (let at = 0; at < following.length;) {
    await setImmediate();
    const turn = following.slice(at, at + ENTRIES_PER_TURN);
    at += turn.length;
    const keys = turn
      .flatMap((entry) =>
        targetsOf({ sourceType: entry.type, param: '*', iterate: true, reverse: false }, entry, indexOf, base),
      )
      .filter(({ type }) => types.includes(type));
    const found = (await read(deps, keys, known, base)).filter((entry) => !isLeftOut(entry));
    for (const key of keys) known.add(nameOf(key));
    referred.push(...found);
    following.push(...found);
    if (referred.length > most) throw fault('too-costly', `They refer to more than ${most} resources; ask for fewer.`);
  }
  return referred;
}

async function reachedFrom(
  deps: IncludesDeps,
  includes: readonly Include[],
  frontier: readonly SearchEntry[],
  base: string,
  known: Set<string>,
): Promise<SearchEntry[]> {
  const indexOf = indexReader(deps, base);
  const reached: SearchEntry[] = [];
  for (const include of includes) {
    const keys = include.reverse ? [] : frontier.flatMap((entry) => targetsOf(include, entry, indexOf, base));
    const found = include.reverse ? await referringTo(deps, include, frontier) : await read(deps, keys, known, base);
    for (const entry of found) {
      if (known.has(nameOf(entry))) continue;
      known.add(nameOf(entry));
      reached.push(entry);
    }
  }
  return reached;
}

type IndexReader = (entry: SearchEntry) => IndexValues;

/** Index values are made from the text once for an entry, however many includes look at it. */
function indexReader(deps: IncludesDeps, base: string): IndexReader {
  const read = new Map<SearchEntry, IndexValues>();
  return (entry) => {
    const values =
      read.get(entry) ?? indexValuesOf(JSON.parse(entry.text), { zone: deps.defaultZone, ownBases: [base] });
    read.set(entry, values);
    return values;
  };
}

function targetsOf(include: Include, entry: SearchEntry, indexOf: IndexReader, base: string): DocumentKey[] {
  if (entry.type !== include.sourceType) return [];
  const index = indexOf(entry);
  const values = include.param === '*' ? Object.values(index).flat() : (index[include.param] ?? []);
  return values.flatMap((value) => {
    const key = value.kind === 'reference' ? localReference(value.target, [base]) : undefined;
    return key && (include.targetType === undefined || key.type === include.targetType) ? [key] : [];
  });
}

async function read(
  deps: IncludesDeps,
  keys: readonly DocumentKey[],
  known: ReadonlySet<string>,
  base: string,
): Promise<SearchEntry[]> {
  const wanted = [...new Map(keys.map((key) => [nameOf(key), key])).values()].filter((key) => !known.has(nameOf(key)));
  const documents = wanted.length > 0 ? await deps.store.readMany(wanted) : [];
  const found = await Promise.all(
    wanted.map(async (key, at) => {
      const document = documents[at];
      if (document) return document.deleted ? undefined : asOf(document, deps.nowMs);
      return key.type === 'Slot' ? deps.computedSlots.find(key.id, base) : undefined;
    }),
  );
  return found.flatMap((one) => (one ? [{ type: one.type, id: one.id, text: one.text }] : []));
}

async function referringTo(deps: IncludesDeps, include: Include, to: readonly SearchEntry[]): Promise<SearchEntry[]> {
  const { sourceType, targetType } = include;
  const targets = to.filter(({ type }) => targetType === undefined || type === targetType);
  const found: SearchEntry[] = [];
  for (const source of sourceType === '*' ? SERVED_TYPES : [sourceType]) {
    const of = referencesTo(targets, source, include.param);
    // What no reference of the type can lead to needs no question.
    if (of.length === 0) continue;
    const referring = await deps.store.search({ type: source, filter: anyOf(of), sort: [], limit: INCLUDED_MAX + 1 });
    found.push(...referring.map(({ document }) => asOf(document, deps.nowMs)));
  }
  return found.map(({ type, id, text }) => ({ type, id, text }));
}

/** @param param of a type, or `*`: each of its references */
function referencesTo(entries: readonly SearchEntry[], sourceType: string, param: string): Filter[] {
  const references = [...searchParametersOf(sourceType).values()].filter(
    ({ type, code }) => type === 'reference' && (param === '*' || code === param),
  );
  return references.flatMap(({ code, targets }) =>
    entries
      .filter(({ type }) => targets.includes(type))
      .map((entry): Filter => ({ kind: 'reference', param: code, target: nameOf(entry) })),
  );
}
