import type { FunctionComponent } from 'react';
import {
  IconAlertTriangle,
  IconBell,
  IconBug,
  IconChartBar,
  IconChartLine,
  IconFileText,
  IconFlask,
  IconInbox,
  IconLayoutDashboard,
  IconLayoutGrid,
  IconPlugConnectedX,
  IconRadar,
  IconSitemap,
  IconStack2,
  IconTargetArrow,
  IconTimeline,
  IconWorld,
} from '../ui/icons.ts';

export interface PageEntry {
  readonly to:
    | '/'
    | '/alerts'
    | '/services'
    | '/incidents'
    | '/topology'
    | '/breakers'
    | '/probes'
    | '/status-page'
    | '/dashboards'
    | '/explore'
    | '/logs'
    | '/traces'
    | '/errors'
    | '/events'
    | '/cardinality'
    | '/targets'
    | '/shop';
  readonly label: string;
  /** Its name where room is short, in the phone's bar. */
  readonly short: string;
  readonly hint: string;
  readonly group: 'Watch' | 'Ask' | 'Sources' | 'Demo';
  readonly key: string;
  readonly icon: FunctionComponent<{ size?: number | string; stroke?: number | string }>;
}

/** Every page the navigation, the palette, the keyboard and the phone's bar know. A new page is one entry and one route. */
const PAGES: Readonly<
  Record<
    | 'overview'
    | 'alerts'
    | 'services'
    | 'incidents'
    | 'topology'
    | 'breakers'
    | 'probes'
    | 'statusPage'
    | 'dashboards'
    | 'explore'
    | 'logs'
    | 'traces'
    | 'errors'
    | 'events'
    | 'cardinality'
    | 'targets'
    | 'shop',
    PageEntry
  >
> = {
  overview: {
    to: '/',
    label: 'Overview',
    short: 'Overview',
    hint: 'What is broken, since when, and what changed',
    group: 'Watch',
    key: 'o',
    icon: IconLayoutDashboard,
  },
  alerts: {
    to: '/alerts',
    label: 'Alerts',
    short: 'Alerts',
    hint: 'What fires, who was told, and why; who is on call; rules, silences, routes, deliveries',
    group: 'Watch',
    key: 'a',
    icon: IconBell,
  },
  services: {
    to: '/services',
    label: 'Services',
    short: 'Services',
    hint: 'Every service with its state and figures',
    group: 'Watch',
    key: 's',
    icon: IconStack2,
  },
  incidents: {
    to: '/incidents',
    label: 'Incidents',
    short: 'Incidents',
    hint: 'Alerts that belong together: what happened, why, who leads; how services were over time',
    group: 'Watch',
    key: 'i',
    icon: IconAlertTriangle,
  },
  dashboards: {
    to: '/dashboards',
    label: 'Dashboards',
    short: 'Boards',
    hint: 'Ready-made and own dashboards',
    group: 'Watch',
    key: 'd',
    icon: IconLayoutGrid,
  },
  explore: {
    to: '/explore',
    label: 'Explore metrics',
    short: 'Explore',
    hint: 'Ask any metric a question in PromQL',
    group: 'Ask',
    key: 'e',
    icon: IconChartLine,
  },
  logs: {
    to: '/logs',
    label: 'Logs',
    short: 'Logs',
    hint: 'Every line of every service: search, count, follow an id',
    group: 'Ask',
    key: 'l',
    icon: IconFileText,
  },
  traces: {
    to: '/traces',
    label: 'Traces',
    short: 'Traces',
    hint: 'Where the time of a request went, service by service',
    group: 'Ask',
    key: 'r',
    icon: IconTimeline,
  },
  topology: {
    to: '/topology',
    label: 'Topology',
    short: 'Map',
    hint: 'Who calls whom, how often, how well and how fast',
    group: 'Watch',
    key: 'm',
    icon: IconSitemap,
  },
  breakers: {
    to: '/breakers',
    label: 'Circuit breakers',
    short: 'Breakers',
    hint: 'Which breakers hold calls back, since when; reset and hold them',
    group: 'Watch',
    key: 'b',
    icon: IconPlugConnectedX,
  },
  probes: {
    to: '/probes',
    label: 'Probes',
    short: 'Probes',
    hint: 'How services look from outside: over HTTP, TCP, DNS, TLS, by ping and heartbeat',
    group: 'Watch',
    key: 'p',
    icon: IconRadar,
  },
  statusPage: {
    to: '/status-page',
    label: 'Status page',
    short: 'Status',
    hint: 'What the public sees: services, incidents, badges',
    group: 'Watch',
    key: 'w',
    icon: IconWorld,
  },
  targets: {
    to: '/targets',
    label: 'Scrape targets',
    short: 'Targets',
    hint: 'Where metrics are read from, and what fails there',
    group: 'Sources',
    key: 't',
    icon: IconTargetArrow,
  },
  errors: {
    to: '/errors',
    label: 'Errors',
    short: 'Errors',
    hint: 'Every problem once: how often, since when, whom it hurts',
    group: 'Ask',
    key: 'x',
    icon: IconBug,
  },
  events: {
    to: '/events',
    label: 'Events',
    short: 'Events',
    hint: 'What services said they did, and what was decided about it',
    group: 'Ask',
    key: 'v',
    icon: IconInbox,
  },
  cardinality: {
    to: '/cardinality',
    label: 'Cardinality',
    short: 'Series',
    hint: 'How many series there are, where they come from, how they grow',
    group: 'Sources',
    key: 'n',
    icon: IconChartBar,
  },
  shop: {
    to: '/shop',
    label: 'Shop controller',
    short: 'Shop',
    hint: 'Traffic and faults of the demo shop',
    group: 'Demo',
    key: 'c',
    icon: IconFlask,
  },
};

export const PAGE_LIST: readonly PageEntry[] = Object.values(PAGES);
