import type { FhirResource } from 'fhir/r4.js';
import type { Clock } from '../base/clock.js';
import { naturalOrderOf } from '../search/index.js';
import { passedVersions } from './as-of.js';
import type { PassedPuts } from './draft.js';
import { resourceIndex } from './resource-index.js';

/** The versions that documents have got by themselves until now, as they are stored. */
export function passedPuts(deps: { readonly clock: Clock; readonly defaultZone: string }, base: string): PassedPuts {
  return (document) =>
    passedVersions(document, deps.clock.nowMs()).map(({ type, id, updatedMs, text }) => {
      const index = resourceIndex(JSON.parse(text) as FhirResource, id, deps.defaultZone, base);
      return {
        type,
        id,
        updatedMs,
        deleted: false,
        text,
        index,
        order: naturalOrderOf(type, index),
        keepHistory: true,
      };
    });
}
