import { forDefaultTenant } from '../../http/default-tenant.ts';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Alertmanager } from '../alertmanager.ts';
import { noAlertmanager } from '../errors.ts';
import type { RunningGroup } from '../rules/manager.ts';
import { alertRoutes } from './alert-routes.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { ruleRoutes } from './rule-routes.ts';
import { treeRoutes } from './tree-routes.ts';

/** What is asked of Pharos' own rules. */
export interface RulesNow {
  groups(): readonly RunningGroup[];
  readonly externalLabels: ReadonlyMap<string, string>;
}

export interface PagesOptions {
  readonly alertmanager: Alertmanager;
  readonly rules: RulesNow;
  readonly clock: Clock;
}

/** What the pages of alerts show: rules and what became of their alerts in one view, the tree of routes, deliveries. */
export function alertPagesApi(options: PagesOptions): ApiModule {
  return {
    name: 'alert-pages',
    early: true,
    renderError: renderPharosError,
    register(app) {
      forDefaultTenant(app, noAlertmanager);
      alertRoutes(app, options);
      ruleRoutes(app, options);
      treeRoutes(app, options);
      deliveryRoutes(app, options);
    },
  };
}
