/** A piece of a MongoDB query or pipeline, as plain data. */
export type MongoPart = Readonly<Record<string, unknown>>;

export const TRUE: MongoPart = {};

/** No document is in an empty list. */
export const FALSE: MongoPart = { _id: { $in: [] } };

/** All conditions; `TRUE` if there are none. */
export function and(conditions: readonly MongoPart[]): MongoPart {
  const parts = conditions.filter((one) => one !== TRUE);
  if (parts.includes(FALSE)) return FALSE;
  return only(parts) ?? (parts.length === 0 ? TRUE : { $and: parts });
}

/** Any of the conditions; `FALSE` if there are none. */
export function or(conditions: readonly MongoPart[]): MongoPart {
  const parts = conditions.filter((one) => one !== FALSE);
  if (parts.includes(TRUE)) return TRUE;
  return only(parts) ?? (parts.length === 0 ? FALSE : { $or: parts });
}

/** What does not meet a condition. */
export function not(condition: MongoPart): MongoPart {
  if (condition === TRUE) return FALSE;
  return condition === FALSE ? TRUE : { $nor: [condition] };
}

function only(parts: readonly MongoPart[]): MongoPart | undefined {
  return parts.length === 1 ? parts[0] : undefined;
}

/** A field equals one of some texts. Texts stand behind an operator of ours, so none of them becomes one. */
export function oneOf(values: readonly string[]): MongoPart {
  const [first] = values;
  return values.length === 1 ? { $eq: first } : { $in: values };
}
