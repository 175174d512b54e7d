import { randomUUID } from 'node:crypto';

/** Makes ids for new resources; an argument wherever one is needed, so that tests can foresee them. */
export type NewId = () => string;

/** Random UUIDs: valid FHIR ids that no two machines make twice. */
export const newUuid: NewId = () => randomUUID();
