import { expect, test } from '@jest/globals';
import { Fault } from '../../server/base/fault.js';
import { applyJsonPatch } from '../../server/fhir/index.js';
import { PATCH_OPERATIONS_MAX } from '../../server/fhir/json-patch.js';

test('PATCH_OPERATIONS_MAX', () => {
  const patch = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ op: 'add', path: '/name', value: `n${at + 1}` }));
  expect(applyJsonPatch({}, patch(PATCH_OPERATIONS_MAX))).toEqual({ name: `n${PATCH_OPERATIONS_MAX}` });
  expect(() => applyJsonPatch({}, patch(PATCH_OPERATIONS_MAX + 1))).toThrow(Fault);
  expect(() => applyJsonPatch({}, patch(PATCH_OPERATIONS_MAX + 1))).toThrow(`${PATCH_OPERATIONS_MAX + 1}`);
});
