import { isObject } from './json-object.js';
import type { ParsedJson } from './parsed-json.js';
import { localReference } from './references.js';

/**
 * A tree of JSON whose references to this server are relative: each member `reference` that begins with the base and
 * names a resource after it, wherever it stands, contained resources included, loses the base; a version stays.
 * Whatever has none is the very same object.
 *
 * @param base URL of this server, without a slash at the end
 */
export function withRelativeReferences<T>(tree: T, base: string): T {
  return (Array.isArray(tree) ? inList(tree, base) : isObject(tree) ? inObject(tree, base) : tree) as T;
}

/** Both readings of a text, which stay one object where they are. */
export function withRelativeBody({ plain, exact }: ParsedJson, base: string): ParsedJson {
  const relative = withRelativeReferences(plain, base);
  return { plain: relative, exact: exact === plain ? relative : withRelativeReferences(exact, base) };
}

function inList(list: readonly unknown[], base: string): readonly unknown[] {
  const relative = list.map((one) => withRelativeReferences(one, base));
  return relative.some((one, at) => one !== list[at]) ? relative : list;
}

function inObject(node: Readonly<Record<string, unknown>>, base: string): unknown {
  let changed: Record<string, unknown> | undefined;
  for (const name of Object.keys(node)) {
    const value = node[name];
    const isReference = name === 'reference' && typeof value === 'string';
    const relative = isReference ? relativeReference(value, base) : withRelativeReferences(value, base);
    if (relative !== value) (changed ??= { ...node })[name] = relative;
  }
  return changed ?? node;
}

function relativeReference(reference: string, base: string): string {
  const isOwn = reference.startsWith(`${base}/`) && localReference(reference, [base]) !== undefined;
  return isOwn ? reference.slice(base.length + 1) : reference;
}
