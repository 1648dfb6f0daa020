import { DEFAULT_TENANT } from '../../../http/admit.ts';
import { renderPharosError } from '../../../http/render.ts';
import type { ApiModule } from '../../../http/types.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { alertErrors } from '../../errors.ts';
import type { OnCall } from '../on-call.ts';
import { acknowledgeApi } from './acknowledge-api.ts';
import { pageRoutes } from './pages-api.ts';
import { policyRoutes } from './policies-api.ts';
import { scheduleRoutes } from './schedules-api.ts';
import { statisticsRoutes } from './statistics-api.ts';

export interface OnCallApiOptions {
  readonly clock: Clock;
  readonly onCall: OnCall;
  externalUrl(): string;
}

/** Who is on call, what they were told, and what they answer. */
export function onCallApis(options: OnCallApiOptions): readonly ApiModule[] {
  const { escalations, rota, tokens } = options.onCall;
  const api: ApiModule = {
    name: 'on-call',
    early: true,
    renderError: renderPharosError,
    register(app) {
      app.addHook('preHandler', (request, _, done) => {
        if (request.tenant === DEFAULT_TENANT) done();
        else done(alertErrors.make('tenant', `the tenant "${request.tenant}" has no Alertmanager`));
      });
      scheduleRoutes(app, { ...options, rota, tokens });
      pageRoutes(app, escalations);
      policyRoutes(app, escalations);
      statisticsRoutes(app, { ...options, book: escalations.book });
    },
  };
  return [api, acknowledgeApi({ ...options, escalations, tokens })];
}
