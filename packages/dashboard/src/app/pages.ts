import type { FunctionComponent } from 'react';
import { IconLayoutDashboard, IconStack2 } from '../ui/icons.ts';

export interface PageEntry {
  readonly to: '/' | '/services';
  readonly label: string;
  /** Its name where room is short, in the phone's bar. */
  readonly short: string;
  readonly hint: string;
  readonly group: 'Watch' | 'Sources' | 'Demo';
  readonly key: string;
  readonly icon: FunctionComponent<{ size?: number | string; stroke?: number | string }>;
}

/** Every page the navigation, the palette, the keyboard and the phone's bar know. A new page is one entry and one route. */
export const PAGES: Readonly<Record<'overview' | 'services', PageEntry>> = {
  overview: {
    to: '/',
    label: 'Overview',
    short: 'Overview',
    hint: 'What is broken, since when, and what changed',
    group: 'Watch',
    key: 'o',
    icon: IconLayoutDashboard,
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
};

export const PAGE_LIST: readonly PageEntry[] = Object.values(PAGES);
