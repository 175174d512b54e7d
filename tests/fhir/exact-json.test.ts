import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Fault } from '../../server/base/fault.js';
import { JSON_DEPTH_MAX, parseJson, printJson, withMeta } from '../../server/fhir/index.js';

/** Numbers as somebody may write them, many of them not as JavaScript would. */
const number = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(fc.constant('0'), fc.bigInt({ min: 1n, max: 10n ** 25n }).map(String)),
    fc.oneof(fc.constant(''), fc.constantFrom('.0', '.50', '.10', '.123456789012345678901')),
    fc.constantFrom('', '', 'e3', 'E-2', 'e+10'),
  )
  .map((parts) => parts.join(''));

/** JSON as text, without white space, from any names, texts and numbers. */
const text = fc.string({ unit: 'grapheme' }).filter((it) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(it));
const name = text.filter((it) => !/^(__proto__|constructor|prototype|isLosslessNumber|\d+)$/.test(it));
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    number,
    text.map((it) => JSON.stringify(it)),
    fc.constantFrom('true', 'false', 'null'),
    fc.array(tie('json')).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(name, tie('json')), { selector: ([key]) => key })
      .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
  ),
}));

describe('exact JSON', () => {
  test('whatever is read is printed again, character for character', () => {
    fc.assert(
      fc.property(json, (source) => {
        const { exact } = parseJson(source);
        expect(printJson(exact)).toBe(source);
      }),
      { numRuns: 1_000 },
    );
  });

  test('what looks at it sees ordinary numbers', () => {
    fc.assert(
      fc.property(json, (source) => {
        expect(parseJson(source).plain).toEqual(JSON.parse(source));
      }),
    );
  });

  test.each(['1.50', '1e3', '12345678901234567890', '-0', '0.0', '1.0', '100000000000000000000000'])(
    'the digits of %s stay',
    (digits) => {
      const source = `{"value":${digits},"other":[{"x":1}]}`;
      expect(printJson(parseJson(source).exact)).toBe(source);
    },
  );

  test('without odd numbers there is one tree, not two', () => {
    const { plain, exact } = parseJson('{"a": [1, -2.5, 0, "1.50", "\\"1e3"]}');
    expect(exact).toBe(plain);
  });
});

describe('hostile JSON', () => {
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

  test.each<[string, string, string]>([
    ['nothing', '', 'malformed'],
    ['no JSON', '{"a":', 'malformed'],
    ['a page', '<html>', 'malformed'],
    ['NaN', '{"a":NaN}', 'malformed'],
    ['__proto__', '{"__proto__":{"x":1}}', 'malformed'],
    ['__proto__ in disguise', '{"a":[{"\\u005f_proto__":1}]}', 'malformed'],
    ['constructor', '{"a":{"constructor":{"prototype":1}}}', 'malformed'],
    ['prototype', '{"a":{"prototype":1}}', 'malformed'],
    ['a false number', '{"isLosslessNumber":true,"value":"1,\\"x\\":2"}', 'malformed'],
    ['the same name twice', '{"status":"free","status":"busy"}', 'malformed'],
    ['the same name twice, in disguise', '{"status":"free","st\\u0061tus":"busy"}', 'malformed'],
    ['depth', deep(JSON_DEPTH_MAX + 1), 'malformed'],
    ['great depth', deep(1_000_000), 'malformed'],
    ['a number without end', '{"a":1e999}', 'invalid'],
    ['a NUL', '{"a":"\\u0000"}', 'invalid'],
    ['a control character', '{"a":"\\u001f"}', 'invalid'],
    ['a backspace', '{"a":"\\b"}', 'invalid'],
    ['a control character in a name', '{"\\u0001":1}', 'invalid'],
    ['half a surrogate pair, escaped', '{"a":"\\ud800"}', 'invalid'],
    ['half a surrogate pair', '{"a":"\udc00"}', 'invalid'],
  ])('%s is refused', (_name, source, kind) => {
    const thrown = thrownBy(() => parseJson(source));
    expect(thrown).toBeInstanceOf(Fault);
    expect((thrown as Fault).kind).toBe(kind);
  });

  test.each([
    ['a forbidden name as a text', '{"a":"__proto__","b":"constructor"}'],
    ['depth up to the limit', deep(JSON_DEPTH_MAX)],
    ['a whole surrogate pair, escaped', '{"a":"\\ud83d\\ude00"}'],
    ['allowed white space', '{"a":"\\t\\r\\n\\u007f"}'],
    ['quotes and backslashes', '{"a":"\\\\","b":"\\"{[1.50","c":"\\\\\\""}'],
    ['a small number', '{"a":1e-999}'],
  ])('%s is taken', (_name, source) => {
    expect(parseJson(source).plain).toEqual(JSON.parse(source));
  });

  test.each([
    [
      'a control character',
      '{"resourceType":"Patient","name":[{"text":"x"},{"given":["a","\\u0001"]}]}',
      'Patient.name[1].given[1]',
    ],
    ['half a surrogate pair', '{"resourceType":"Patient","name":{"text":"\udc00"}}', 'Patient.name.text'],
    ['a control character in a name', '{"resourceType":"Patient","contact":{"\\u0001":1}}', 'Patient.contact'],
    [
      'a number without end',
      '{"resourceType":"Slot","extension":[1,{"valueDecimal":1e999}]}',
      'Slot.extension[1].valueDecimal',
    ],
    ['a forbidden name', '{"resourceType":"Slot","extension":[{"constructor":1}]}', 'Slot.extension[0]'],
    ['a fault in what is no resource', '[{"op":"add","path":"/x","value":"\\u0000"}]', undefined],
    ['a type that is none', '{"resourceType":"\\u0000","x":1}', undefined],
  ])('%s is refused, naming the element', (_name, source, expression) => {
    const { reasons } = thrownBy(() => parseJson(source)) as Fault;
    expect(reasons.map((reason) => reason.expression)).toEqual([expression]);
  });

  test('the message quotes little of what was sent', () => {
    const thrown = thrownBy(() => parseJson(`{"a":${'x'.repeat(10_000)}`)) as Fault;
    expect(thrown.message.length).toBeLessThan(300);
  });
});

describe('withMeta', () => {
  const said = { id: 'new', versionId: '2', lastUpdated: '2027-01-01T00:00:00.000Z' };

  test('puts what the server says in front and keeps everything else as written', () => {
    const source =
      '{"status":"free","meta":{"tag":[{"code":"x"}],"versionId":"9"},"id":"old","resourceType":"Slot","x":1.50}';
    expect(printJson(withMeta(parseJson(source).exact, said))).toBe(
      '{"resourceType":"Slot","id":"new","meta":{"versionId":"2","lastUpdated":"2027-01-01T00:00:00.000Z",' +
        '"tag":[{"code":"x"}]},"status":"free","x":1.50}',
    );
  });

  test('leaves its argument alone', () => {
    const resource = Object.freeze({ resourceType: 'Slot', meta: Object.freeze({ source: 'x' }) });
    expect(withMeta(resource, said)).toMatchObject({ meta: { source: 'x', versionId: '2' } });
    expect(resource).toEqual({ resourceType: 'Slot', meta: { source: 'x' } });
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
