import type { OperationOutcomeIssue } from 'fhir/r4.js';

/** What a caller should know: a sentence, or an issue as it is to stand there. */
export type Remark = string | OperationOutcomeIssue;

/** Remarks as the text of an OperationOutcome: nothing failed. */
export function remarksOutcome(remarks: readonly Remark[]): string {
  const issue = remarks.map((remark) =>
    typeof remark === 'string'
      ? { severity: 'information', code: 'informational', details: { text: remark }, diagnostics: remark }
      : remark,
  );
  return JSON.stringify({ resourceType: 'OperationOutcome', issue });
}
