/**
 * A JSON text read twice over: `plain` with ordinary numbers, for everything that looks at it, and `exact`, in
 * which a number that JavaScript would write differently (`1.50`, 20 digits) is kept as its digits.
 * Where there is no such number the two are the same object.
 */
export interface ParsedJson {
  readonly plain: unknown;
  readonly exact: unknown;
}
