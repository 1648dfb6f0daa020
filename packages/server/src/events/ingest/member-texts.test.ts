import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberTexts } from './member-texts.ts';

/** The event stands between others. */
const inBody = (event: string) => {
  const body = Buffer.from(`{"data":1}${event}{"data":2}`);
  return { body, found: memberTexts(body, 10, body.length - 10) };
};
const textOf = (event: string, name: 'data' | 'metadata'): string | undefined => {
  const { body, found } = inBody(event);
  const text = found?.[name];
  return text === undefined ? undefined : body.toString('utf8', text.start, text.end);
};

describe('memberTexts', () => {
  it.each<[string, string | undefined]>([
    ['{"data":{"a":1}}', '{"a":1}'],
    ['{"source":"x","data":{"a":[{"b":"}"},2]},"id":7}', '{"a":[{"b":"}"},2]}'],
    ['{"data":1,"data":{"a":2}}', '{"a":2}'],
    ['{"x":{"data":1},"datum":2}', undefined],
    ['{}', undefined],
    ['{"data": {"a":1}}', undefined],
    ['{"data":{"a":"\\u0041"}}', undefined],
    ['{"d\\u0061ta":{"a":1}}', undefined],
  ])('%s', (event, expected) => {
    expect(textOf(event, 'data')).toBe(expected);
  });

  it('counts members as often as they are written', () => {
    expect(inBody('{"data":{"a":{"b":1,"c":":"},"a":2},"metadata":[]}').found).toMatchObject({
      data: { members: 4 },
      metadata: { members: 0 },
    });
  });

  it('finds what a parser finds', () => {
    const name = fc.constantFrom('data', 'metadata', 'a', '__proto__', 'dataä');
    const value = fc.oneof(fc.jsonValue(), fc.dictionary(name, fc.jsonValue()));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 5 }), (members) => {
        const event = `{${members.map(([key, item]) => `"${key}":${JSON.stringify(item)}`).join(',')}}`;
        const parsed: unknown = JSON.parse(event);
        const entries = new Map(Object.entries(Object(parsed)));
        const { found } = inBody(event);
        if (found === null) expect(event).toContain('\\');
        else
          for (const key of ['data', 'metadata'] as const) {
            const text = textOf(event, key);
            expect(text === undefined ? undefined : JSON.parse(text)).toEqual(entries.get(key));
          }
      }),
    );
  });
});
