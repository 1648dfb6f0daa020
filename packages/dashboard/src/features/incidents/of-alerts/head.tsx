import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import page from '../../../ui/page.module.css';
import { useSection } from '../../../ui/use-section.ts';
import styles from './incident.module.css';

const TABS = [
  { to: '/incidents', label: 'Incidents' },
  { to: '/incidents/health', label: 'Health over time' },
] as const;
const PATHS = TABS.map(({ to }) => to);
const ACTIVE = { exact: true, includeSearch: false };

/** The title of a page of incidents, and the way to the other: what alerts said, and how services were. */
export function Head({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  const section = useSection(PATHS);
  return (
    <header className={styles['head']}>
      <div className={page['pageHead']}>
        <h1>{title}</h1>
        {children}
      </div>
      <nav className={styles['tabs']} aria-label="Pages of incidents">
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
