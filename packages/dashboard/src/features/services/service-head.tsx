import { Link } from '@tanstack/react-router';
import type { ServiceHealth } from '../../api/contracts.ts';
import { useHistory } from '../../api/queries.ts';
import { boundsOf } from '../../time/range.ts';
import { useTimeRange } from '../../time/use-range.ts';
import { Lasting, Numeral } from '../../ui/figures.tsx';
import { HistoryStrip } from '../../ui/history-strip.tsx';
import { Bone, ErrorState } from '../../ui/states.tsx';
import { StatusBadge, StatusIcon } from '../../ui/status.tsx';
import styles from './services.module.css';

const SEVERITY_STATUS = { critical: 'unhealthy', warning: 'degraded', info: 'unknown' } as const;

function severityStatus(severity: string) {
  if (severity === 'critical' || severity === 'warning') return SEVERITY_STATUS[severity];
  return SEVERITY_STATUS.info;
}

const SOURCE_WORDS: Readonly<Record<string, string>> = {
  scrape: 'from its scrape',
  poll: 'from its health page',
  report: 'from its own report',
  probe: 'from its probes',
  heartbeat: 'from its heartbeat',
  traffic: 'from its traffic',
  resources: 'from its resources',
  breaker: 'from its breakers',
  errors: 'from its errors',
  events: 'from its events',
  dependency: 'from what it calls',
  damping: 'from how it changed',
};

function Strip({ name }: { readonly name: string }) {
  const [range] = useTimeRange();
  const { data, error, dataUpdatedAt, refetch } = useHistory(name, range);
  if (error !== null && data === undefined) {
    return <ErrorState what="The history" error={error} retry={() => void refetch()} />;
  }
  if (data === undefined) return <Bone height={40} />;
  const { from, to } = boundsOf(range, dataUpdatedAt);
  return <HistoryStrip segments={data.segments} from={from} to={to} />;
}

export interface ServiceHeadProps {
  readonly name: string;
  readonly health: ServiceHealth | undefined;
  /** Whether the list of services has come, so that a missing one is unknown and not just late. */
  readonly known: boolean;
  readonly failed: Error | null;
}

/** How the service is, since when, and why. */
export function ServiceHead({ name, health, known, failed }: ServiceHeadProps) {
  return (
    <header>
      <div className={styles['head']}>
        <h1>{name}</h1>
        {health !== undefined && <StatusBadge status={health.status} size={20} />}
        {health?.since != null && (
          <span className={styles['since']}>
            <Lasting since={health.since} />
          </span>
        )}
        {health !== undefined && (
          <span className={styles['up']}>
            <Numeral value={health.uptime['24h']} unit="availability" /> up in 24 h
          </span>
        )}
        <Link
          to="/logs"
          search={(previous) => ({ ...previous, q: `{service_name=${JSON.stringify(name)}}` })}
          className={styles['logs']}
        >
          Its logs
        </Link>
        <Link to="/traces" search={{ service: name }} className={styles['logs']}>
          Its traces
        </Link>
        <Link to="/topology" search={{ node: name, around: name }} className={styles['logs']}>
          On the map
        </Link>
        <Link
          to="/incidents/health"
          search={(previous) => ({ ...previous, service: name })}
          className={styles['logs']}
        >
          Its incidents
        </Link>
      </div>
      {health === undefined && known && (
        <p className={styles['since']}>
          Pharos has not seen a service named {name} lately. Its past may still be in the curves below.
        </p>
      )}
      {health === undefined && failed !== null && (
        <p className={styles['since']}>Its state is not known just now.</p>
      )}
      {health !== undefined && health.reasons.length > 0 && (
        <ul className={styles['reasons']}>
          {health.reasons.map((reason) => (
            <li key={`${reason.source} ${reason.message}`}>
              <StatusIcon
                status={health.status === 'healthy' ? 'unknown' : severityStatus(reason.severity)}
              />
              <span>{reason.message}</span>
              <span className={styles['since']}>{SOURCE_WORDS[reason.source] ?? reason.source}</span>
            </li>
          ))}
        </ul>
      )}
      <div className={styles['strip']}>
        <Strip name={name} />
      </div>
    </header>
  );
}
