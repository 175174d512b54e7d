/** A part of an OpenAPI document: https://spec.openapis.org/oas/v3.1.1.html */
export type Json = Readonly<Record<string, unknown>>;

/** A reference to what stands under `components`. */
export function refTo(part: 'parameters' | 'responses' | 'schemas' | 'headers', name: string): Json {
  return { $ref: `#/components/${part}/${name}` };
}
