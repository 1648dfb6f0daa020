import { describe, expect, it } from 'vitest';
import { endBefore, joined, linesSchema, pageOf, placeNameOf, relatedOf } from './lines.ts';
import { validateLogsSearch } from './search.ts';

function answer(...values: readonly [time: string, text: string][]) {
  return linesSchema.parse({
    data: {
      resultType: 'streams',
      result: [
        {
          stream: { service_name: 'order' },
          values: values.map(([time, text]) => [
            time,
            text,
            { structuredMetadata: { detected_level: 'warn', request_id: 'r-1' } },
          ]),
        },
      ],
    },
  });
}

describe('pages of lines', () => {
  it('puts the newest first, to the nanosecond, with what each line carries', () => {
    const { lines, more } = pageOf(answer(['1700000000000000001', 'a'], ['1700000000000000002', 'b']), 5);
    expect(lines.map(({ text }) => text)).toEqual(['b', 'a']);
    expect(lines[0]).toMatchObject({ level: 'warn', service: 'order', at: 1_700_000_000_000 });
    expect(more).toBe(false);
    expect(relatedOf(lines[0] ?? expect.fail())).toEqual([
      { name: 'request_id', words: 'request', value: 'r-1' },
    ]);
  });

  it('asks for the oldest instant again, so that none of its lines is missed, and shows each once', () => {
    const first = pageOf(answer(['30', 'c'], ['20', 'b']), 2);
    expect(endBefore(first)).toBe(21n);
    const second = pageOf(answer(['20', 'b'], ['20', 'a']), 2);
    expect(endBefore(second)).toBe(20n);
    expect(joined([first, second]).map(({ text }) => text)).toEqual(['c', 'b', 'a']);
    expect(endBefore(pageOf(answer(['10', 'z']), 2))).toBeNull();
  });

  it('names each line of one instant apart, in a way that an address can carry', () => {
    const names = pageOf(answer(['20', 'a'], ['20', 'b']), 5).lines.map(placeNameOf);
    expect(new Set(names).size).toBe(2);
    for (const line of names)
      expect(validateLogsSearch({ line, logs: 'live' })).toEqual({ line, logs: 'live' });
    expect(validateLogsSearch({ line: '20', logs: 'x', q: ' ', wrap: 'yes' })).toEqual({});
  });

  it('tells a query that counts from one that has no lines', () => {
    expect(pageOf({ data: { resultType: 'matrix', result: [] } }, 5).counts).toBe(true);
    expect(pageOf(answer(), 5)).toMatchObject({ counts: false, lines: [], more: false });
  });
});
