import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../server/base/fault.js';
import { JSON_DEPTH_MAX, parseJson, printJson } from '../../server/fhir/index.js';
import { applyJsonPatch, PATCH_OPERATIONS_MAX } from '../../server/fhir/json-patch.js';
import { PATCH_WORK_MAX } from '../../server/fhir/patch-guard.js';

/** The text of a resource after a patch. */
const patched = (resource: string, patch: string) =>
  printJson(applyJsonPatch(parseJson(resource).exact, parseJson(patch).exact));

/** The kind and the message of a refusal. */
function refusalOf(resource: unknown, patch: readonly object[]): string {
  try {
    applyJsonPatch(resource, patch);
  } catch (error) {
    if (error instanceof Fault) return `${error.kind}: ${error.message}`;
    throw error;
  }
  return 'none';
}

test('PATCH_OPERATIONS_MAX', () => {
  const patch = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ op: 'add', path: '/name', value: `n${at + 1}` }));
  expect(applyJsonPatch({}, patch(PATCH_OPERATIONS_MAX))).toEqual({ name: `n${PATCH_OPERATIONS_MAX}` });
  expect(() => applyJsonPatch({}, patch(PATCH_OPERATIONS_MAX + 1))).toThrow(Fault);
  expect(() => applyJsonPatch({}, patch(PATCH_OPERATIONS_MAX + 1))).toThrow(`${PATCH_OPERATIONS_MAX + 1}`);
});

describe('copies', () => {
  test('that double the resource each time end in a refusal, not in a full memory', () => {
    const patch = Array.from({ length: PATCH_OPERATIONS_MAX }, () => ({ op: 'copy', from: '/name', path: '/name/-' }));
    expect(refusalOf({ name: [{ family: 'Haddad' }] }, patch)).toMatch(/^too-large: /);
  });

  test('PATCH_WORK_MAX: of texts and of names, all operations together', () => {
    const half = 'x'.repeat(PATCH_WORK_MAX / 2 - 3);
    const copies = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ op: 'copy', from: '/a', path: `/b${at}` }));
    expect(refusalOf({ a: half }, copies(2))).toBe('none');
    expect(refusalOf({ a: half }, copies(3))).toContain(`${PATCH_WORK_MAX} characters`);
    expect(refusalOf({ a: { [half.repeat(2)]: 1 } }, copies(1))).toMatch(/^too-large/);
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`n${at}`, 1]));
    const tests = (count: number) => Array.from({ length: count }, () => ({ op: 'test', path: '/a', value: wide }));
    expect(refusalOf({ a: wide }, tests(10))).toBe('none');
    expect(refusalOf({ a: wide }, tests(11))).toMatch(/^too-large/);
  });

  test('that nest go as deep as JSON does', () => {
    const nest = (count: number) =>
      Array.from({ length: count }, () => [
        { op: 'add', path: '/b', value: {} },
        { op: 'move', from: '/a', path: '/b/a' },
        { op: 'move', from: '/b', path: '/a' },
      ]).flat();
    expect(refusalOf({ a: {} }, nest(JSON_DEPTH_MAX - 2))).toBe('none');
    expect(refusalOf({ a: {} }, nest(JSON_DEPTH_MAX - 1))).toMatch(/^rule: .* deeper/);
    expect(refusalOf({ a: {} }, [...nest(300), { op: 'copy', from: '/a', path: '/c' }])).toMatch(/^rule: .* deeper/);
  });
});

describe('test', () => {
  test.each([
    ['1.50', '1.5'],
    ['1.5', '1.50'],
    ['1.50', '15e-1'],
    ['100', '1e2'],
    ['0', '-0.0'],
    ['12345678901234567890', '12345678901234567890.0'],
    ['[{"a":1.0,"b":"x"}]', '[{"b":"x","a":1}]'],
  ])('%s equals %s', (stored, value) => {
    expect(patched(`{"x":${stored}}`, `[{"op":"test","path":"/x","value":${value}}]`)).toBe(`{"x":${stored}}`);
  });

  test.each([
    ['1.50', '1.51'],
    ['12345678901234567890', '12345678901234567891'],
    ['1.50', '"1.50"'],
    ['{"a":1}', '{"a":1,"b":2}'],
    ['{"a":1,"b":2}', '{"a":1}'],
    ['[1]', '{"0":1}'],
    ['[1,2]', '[1]'],
    ['null', '{}'],
    ['-1', '1.0'],
  ])('%s does not equal %s, and the words are fit for a reader', (stored, value) => {
    const refusal = refusalOf(parseJson(`{"x":${stored}}`).exact, [
      { op: 'test', path: '/x', value: parseJson(value).exact },
    ]);
    expect(refusal).toBe('rule: Operation 0 of the patch (test) does not apply: the value there is another one.');
  });
});

describe('pointers lead to what the resource has itself', () => {
  test.each<[string, object]>([
    ['a method of all objects', { op: 'add', path: '/toString/call', value: 1 }],
    ['a prototype', { op: 'add', path: '/__proto__', value: {} }],
    ['a name that leads back', { op: 'add', path: '/constructor/y', value: 1 }],
    ['a method, copied', { op: 'copy', from: '/toString', path: '/y' }],
    ['the length of a list', { op: 'remove', path: '/list/length' }],
    ['a list at a name', { op: 'replace', path: '/list/x', value: 1 }],
    ['behind the end of a list', { op: 'copy', from: '/x', path: '/list/3' }],
    ['a place in a list with a zero before', { op: 'test', path: '/list/00', value: 1 }],
    ['a character of a text', { op: 'copy', from: '/x/0', path: '/y' }],
    ['nothing', { op: 'move', from: '/nothing', path: '/y' }],
    ['into nothing', { op: 'add', path: '/y/z', value: 1 }],
    ['into a text', { op: 'add', path: '/x/z', value: 1 }],
  ])('%s', (_name, operation) => {
    const tree = { x: 'text', list: [1, 2] };
    expect(refusalOf(tree, [operation])).toMatch(/^rule: Operation 0 of the patch \(\w+\) does not apply: nothing is/);
    expect(tree).toEqual({ x: 'text', list: [1, 2] });
    expect(Object.getOwnPropertyNames(Reflect.get({}, 'toString'))).toEqual(['length', 'name']);
  });

  test.each([
    ['{"op":"add","path":"/list/-","value":2.50}', '{"list":[1.0,2.50],"a/b":"x"}'],
    ['{"op":"add","path":"/list/1","value":2}', '{"list":[1.0,2],"a/b":"x"}'],
    ['{"op":"remove","path":"/a~1b"}', '{"list":[1.0]}'],
    ['{"op":"move","from":"/a~1b","path":"/list/0"}', '{"list":["x",1.0]}'],
    ['{"op":"copy","from":"/list","path":"/copy"}', '{"list":[1.0],"a/b":"x","copy":[1.0]}'],
    ['{"op":"replace","path":"/list/0","value":[]}', '{"list":[[]],"a/b":"x"}'],
  ])('%s', (operation, result) => {
    expect(patched('{"list":[1.0],"a/b":"x"}', `[${operation}]`)).toBe(result);
  });
});
