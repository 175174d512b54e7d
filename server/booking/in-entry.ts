import { Fault, type Reason } from '../base/fault.js';

/**
 * Does something for an entry of a Bundle: what it is refused for names the entry's place.
 *
 * @param at place of the entry, from 0
 * @throws {Fault} whatever `act` is refused for, each reason with `Bundle.entry[at]`
 */
export async function inEntry<T>(at: number, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(error.reasons.map((reason) => placed(reason, `Bundle.entry[${at}]`)));
  }
}

/** The type with which the path of an element begins. */
const ELEMENT = /^[A-Z][A-Za-z]*(?=[.[]|$)/;

/** An element of the resource is one of the entry's; the name of a parameter or header is no path, and not told. */
function placed({ expression = '', ...reason }: Reason, place: string): Reason {
  const own = expression.replace(/^Bundle\.entry(?=\.)/, place);
  const [type] = ELEMENT.exec(expression) ?? [];
  const element = type === undefined ? place : `${place}.resource${expression.slice(type.length)}`;
  return {
    ...reason,
    message: `${place}: ${reason.message}`,
    expression: own.startsWith(place) ? own : element,
  };
}
