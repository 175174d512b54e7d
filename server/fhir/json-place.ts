import { isObject } from './json-object.js';

/** Whether this is what is looked for: a text, number, boolean or null, or the name of a member. */
type Wanted = (leaf: unknown, isName: boolean) => boolean;

/**
 * The path from a resource to the first leaf that is wanted, or to the object that has the name that is.
 *
 * @param levelsMax what is nested deeper is not looked at
 * @returns undefined where there is none, or where the tree is no resource and has no name to begin a path with
 */
export function placeOf(tree: unknown, isWanted: Wanted, levelsMax: number): string | undefined {
  const type = isObject(tree) ? tree['resourceType'] : undefined;
  if (typeof type !== 'string' || !/^[A-Z][A-Za-z]*$/.test(type)) return undefined;
  return placeUnder(tree, type, isWanted, levelsMax);
}

function placeUnder(value: unknown, path: string, isWanted: Wanted, levelsLeft: number): string | undefined {
  if (value === null || typeof value !== 'object') return isWanted(value, false) ? path : undefined;
  if (levelsLeft === 0) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value) && isWanted(name, true)) return path;
    const step = Array.isArray(value) ? `[${name}]` : `.${name}`;
    const found = placeUnder(inner, path + step, isWanted, levelsLeft - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
