import type { Impact, Incident } from '../definition.ts';
import type { PublicStatus } from '../snapshot.ts';

export const STATUS_WORD: Readonly<Record<PublicStatus, string>> = {
  operational: 'operational',
  degraded: 'degraded',
  down: 'down',
  maintenance: 'in maintenance',
  unknown: 'not known',
};

/** The page's headline. */
export const OVERALL_WORD: Readonly<Record<PublicStatus, string>> = {
  operational: 'All systems operational',
  degraded: 'Some systems are degraded',
  down: 'Some systems are down',
  maintenance: 'Maintenance is under way',
  unknown: 'Some states are not known yet',
};

export const PHASE_WORD: Readonly<Record<Incident['updates'][number]['phase'], string>> = {
  investigating: 'Investigating',
  identified: 'Identified',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
  planned: 'Planned',
};

export const IMPACT_WORD: Readonly<Record<Impact, string>> = {
  minor: 'minor',
  major: 'major',
  critical: 'critical',
  maintenance: 'maintenance',
};

/** Shapes that tell the states apart without their colours. */
export const STATUS_MARK: Readonly<Record<PublicStatus, string>> = {
  operational: '✓',
  degraded: '▲',
  down: '✕',
  maintenance: '⚙',
  unknown: '?',
};
