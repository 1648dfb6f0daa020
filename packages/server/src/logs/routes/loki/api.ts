import type { ApiModule } from '../../../http/types.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { QueryGate } from '../../../kernel/query-gate.ts';
import type { LogsConfig } from '../../config.ts';
import { logsErrors } from '../../errors.ts';
import { logQueryEngine } from '../../query-engine.ts';
import type { LogsStore } from '../../store/store.ts';
import { registerDetectedRoutes } from './detected.ts';
import { renderLokiError } from './guarded.ts';
import { registerLabelRoutes } from './labels.ts';
import { registerQueryRoutes } from './query.ts';
import { registerStatusRoutes } from './status.ts';
import { lokiTailSocket, registerTailRoute } from './tail.ts';
import { registerVolumeRoutes } from './volume.ts';

export interface LokiApiDeps {
  readonly store: Pick<LogsStore, 'reader' | 'follow' | 'telemetry'>;
  readonly clock: Clock;
  readonly config: LogsConfig;
  readonly build: { readonly version: string; readonly runtime: string };
  /** Lets other work run in the middle of an evaluation. */
  readonly breathe: () => Promise<void>;
}

/** Loki's query API (compat §5) over the log store. Errors are plain text (LQ-5). */
export function lokiQueryApi({ store, clock, config, build, breathe }: LokiApiDeps): ApiModule {
  const { query } = config;
  const engine = logQueryEngine({ clock, config, breathe });
  const gate = new QueryGate(query.max_concurrency, (message) =>
    logsErrors.make('tooManyQueries', message, { retryAfterSeconds: 1 }),
  );
  const deps = { store, clock, engine, gate, timeoutMs: query.timeout, telemetry: store.telemetry };
  return {
    name: 'loki',
    renderError: renderLokiError,
    sockets: [
      lokiTailSocket({
        store,
        engine,
        clock,
        maxTails: query.max_tails,
        maxEntries: config.max_entries,
        breathe,
      }),
    ],
    register(app) {
      registerQueryRoutes(app, deps);
      registerLabelRoutes(app, deps);
      registerVolumeRoutes(app, deps);
      registerDetectedRoutes(app, deps);
      registerStatusRoutes(app, build);
      registerTailRoute(app);
    },
  };
}
