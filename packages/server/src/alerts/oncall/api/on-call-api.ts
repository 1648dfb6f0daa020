import { forDefaultTenant } from '../../../http/default-tenant.ts';
import { renderPharosError } from '../../../http/render.ts';
import type { ApiModule } from '../../../http/types.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { noAlertmanager } from '../../errors.ts';
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
      forDefaultTenant(app, noAlertmanager);
      scheduleRoutes(app, { ...options, rota, tokens });
      pageRoutes(app, escalations);
      policyRoutes(app, escalations);
      statisticsRoutes(app, { ...options, book: escalations.book });
    },
  };
  return [api, acknowledgeApi({ ...options, escalations, tokens })];
}
