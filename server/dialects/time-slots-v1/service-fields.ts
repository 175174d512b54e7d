import { isZone } from '../../zones/index.js';
import type { Fields } from './fields.js';

export const NAME_CHARACTERS_MAX = 72;
export const DESCRIPTION_CHARACTERS_MAX = 255;

/** The fields of a service that a request names. */
export interface ServiceFields {
  readonly name: string | undefined;
  /** Null: it goes. */
  readonly description: string | null | undefined;
  readonly zone: string | undefined;
}

/** Reads them. @param isNew name and zone are required */
export function serviceFieldsOf(fields: Fields, isNew: boolean): ServiceFields {
  const name = fields.text('name', { required: isNew || fields.has('name'), charactersMax: NAME_CHARACTERS_MAX });
  const description = fields.text('description', { charactersMax: DESCRIPTION_CHARACTERS_MAX });
  const zone = fields.text('timezone', { required: isNew || fields.has('timezone') });
  const isKnown = zone === undefined || isZone(zone);
  if (!isKnown) fields.note('timezone', 'invalid_field_format', 'It must be an IANA zone such as Asia/Kuala_Lumpur');
  return {
    name,
    description: description ?? (fields.has('description') ? null : undefined),
    zone: isKnown ? zone : undefined,
  };
}
