/** Remarks as the text of an OperationOutcome: nothing failed, but the caller should know. */
export function remarksOutcome(remarks: readonly string[]): string {
  const issue = remarks.map((remark) => ({
    severity: 'information',
    code: 'informational',
    details: { text: remark },
    diagnostics: remark,
  }));
  return JSON.stringify({ resourceType: 'OperationOutcome', issue });
}
