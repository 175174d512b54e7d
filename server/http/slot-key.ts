import { fault } from '../base/fault.js';
import { refuseKeyLength, type RequestContext } from '../booking/index.js';

/** Other characters have no settled meaning in a header (RFC 9110 §5.5). */
const HEADER_KEY = /^[\x20-\x7e]*$/;

/**
 * The key in the header `X-Slot-Key`. It is read with every request, since a DELETE may need it as well as a PATCH.
 * @throws {Fault} `invalid`
 */
export function slotKeyOf(header: string | readonly string[] | undefined): Pick<RequestContext, 'slotKey'> {
  if (header === undefined) return {};
  const slotKey = String(header);
  if (!HEADER_KEY.test(slotKey)) {
    throw fault('invalid', 'X-Slot-Key is ASCII; send other keys as the parameter key of an operation.', 'X-Slot-Key');
  }
  refuseKeyLength(slotKey, 'X-Slot-Key');
  return { slotKey };
}
