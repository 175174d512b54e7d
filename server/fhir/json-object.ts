export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value read from JSON has named parts. */
export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Whether an element is there: its value, or the extensions that stand in for it. */
export function has(node: JsonObject, element: string): boolean {
  return node[element] !== undefined || node[`_${element}`] !== undefined;
}
