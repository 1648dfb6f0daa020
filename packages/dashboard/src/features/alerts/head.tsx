import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import page from '../../ui/page.module.css';
import { useSection } from '../../ui/use-section.ts';
import styles from './alerts.module.css';

const TABS = [
  { to: '/alerts', label: 'Alerts' },
  { to: '/alerts/rules', label: 'Rules' },
  { to: '/alerts/silences', label: 'Silences' },
  { to: '/alerts/maintenance', label: 'Maintenance' },
  { to: '/alerts/on-call', label: 'On call' },
  { to: '/alerts/slos', label: 'SLOs' },
  { to: '/alerts/routes', label: 'Routes' },
  { to: '/alerts/deliveries', label: 'Deliveries' },
] as const;
const PATHS = TABS.map(({ to }) => to);

/** The time range alone goes along: filters of one list mean nothing to the others. */
const ACTIVE = { exact: true, includeSearch: false };

/** The title of a page of alerts, and the way to the others. */
export function Head({
  title,
  children,
  actions,
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}) {
  const section = useSection(PATHS);
  return (
    <header className={styles['head']}>
      <div className={page['pageHead']}>
        <h1>{title}</h1>
        {children !== undefined && <p>{children}</p>}
        {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
      </div>
      <nav className={styles['tabs']} aria-label="Pages of alerts">
        {TABS.map(({ to, label }) => (
          <Link
            key={to}
            to={to}
            search={{}}
            activeOptions={ACTIVE}
            {...(to === section && { 'aria-current': 'page' as const })}
          >
            {label}
          </Link>
        ))}
      </nav>
    </header>
  );
}
