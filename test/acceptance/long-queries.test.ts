import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

let pharos: RunningPharos;
beforeAll(async () => {
  pharos = await startPharosProcess({});
});
afterAll(async () => {
  expect(await pharos.stop()).toBe(0);
  await removeData(pharos);
});

const matrix = z.object({
  data: z.object({ result: z.array(z.object({ values: z.array(z.tuple([z.number(), z.string()])) })) }),
});
const vector = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

async function get(path: string, params: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(`${pharos.url}${path}?${new URLSearchParams(params).toString()}`);
  expect(answer.status).toBe(200);
  return answer.text();
}

it('seconds of work over the windows of one series hold nobody else up, and answer what each instant answers', async () => {
  // 20,160 samples in each of 8,641 windows, of a series that needs no storage.
  const query = 'predict_linear(sgn(sin(vector(time())))[7d:30s], 3600)';
  const start = 1_700_000_000;
  const end = start + 86_400;
  const range = { query, start: `${start}`, end: `${end}`, step: '10' };
  let isAnswered = false;
  const answer = get('/api/v1/query_range', range).finally(() => (isAnswered = true));
  let others = 0;
  while (!isAnswered) {
    await get('/-/healthy');
    others++;
  }
  // Where one series is one stretch there is time for some before it and one after it.
  expect(others).toBeGreaterThan(100);
  const [series] = matrix.parse(JSON.parse(await answer)).data.result;
  expect(series?.values).toHaveLength(8641);
  for (const step of [0, 4000, 8640]) {
    const time = start + step * 10;
    const one = await get('/api/v1/query', { query, time: `${time}` });
    const [, value] = vector.parse(JSON.parse(one)).data.result[0]?.value ?? [];
    expect(series?.values[step]).toEqual([time, value]);
  }
  expect(await get('/metrics')).toMatch(/^pharos_metrics_window_jobs_total\{result="done"\} [1-9]/m);
});
