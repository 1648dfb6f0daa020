import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PharosError } from '../errors.ts';
import { JsonReader } from './json.ts';

/** Reads a whole value with the reader, into what JSON.parse would make of it. */
function read(reader: JsonReader): unknown {
  switch (reader.peek()) {
    case 'object': {
      const entries: [string, unknown][] = [];
      reader.beginObject();
      for (let key = reader.nextKey(); key !== null; key = reader.nextKey())
        entries.push([key, read(reader)]);
      return Object.fromEntries(entries);
    }
    case 'array': {
      const items: unknown[] = [];
      reader.beginArray();
      while (reader.nextItem()) items.push(read(reader));
      return items;
    }
    case 'string':
      return reader.string();
    case 'number':
      return reader.number();
    case 'boolean':
      return reader.scalarText() === 'true';
    case 'null':
      reader.skip();
      return null;
  }
}

function parse(text: string | Uint8Array): unknown {
  const reader = new JsonReader().reset(typeof text === 'string' ? Buffer.from(text) : text);
  const value = read(reader);
  reader.finish();
  return value;
}

describe('JSON from bytes', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('reads any text with any escapes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const units = Array.from({ length: value.length }, (_, i) =>
          value.charCodeAt(i).toString(16).padStart(4, '0'),
        );
        const escaped = `"${units.map((unit) => `\\u${unit}`).join('')}"`;
        expect(parse(escaped)).toBe(Buffer.from(value).toString());
      }),
    );
    expect(parse('"\\b\\f\\n\\r\\t\\/\\\\\\"x"')).toBe('\b\f\n\r\t/\\"x');
    expect(parse('"\\ud800x\\udc00"')).toBe('\ufffdx\ufffd');
  });

  it('fails as JSON.parse does, with one kind of error, whatever comes', () => {
    const broken = fc
      .tuple(
        fc.jsonValue({ maxDepth: 3 }),
        fc.array(fc.tuple(fc.nat(60), fc.constantFrom(...Array.from('{}[],:"\\0a-. \n\u0001'))), {
          maxLength: 3,
        }),
      )
      .map(([value, edits]) => {
        let text = JSON.stringify(value);
        for (const [at, char] of edits) text = text.slice(0, at) + char + text.slice(at + 1);
        return text;
      });
    fc.assert(
      fc.property(broken, (text) => {
        let expected: { value: unknown } | null = null;
        try {
          expected = { value: JSON.parse(text) as unknown };
        } catch {
          // Malformed.
        }
        try {
          const value = parse(text);
          expect({ value }).toEqual(expected);
        } catch (error) {
          if (!(error instanceof PharosError)) throw error;
          expect(expected).toBeNull();
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('skips values, and names what is wrong and where', () => {
    const reader = new JsonReader().reset(Buffer.from('{"a":{"b":[1,"x\\"",{"c":null}],"d":true},"e":"f"}'));
    reader.beginObject();
    expect(reader.nextKey()).toBe('a');
    reader.skip();
    expect(reader.nextKey()).toBe('e');
    expect(reader.string()).toBe('f');
    expect(reader.nextKey()).toBeNull();
    expect(reader.isAtEnd).toBe(true);
    expect(() => parse('{"a" 1}')).toThrow('JSON: "1" at byte 5, expected ":"');
    expect(() => parse('[1,]')).toThrow('JSON: "]" at byte 3, expected a member after ","');
    expect(() => parse('{"a":1')).toThrow('JSON: the body ends in the middle of a value');
    expect(() => parse('['.repeat(100))).toThrow('nested more than 64 deep');
    expect(() => parse(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('not valid UTF-8');
  });
});
