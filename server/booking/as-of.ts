import type { Extension, FhirResource } from 'fhir/r4.js';
import { instantText } from '../base/clock.js';
import { parseJson, printJson, withMeta } from '../fhir/index.js';
import type { StoredDocument } from '../store/index.js';
import { HOLD_ENDED } from './cancelation-reasons.js';
import { HOLD_UNTIL_URL, STATUS_THEN_URL, stepOf, stepsOf, type Step } from './steps.js';

/** What announces changes on a resource of a type. */
const ANNOUNCED_BY: ReadonlyMap<string, string> = new Map([
  ['Appointment', HOLD_UNTIL_URL],
  ['Slot', STATUS_THEN_URL],
]);

/**
 * A document as everybody sees it at a moment: what has changed by itself since it was written is done to it, each
 * change one revision more, and updated when it came (design §4).
 */
export function asOf(document: StoredDocument, nowMs: number): StoredDocument {
  return passedVersions(document, nowMs).at(-1) ?? document;
}

/**
 * The versions that a document has got by itself since it was written, oldest first: whoever writes to it stores them
 * first. Of most documents, none, which the look for one text in it tells.
 */
export function passedVersions(document: StoredDocument, nowMs: number): readonly StoredDocument[] {
  const url = ANNOUNCED_BY.get(document.type);
  if (url === undefined || !document.text.includes(url)) return [];
  const steps = stepsOf(JSON.parse(document.text) as FhirResource).filter(({ fromMs }) => fromMs <= nowMs);
  if (steps.length === 0) return [];
  let exact = parseJson(document.text).exact as ExactResource;
  return steps.map((step, at) => {
    const revision = document.revision + at + 1;
    const lastUpdated = instantText(step.fromMs);
    exact = withMeta(stepped(exact, step), {
      ...{ id: document.id, versionId: String(revision), lastUpdated },
    }) as ExactResource;
    return { ...document, revision, updatedMs: step.fromMs, text: printJson(exact) };
  });
}

/** A resource with the digits of its numbers: only its texts can be relied on. */
interface ExactResource {
  readonly resourceType: string;
  readonly extension?: readonly Extension[];
}

/** A resource after a change, which it announces no more. */
function stepped(exact: ExactResource, step: Step): object {
  const { extension = [], ...rest } = exact;
  const kept = extension.filter((one) => !announces(one, step));
  return {
    // The places of the elements stay: the last member of a name only sets its value.
    ...(kept.length > 0 ? { ...exact, extension: kept } : rest),
    status: step.status,
    ...(exact.resourceType === 'Appointment' && { cancelationReason: HOLD_ENDED }),
  };
}

function announces(extension: Extension, { fromMs }: Step): boolean {
  return extension.url === HOLD_UNTIL_URL || stepOf(extension).some((step) => step.fromMs <= fromMs);
}
