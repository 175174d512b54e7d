import { isObject } from './json-object.js';
import type { ParsedJson } from './parsed-json.js';

/**
 * The members that hold a URI and no text, beside `reference`: what an entry of a Bundle is called may stand in any.
 * https://hl7.org/fhir/R4/http.html#trules
 */
const URI_MEMBERS: ReadonlySet<string> = new Set([
  ...['reference', 'url', 'uri', 'source', 'system', 'profile', 'instantiatesUri', 'instantiatesCanonical'],
  ...['valueUri', 'valueUrl', 'valueUuid', 'valueOid', 'valueCanonical'],
]);

/** A link or an image in a narrative. */
const LINK = /\b(href|src)=(["'])(.*?)\2/g;

/** `Patient?identifier=a|b`, where a reference stands. */
const CONDITIONAL = /^[A-Z][A-Za-z]{1,63}\?./;

/** `urn:uuid:…`, `urn:oid:…`. */
const PLACEHOLDER = /^urn:(?:uuid|oid):/;

/**
 * A body in which what names an entry of a Bundle, in references, in other URIs and in the links of its narrative,
 * names the resource that the entry has become.
 *
 * @param resolve undefined for what names none
 */
export function withResolved(body: ParsedJson, resolve: (uri: string) => string | undefined): ParsedJson {
  const exact = resolved(body.exact, '', resolve);
  return { exact, plain: body.exact === body.plain ? exact : resolved(body.plain, '', resolve) };
}

function resolved(node: unknown, name: string, resolve: (uri: string) => string | undefined): unknown {
  if (typeof node === 'string') return resolvedText(node, name, resolve);
  if (Array.isArray(node)) return node.map((one) => resolved(one, name, resolve));
  // A number that is kept by its digits is an object of a class.
  if (!isObject(node) || Object.getPrototypeOf(node) !== Object.prototype) return node;
  return Object.fromEntries(Object.entries(node).map(([member, value]) => [member, resolved(value, member, resolve)]));
}

function resolvedText(text: string, name: string, resolve: (uri: string) => string | undefined): string {
  if (URI_MEMBERS.has(name)) return resolve(text) ?? text;
  if (name !== 'div') return text;
  return text.replace(LINK, (link, attribute: string, quote: string, uri: string) => {
    const found = resolve(uri);
    return found === undefined ? link : `${attribute}=${quote}${found}${quote}`;
  });
}

/** The references of a resource that name their target by a search, each once. */
export function conditionalReferences(body: ParsedJson): readonly string[] {
  return referencesLike(CONDITIONAL, body);
}

/** The references of a resource that only the fullUrl of an entry can give a meaning to, each once. */
export function placeholderReferences(body: ParsedJson): readonly string[] {
  return referencesLike(PLACEHOLDER, body);
}

function referencesLike(form: RegExp, { plain }: ParsedJson): readonly string[] {
  const found = new Set<string>();
  const visit = (node: unknown, name: string): void => {
    if (Array.isArray(node)) for (const one of node) visit(one, name);
    else if (isObject(node)) for (const [member, value] of Object.entries(node)) visit(value, member);
    else if (typeof node === 'string' && name === 'reference' && form.test(node)) found.add(node);
  };
  visit(plain, '');
  return [...found];
}
