import { z } from 'zod';
import { request } from '../../../api/client.ts';
import { MAX_OPTIONS, type VariableQuestion } from './options.ts';

const names = z.object({ data: z.array(z.string()) });
const vector = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]).optional(),
      }),
    ),
  }),
});

/** The texts that the question finds, over the range (epoch s). */
export async function askValues(
  question: VariableQuestion,
  range: { readonly from: number; readonly to: number },
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (question.kind === 'none') return [];
  if (question.kind === 'query_result') {
    const answer = await request('api/v1/query', vector, {
      signal,
      params: { query: question.expr, time: String(range.to) },
    });
    return answer.data.result.map(({ metric, value }) => {
      const { __name__: name = '', ...labels } = metric;
      const listed = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
      return `${name}{${listed.join(',')}} ${value?.[1] ?? ''} ${Math.round((value?.[0] ?? 0) * 1000)}`;
    });
  }
  const path =
    question.kind === 'label_names'
      ? 'api/v1/labels'
      : `api/v1/label/${encodeURIComponent(question.label)}/values`;
  const params = {
    start: String(range.from),
    end: String(range.to),
    limit: String(MAX_OPTIONS),
    ...(question.match === '' ? {} : { 'match[]': question.match }),
  };
  return (await request(path, names, { signal, params })).data;
}
