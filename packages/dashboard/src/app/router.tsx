import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { BASE_PATH } from '../api/base.ts';
import { startQueries } from '../api/query-client.ts';
import {
  validateAlertsSearch,
  validateDeliveriesSearch,
  validateNewRuleSearch,
  validateOnCallSearch,
  validateRoutesSearch,
  validateRulesSearch,
  validateSilencesSearch,
  validateSuggestionSearch,
} from '../features/alerts/search.ts';
import { type BreakersSearch, validateBreakersSearch } from '../features/breakers/rows.ts';
import { validateCardinalitySearch } from '../features/cardinality/rows.ts';
import { validateListSearch } from '../features/dashboards/list.ts';
import { validateDashboardSearch } from '../features/dashboards/search.ts';
import { validateErrorsSearch } from '../features/errors/search.ts';
import { type EventsSearch, validateEventsSearch } from '../features/events/search.ts';
import { validateListSearch as validateIncidentListSearch } from '../features/incidents/of-alerts/search.ts';
import { validateIncidentsSearch } from '../features/incidents/search.ts';
import { validateLogsSearch } from '../features/logs/search.ts';
import { explorerSearchOfGraph } from '../features/metrics/graph-link.ts';
import { type ExplorerSearch, validateExplorerSearch } from '../features/metrics/search.ts';
import { askAhead } from '../features/probes/first-page.ts';
import { type ProbesSearch, validateProbesSearch } from '../features/probes/search.ts';
import { validateServicesSearch } from '../features/services/search.ts';
import { type TargetsSearch, validateTargetsSearch } from '../features/targets/rows.ts';
import { validateTopologySearch } from '../features/topology/search.ts';
import { validateCompareSearch } from '../features/traces/compare/search.ts';
import { validateTracesSearch } from '../features/traces/search/search.ts';
import { validateTraceSearch } from '../features/traces/trace/search.ts';
import { type RangeSearch, validateRangeSearch } from '../time/range.ts';
import { loadWhenIdle } from '../ui/preload.ts';
import { loadEditor } from '../ui/promql-editor/index.ts';
import { NotFoundPage, PageError } from './error-pages.tsx';
import { Shell } from './shell.tsx';

const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: NotFoundPage,
  errorComponent: PageError,
  validateSearch: (search: Record<string, unknown>): RangeSearch => validateRangeSearch(search),
  search: { middlewares: [retainSearchParams<RangeSearch>(['range', 'from', 'to', 'tz'])] },
});

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: lazyRouteComponent(() => import('../features/overview/overview-page.tsx'), 'OverviewPage'),
});

const servicesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/services',
  validateSearch: (search: Record<string, unknown>) => validateServicesSearch(search),
  component: lazyRouteComponent(() => import('../features/services/services-page.tsx'), 'ServicesPage'),
});
const serviceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/services/$name',
  component: lazyRouteComponent(() => import('../features/services/service-page.tsx'), 'ServicePage'),
});

const alertsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts',
  validateSearch: (search: Record<string, unknown>) => validateAlertsSearch(search),
  component: lazyRouteComponent(() => import('../features/alerts/alerts-page.tsx'), 'AlertsPage'),
});
const alertRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts/$fingerprint',
  component: lazyRouteComponent(() => import('../features/alerts/alert-page.tsx'), 'AlertPage'),
});

const rulesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts/rules',
  validateSearch: (search: Record<string, unknown>) => validateRulesSearch(search),
  component: lazyRouteComponent(() => import('../features/alerts/rules-page.tsx'), 'RulesPage'),
});
const ruleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts/rules/$id',
  component: lazyRouteComponent(() => import('../features/alerts/rule-page.tsx'), 'RulePage'),
});
const newRuleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts/rules/new',
  validateSearch: (search: Record<string, unknown>) => validateNewRuleSearch(search),
  component: lazyRouteComponent(() => import('../features/alerts/editor/editor-page.tsx'), 'NewRulePage'),
});
const editRuleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts/rules/$id/edit',
  validateSearch: (search: Record<string, unknown>) => validateSuggestionSearch(search),
  component: lazyRouteComponent(() => import('../features/alerts/editor/editor-page.tsx'), 'EditRulePage'),
});
const silencesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts/silences',
  validateSearch: (search: Record<string, unknown>) => validateSilencesSearch(search),
  component: lazyRouteComponent(() => import('../features/alerts/silences-page.tsx'), 'SilencesPage'),
});
const alertMaintenanceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts/maintenance',
  component: lazyRouteComponent(
    () => import('../features/alerts/maintenance/maintenance-page.tsx'),
    'MaintenancePage',
  ),
});
const onCallRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts/on-call',
  validateSearch: (search: Record<string, unknown>) => validateOnCallSearch(search),
  component: lazyRouteComponent(() => import('../features/alerts/oncall/on-call-page.tsx'), 'OnCallPage'),
});
const slosRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts/slos',
  component: lazyRouteComponent(() => import('../features/alerts/slos/slos-page.tsx'), 'SlosPage'),
});
const sloRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts/slos/$name',
  component: lazyRouteComponent(() => import('../features/alerts/slos/slo-page.tsx'), 'SloPage'),
});
const routesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts/routes',
  validateSearch: (search: Record<string, unknown>) => validateRoutesSearch(search),
  component: lazyRouteComponent(() => import('../features/alerts/routes-page.tsx'), 'RoutesPage'),
});
const deliveriesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts/deliveries',
  validateSearch: (search: Record<string, unknown>) => validateDeliveriesSearch(search),
  component: lazyRouteComponent(() => import('../features/alerts/deliveries-page.tsx'), 'DeliveriesPage'),
});

const incidentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/incidents',
  validateSearch: (search: Record<string, unknown>) => validateIncidentListSearch(search),
  component: lazyRouteComponent(
    () => import('../features/incidents/of-alerts/list-page.tsx'),
    'IncidentListPage',
  ),
});
const incidentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/incidents/$id',
  component: lazyRouteComponent(
    () => import('../features/incidents/of-alerts/incident-page.tsx'),
    'IncidentPage',
  ),
});
const healthOverTimeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/incidents/health',
  validateSearch: (search: Record<string, unknown>) => validateIncidentsSearch(search),
  component: lazyRouteComponent(() => import('../features/incidents/incidents-page.tsx'), 'IncidentsPage'),
});

const topologyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/topology',
  validateSearch: (search: Record<string, unknown>) => validateTopologySearch(search),
  component: lazyRouteComponent(() => import('../features/topology/topology-page.tsx'), 'TopologyPage'),
});

const breakersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/breakers',
  validateSearch: (search: Record<string, unknown>): BreakersSearch => validateBreakersSearch(search),
  component: lazyRouteComponent(() => import('../features/breakers/breakers-page.tsx'), 'BreakersPage'),
});

const probesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/probes',
  validateSearch: (search: Record<string, unknown>): ProbesSearch => validateProbesSearch(search),
  component: lazyRouteComponent(() => import('../features/probes/probes-page.tsx'), 'ProbesPage'),
});
const statusPageRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/status-page',
  component: lazyRouteComponent(
    () => import('../features/status-page/status-editor.tsx'),
    'StatusEditorPage',
  ),
});

const requestRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/requests/$requestId',
  component: lazyRouteComponent(() => import('../features/requests/request-page.tsx'), 'RequestPage'),
});

const exploreRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/explore',
  validateSearch: (search: Record<string, unknown>): ExplorerSearch => validateExplorerSearch(search),
  component: lazyRouteComponent(() => import('../features/metrics/explorer-page.tsx'), 'ExplorerPage'),
});

/** Where alerts say that they come from, in the form of Prometheus: the explorer with their expression. */
const graphRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/graph',
  beforeLoad: ({ location }) => {
    redirect({
      to: '/explore',
      search: explorerSearchOfGraph(new URLSearchParams(location.searchStr)),
      replace: true,
      throw: true,
    });
  },
});

const logsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/logs',
  validateSearch: (search: Record<string, unknown>) => validateLogsSearch(search),
  component: lazyRouteComponent(() => import('../features/logs/logs-page.tsx'), 'LogsPage'),
});

const tracesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/traces',
  validateSearch: (search: Record<string, unknown>) => validateTracesSearch(search),
  component: lazyRouteComponent(() => import('../features/traces/search/traces-page.tsx'), 'TracesPage'),
});
const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/traces/compare',
  validateSearch: (search: Record<string, unknown>) => validateCompareSearch(search),
  component: lazyRouteComponent(() => import('../features/traces/compare/compare-page.tsx'), 'ComparePage'),
});
const traceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/traces/$traceId',
  validateSearch: (search: Record<string, unknown>) => validateTraceSearch(search),
  component: lazyRouteComponent(() => import('../features/traces/trace/trace-page.tsx'), 'TracePage'),
});

const errorsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/errors',
  validateSearch: (search: Record<string, unknown>) => validateErrorsSearch(search),
  component: lazyRouteComponent(() => import('../features/errors/errors-page.tsx'), 'ErrorsPage'),
});
const errorGroupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/errors/$groupId',
  component: lazyRouteComponent(() => import('../features/errors/group-page.tsx'), 'GroupPage'),
});

const eventsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/events',
  validateSearch: (search: Record<string, unknown>): EventsSearch => validateEventsSearch(search),
  component: lazyRouteComponent(() => import('../features/events/events-page.tsx'), 'EventsPage'),
});

const cardinalityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/cardinality',
  validateSearch: (search: Record<string, unknown>) => validateCardinalitySearch(search),
  component: lazyRouteComponent(
    () => import('../features/cardinality/cardinality-page.tsx'),
    'CardinalityPage',
  ),
});

const dashboardsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboards',
  validateSearch: (search: Record<string, unknown>) => validateListSearch(search),
  component: lazyRouteComponent(() => import('../features/dashboards/dashboards-page.tsx'), 'DashboardsPage'),
});
const dashboardRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboards/$uid',
  validateSearch: (search: Record<string, unknown>) => validateDashboardSearch(search),
  component: lazyRouteComponent(() => import('../features/dashboards/dashboard-page.tsx'), 'DashboardPage'),
});

const targetsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/targets',
  validateSearch: (search: Record<string, unknown>): TargetsSearch => validateTargetsSearch(search),
  component: lazyRouteComponent(() => import('../features/targets/targets-page.tsx'), 'TargetsPage'),
});
const shopRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/shop',
  component: lazyRouteComponent(() => import('../features/controller/controller-page.tsx'), 'ControllerPage'),
});

const routeTree = rootRoute.addChildren([
  overviewRoute,
  servicesRoute,
  serviceRoute,
  alertsRoute,
  alertRoute,
  rulesRoute,
  ruleRoute,
  newRuleRoute,
  editRuleRoute,
  silencesRoute,
  alertMaintenanceRoute,
  onCallRoute,
  slosRoute,
  sloRoute,
  routesRoute,
  deliveriesRoute,
  incidentsRoute,
  incidentRoute,
  healthOverTimeRoute,
  topologyRoute,
  breakersRoute,
  probesRoute,
  statusPageRoute,
  requestRoute,
  exploreRoute,
  graphRoute,
  logsRoute,
  tracesRoute,
  compareRoute,
  traceRoute,
  errorsRoute,
  errorGroupRoute,
  eventsRoute,
  cardinalityRoute,
  dashboardsRoute,
  dashboardRoute,
  targetsRoute,
  shopRoute,
]);

export const router = createRouter({
  routeTree,
  basepath: BASE_PATH,
  defaultPreload: 'intent',
  defaultErrorComponent: PageError,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
});

/** Where a press on a row, a line, a dot or a name leads: their code is here before the press. */
const LED_TO = [traceRoute, logsRoute, exploreRoute, requestRoute, tracesRoute, serviceRoute];

/** Loads the code of the page at hand, while the shell around it is drawn, and asks what it will ask. */
export function loadPageAtHand(queries: QueryClient): void {
  const matched = new Set(
    router.matchRoutes(router.latestLocation).map(({ routeId }: { readonly routeId: unknown }) => routeId),
  );
  // What fails is loaded again by the router, which tells of it.
  for (const route of Object.values(router.routesById))
    if (matched.has(route.id)) router.loadRouteChunk(route)?.catch(() => {});
  if (matched.has(probesRoute.id))
    askAhead(queries, validateProbesSearch({ ...router.latestLocation.search }));
}

/** Loads what the next press may need, once the page at hand has come and has its answers. */
export function loadAhead(isAsking: () => boolean): void {
  loadWhenIdle(
    [...LED_TO.map((route) => () => router.loadRouteChunk(route)), loadEditor, async () => startQueries()],
    () => router.state.isLoading || isAsking(),
  );
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
