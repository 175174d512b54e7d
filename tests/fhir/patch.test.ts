/** Merge patches (RFC 7396) on resources, whose digits they keep. JSON Patch: `json-patch.test.ts`. */
import { expect, test } from '@jest/globals';
import { Fault } from '../../server/base/fault.js';
import { applyPatch, parseJson, printJson } from '../../server/fhir/index.js';

const merged = (resource: string, patch: string) =>
  printJson(applyPatch(parseJson(resource).exact, { kind: 'merge', body: parseJson(patch) }));

test.each([
  ['a value takes the place of another', '{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['a new one is added', '{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['null takes away', '{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['null of what is not there does nothing', '{"a":"b"}', '{"x":null}', '{"a":"b"}'],
  ['a list takes the place of a list', '{"a":["b","d"]}', '{"a":["c"]}', '{"a":["c"]}'],
  ['an object goes into an object', '{"a":{"b":"c","d":"e"}}', '{"a":{"b":"x","d":null}}', '{"a":{"b":"x"}}'],
  ['an object takes the place of a list', '{"a":[1]}', '{"a":{"b":"c","d":null}}', '{"a":{"b":"c"}}'],
  ['digits stay', '{"a":1.50,"b":2.00}', '{"b":3.10}', '{"a":1.50,"b":3.10}'],
  ['a number takes the place of an object', '{"a":{"b":1}}', '{"a":3.10}', '{"a":3.10}'],
])('%s', (_, resource, patch, result) => expect(merged(resource, patch)).toBe(result));

test.each(['[]', '1.50', '"x"', 'null'])('%s is no merge patch', (patch) => {
  expect(() => merged('{}', patch)).toThrow(Fault);
});

test('the tree that was handed in stays as it is', () => {
  const { exact } = parseJson('{"a":{"b":"c"}}');
  applyPatch(exact, { kind: 'merge', body: parseJson('{"a":{"b":null}}') });
  expect(printJson(exact)).toBe('{"a":{"b":"c"}}');
});
