import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { breakerErrors } from '../errors.ts';
import type { Breakers } from '../service.ts';
import { monitoringRow, monitoringRows } from '../view.ts';
import { giveCommand, given, nobody } from './give-command.ts';

/** `GET /monitoring/circuit-breakers` and `POST /monitoring/circuit-breakers/reset`, for all services. */
export function breakerMonitoringApi(options: {
  readonly breakers: Breakers;
  readonly names: ServiceNames;
}): ApiModule {
  const { breakers, names } = options;
  const tags = ['breakers'];
  return {
    name: 'breaker monitoring',
    renderError: renderPharosError,
    register(app) {
      app.get(
        '/monitoring/circuit-breakers',
        {
          schema: {
            tags,
            summary: 'Every breaker: one row per owner and breaker, its worst living instance, worst first',
            response: { 200: z.array(monitoringRow) },
          },
        },
        async (request) => monitoringRows(await breakers.list(request.tenant)),
      );
      app.post(
        '/monitoring/circuit-breakers/reset',
        {
          schema: {
            tags,
            summary:
              'Resets the breakers before an upstream (or of that name), in every process; all without one',
            querystring: z.object({ service: z.string().min(1).max(200).optional() }),
            response: {
              200: z.object({
                reset: z.array(z.string()),
                command: given,
                circuit_breakers: z.array(monitoringRow),
              }),
            },
          },
        },
        async (request) => {
          const { service } = request.query;
          const rows = await breakers.list(request.tenant);
          const upstream = service === undefined ? null : wantedName(rows, names, service);
          const scope = { service: null, instance: null, breaker: null, upstream };
          const targets = breakers.commands.targets(request.tenant, scope, 'reset');
          const able = targets.filter((target) => target.able);
          if (upstream !== null && able.length === 0) throw nobody(targets.length);
          const command = await giveCommand(breakers, request, {
            action: 'reset',
            ...scope,
            forMs: null,
            reason: 'asked through /monitoring/circuit-breakers/reset',
          });
          return {
            reset: [...new Set(able.map(({ breaker }) => breaker))].sort(),
            command,
            circuit_breakers: monitoringRows(await breakers.list(request.tenant)),
          };
        },
      );
    },
  };
}

/** The upstream, or the name of a breaker; both name breakers in `reset?service=`. Throws where there is none. */
function wantedName(
  rows: readonly { readonly name: string; readonly upstream: string }[],
  names: ServiceNames,
  asked: string,
): string {
  if (rows.some(({ name }) => name === asked)) return asked;
  const upstream = names.canonical(asked);
  if (rows.some((row) => names.canonical(row.upstream) === upstream)) return upstream;
  const known = [...new Set(rows.map((row) => row.upstream))].slice(0, 20).join(', ');
  throw breakerErrors.make(
    'unknownBreaker',
    `service: no breaker protects ${JSON.stringify(asked.slice(0, 80))}; expected one of ${known || 'none, because no breaker is known'}`,
  );
}
