import { z } from 'zod';
import type { Egress } from '../../egress/index.ts';
import type { ApiModule } from '../../http/types.ts';
import { probeErrors } from '../errors.ts';
import { failureOf } from '../probers/result.ts';
import type { Ping, ProbeResult } from '../probers/types.ts';
import type { ProbeModule } from './config.ts';
import { exposition } from './exposition.ts';
import type { KnownModules } from './known-modules.ts';

export interface ProbeEndpointOptions {
  readonly egress: Egress;
  readonly ping: Ping;
  readonly modules: Pick<KnownModules, 'get' | 'names'>;
}

const DEFAULT_TIMEOUT_MS = 120_000;
/** A scraper gives up at its timeout: the answer must be there before. */
const MARGIN_MS = 500;

const querystring = z.object({
  target: z.string().max(2000).optional(),
  module: z.string().max(200).default('http_2xx'),
  hostname: z
    .string()
    .max(300)
    .optional()
    .describe('The name to ask for, when it is not the host of the target.'),
  debug: z.string().max(10).optional().describe('true: what happened, in words, before the metrics.'),
});

/** `GET /probe?target=&module=`, as blackbox_exporter answers it. */
export function probeEndpoint({ egress, ping, modules }: ProbeEndpointOptions): ApiModule {
  return {
    name: 'probe-endpoint',
    renderError: (error, _request, reply) =>
      reply.type('text/plain; charset=utf-8').send(`${error.message}\n`),
    register(app) {
      const schema = {
        tags: ['probes'],
        summary: 'Looks once at a target, in the manner of blackbox_exporter',
        querystring,
      };
      app.get('/probe', { schema }, async ({ query, headers }, reply) => {
        const { target, module: name, hostname } = query;
        if (target === undefined || target === '')
          throw probeErrors.make('target', 'Target parameter is missing');
        const found = modules.get(name);
        if (found === undefined)
          throw probeErrors.make('invalid', `Unknown module "${name}"; known: ${modules.names().join(', ')}`);
        const timeoutMs = timeoutOf(found.module, headers['x-prometheus-scrape-timeout-seconds']);
        const context = {
          egress,
          ping,
          timeoutMs,
          trust: 'api' as const,
          purpose: 'probe_endpoint' as const,
          now: () => egress.clock.now(),
        };
        const startedAt = egress.clock.monotonic();
        const result = await found
          .look(target, context, hostname)
          .catch((error: unknown) => failureOf(error));
        const text = render(result, (egress.clock.monotonic() - startedAt) / 1000);
        const words = query.debug === 'true' ? debug(name, target, result) : '';
        void reply.header('cache-control', 'no-store');
        return reply
          .type('text/plain; version=0.0.4; charset=utf-8')
          .send(words === '' ? text : `${words}${text}`);
      });
    },
  };
}

/** Milliseconds: the module's, or less when the scraper gives up earlier. */
function timeoutOf(module: ProbeModule, header: string | readonly string[] | undefined): number {
  const seconds = Number(header);
  const scraper =
    header !== undefined && seconds > 0 ? Math.max(1, seconds * 1000 - MARGIN_MS) : DEFAULT_TIMEOUT_MS;
  return Math.min(module.timeout ?? DEFAULT_TIMEOUT_MS, scraper, DEFAULT_TIMEOUT_MS);
}

function render({ success, samples }: ProbeResult, seconds: number): string {
  return exposition([
    ...samples,
    { name: 'probe_duration_seconds', value: seconds },
    { name: 'probe_success', value: success ? 1 : 0 },
  ]);
}

function debug(module: string, target: string, { success, reason, warning }: ProbeResult): string {
  const said = success ? 'the probe succeeded' : `the probe failed: ${reason}`;
  const lines = [`module ${module}, target ${target}`, said, ...(warning === null ? [] : [warning])];
  return `${lines.map((line) => `# ${line.replaceAll(/[\r\n]+/g, ' ')}`).join('\n')}\n`;
}
