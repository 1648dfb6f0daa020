import { Labels } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import { QueryAnswers } from './query-answers.ts';
import type { QuerySample } from './query-result.ts';
import { compileRuleTemplate } from './rule-template.ts';

const sample = (value: number): QuerySample => ({ labels: Labels.EMPTY, value });

/** Expands a template whose queries are answered by a function; says what was asked, in order. */
async function expand(
  text: string,
  answer: (query: string) => readonly QuerySample[],
): Promise<{ readonly text: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const answers = new QueryAnswers(async (query) => {
    await Promise.resolve();
    asked.push(query);
    return answer(query);
  });
  const template = compileRuleTemplate('A', text);
  const data = { labels: Labels.EMPTY, value: 1, externalLabels: new Map<string, string>() };
  const expanded = await answers.settle(() =>
    template.expand(data, { time: 0, externalUrl: '', query: answers.get }),
  );
  return { text: expanded, asked };
}

describe('QueryAnswers', () => {
  it('asks each query once, also those whose text follows from an answer', async () => {
    const text =
      '{{ $x := query "a" | first | value }}{{ query "a" | first | value }} {{ printf "b%v" $x | query | first | value }}';
    expect(await expand(text, (query) => [sample(query === 'a' ? 7 : 8)])).toEqual({
      text: '7 8',
      asked: ['a', 'b7'],
    });
  });

  it('a query that fails ends the template in its words', async () => {
    const { text, asked } = await expand('{{ query "up ==" }}', () => {
      throw new Error('1:6: parse error');
    });
    expect(text).toContain('error calling query: 1:6: parse error>');
    expect(asked).toEqual(['up ==']);
  });

  it('bounds how many queries are asked', async () => {
    const { text, asked } = await expand(
      '{{ range 200 }}{{ printf "q%d" . | query | len }}{{ end }}',
      () => [],
    );
    expect(text).toContain('templates of one alert may ask 100 queries');
    expect(asked).toHaveLength(100);
  });

  it('asks for every alert of very many, and keeps few answers', async () => {
    const asked: string[] = [];
    const answers = new QueryAnswers((query) => {
      asked.push(query);
      return Promise.resolve([]);
    });
    for (let i = 0; i < 1500; i++) await answers.settle(() => answers.get(`q${i}`));
    await answers.settle(() => answers.get('q1499'));
    await answers.settle(() => answers.get('q0'));
    expect([asked.length, asked.at(-1)]).toEqual([1501, 'q0']);
  });

  it('anything else that goes wrong passes through', async () => {
    const answers = new QueryAnswers(() => Promise.resolve([]));
    await expect(
      answers.settle(() => {
        throw new RangeError('a bug');
      }),
    ).rejects.toThrow(RangeError);
  });
});
