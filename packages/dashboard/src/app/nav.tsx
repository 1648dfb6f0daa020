import { Link } from '@tanstack/react-router';
import type { Status } from '../api/contracts.ts';
import { useAlertCounts, useHealth } from '../api/queries.ts';
import { STATUS_ORDER, StatusIcon } from '../ui/status.tsx';
import { Brand } from './brand.tsx';
import { PAGE_LIST, type PageEntry } from './pages.ts';
import styles from './shell.module.css';

const GROUPS: readonly PageEntry['group'][] = ['Watch', 'Ask', 'Sources', 'Demo'];

/** "1 unhealthy, 4 healthy": the states there are, worst first. */
export function countStates(statuses: readonly Status[]): string {
  const order: readonly Status[] = ['unhealthy', 'degraded', 'unknown', 'healthy'];
  return order
    .map((status) => ({ status, count: statuses.filter((candidate) => candidate === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${status}`)
    .join(', ');
}

export function worstOf(statuses: readonly Status[]): Status {
  return statuses.reduce<Status>(
    (worst, status) => (STATUS_ORDER[status] < STATUS_ORDER[worst] ? status : worst),
    statuses[0] ?? 'unknown',
  );
}

/** How many alerts fire, beside the page's name; red where one needs a person now, nothing when all is quiet. */
export function FiringCount() {
  const { data } = useAlertCounts();
  if (data === undefined || data.firing === 0) return null;
  return (
    <span className={styles['firing']} data-loudest={data.loudest}>
      {data.firing.toLocaleString('en')}
      <span className="sr-only">{data.firing === 1 ? ' alert fires' : ' alerts fire'}</span>
    </span>
  );
}

function NavFoot() {
  const { data } = useHealth();
  if (data === undefined || data.services.length === 0) return null;
  const statuses = data.services.map((service) => service.status);
  return (
    <div className={styles['foot']}>
      <Link to="/services" search={true}>
        <StatusIcon status={worstOf(statuses)} />
        {countStates(statuses)}
      </Link>
    </div>
  );
}

export function Nav() {
  return (
    <nav className={styles['nav']} aria-label="Pages">
      <Link to="/" search={true} className={styles['brand']}>
        <Brand />
        Pharos
      </Link>
      {GROUPS.filter((group) => PAGE_LIST.some((page) => page.group === group)).map((group) => (
        <div key={group} className={styles['group']}>
          <span className={styles['groupName']}>{group}</span>
          {PAGE_LIST.filter((page) => page.group === group).map((page) => (
            <Link
              key={page.to}
              to={page.to}
              search={true}
              className={styles['link']}
              activeOptions={{ exact: page.to === '/', includeSearch: false }}
            >
              <page.icon size={16} stroke={1.75} />
              {page.label}
              {page.to === '/alerts' && <FiringCount />}
              <kbd aria-hidden>g {page.key}</kbd>
            </Link>
          ))}
        </div>
      ))}
      <NavFoot />
    </nav>
  );
}
