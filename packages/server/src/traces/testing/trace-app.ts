import { openTestApp } from '../../http/testing/test-app.ts';
import type { ApiModule } from '../../http/types.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { tracesSection } from '../config.ts';
import { TraceGuard } from '../routes/guard.ts';
import type { TraceApiOptions } from '../routes/options.ts';
import { NOW, openMemoryTraces } from './memory-traces.ts';

type MemoryTraces = Awaited<ReturnType<typeof openMemoryTraces>>;

/** A minute after `NOW`, some APIs over traces that never leave memory, and a client of them. */
export async function openTraceApp(
  apis: (options: TraceApiOptions, memory: MemoryTraces) => readonly ApiModule[],
  config: object = {},
) {
  const memory = await openMemoryTraces(config);
  const { reader, graph, memory: spans, telemetry } = memory.store;
  const clock = new ManualClock(NOW + 60_000);
  const options: TraceApiOptions = {
    reader,
    graph,
    clock,
    names: createServiceNames(new Map()),
    maxTraces: 20,
    breathe: () => Promise.resolve(),
    guard: new TraceGuard({
      clock,
      config: tracesSection.schema.parse(config).query,
      memory: spans,
      telemetry,
    }),
  };
  const app = await openTestApp([...apis(options, memory)]);
  const get = async (url: string) => {
    const answer = await app.inject({ url, headers: { host: 'localhost' } });
    const isJson = String(answer.headers['content-type']).startsWith('application/json');
    return { status: answer.statusCode, body: isJson ? answer.json() : answer.body };
  };
  const warningOf = async (url: string) =>
    (await app.inject({ url, headers: { host: 'localhost' } })).headers['warning'];
  const post = (url: string, json: unknown) =>
    app.inject({
      method: 'POST',
      url,
      headers: { host: 'localhost', 'content-type': 'application/json' },
      payload: JSON.stringify(json),
    });
  return { app, memory, send: memory.send, get, warningOf, post };
}
