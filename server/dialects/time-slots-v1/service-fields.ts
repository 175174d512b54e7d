import { zoneName } from '../../zones/index.js';
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
  const zoneAsked = fields.text('timezone', { required: isNew || fields.has('timezone') });
  const zone = zoneAsked === undefined ? undefined : zoneName(zoneAsked);
  const isUnknown = zoneAsked !== undefined && zone === undefined;
  if (isUnknown) fields.note('timezone', 'invalid_field_format', 'It must be an IANA zone such as Asia/Kuala_Lumpur');
  return {
    name,
    description: description ?? (fields.has('description') ? null : undefined),
    zone,
  };
}
