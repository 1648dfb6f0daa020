import { Link } from '@tanstack/react-router';
import type { ServiceHealth } from '../../api/contracts.ts';
import { useAlertCounts } from '../../api/queries.ts';
import { Lasting } from '../../ui/figures.tsx';
import { IconChevronRight } from '../../ui/icons.ts';
import { STATUS_ORDER, StatusBadge, StatusIcon } from '../../ui/status.tsx';
import styles from './overview.module.css';

function names(services: readonly ServiceHealth[]): string {
  const [first, second] = services;
  if (services.length === 1) return first?.name ?? '';
  if (services.length === 2) return `${first?.name} and ${second?.name}`;
  return `${services.length} services`;
}

const suffers = (service: ServiceHealth): boolean => service.caused_by.length > 0;

/** The state of the whole system as a sentence: who is in trouble, then how many suffer from that. */
export function verdictOf(services: readonly ServiceHealth[]): string {
  const sufferers = services.filter(suffers);
  const others = services.filter((service) => !suffers(service));
  // Where everybody in trouble suffers from somebody else, each other for example, nobody is left to blame.
  if (others.every(({ status }) => status === 'healthy' || status === 'unknown')) return stateOf(services);
  if (sufferers.length === 0) return stateOf(others);
  return `${stateOf(others)}; ${names(sufferers)} ${sufferers.length === 1 ? 'suffers' : 'suffer'} from it`;
}

function stateOf(services: readonly ServiceHealth[]): string {
  const by = (status: ServiceHealth['status']) => services.filter((service) => service.status === status);
  const unhealthy = by('unhealthy');
  const degraded = by('degraded');
  const unknown = by('unknown');
  const verb = (group: readonly unknown[]): string => (group.length === 1 ? 'is' : 'are');
  if (unhealthy.length > 0) {
    const rest = degraded.length > 0 ? `, ${degraded.length} more degraded` : '';
    return `${names(unhealthy)} ${verb(unhealthy)} unhealthy${rest}`;
  }
  if (degraded.length > 0) return `${names(degraded)} ${verb(degraded)} degraded`;
  if (unknown.length > 0) {
    return unknown.length === services.length
      ? 'No service has reported its state yet'
      : `Nothing is known of ${names(unknown)}; the rest is healthy`;
  }
  return services.length === 1
    ? `${names(services)} is healthy`
    : `All ${services.length} services are healthy`;
}

const MOST_SHOWN = 6;

function Problem({ service }: { readonly service: ServiceHealth }) {
  const [reason, ...more] = service.reasons;
  return (
    <li>
      <Link to="/services/$name" params={{ name: service.name }} search={true} className={styles['problem']}>
        <span className={styles['state']}>
          <StatusBadge status={service.status} />
        </span>
        <strong>{service.name}</strong>
        <span className={styles['why']} title={service.reasons.map(({ message }) => message).join('\n')}>
          {suffers(service) && `Suffers from ${service.caused_by.join(' and ')}: `}
          {reason?.message ?? 'No reason was given'}
          {more.length > 0 && ` (and ${more.length} more)`}
        </span>
        <span className={styles['when']}>{service.since !== null && <Lasting since={service.since} />}</span>
        <IconChevronRight size={16} aria-hidden />
      </Link>
    </li>
  );
}

/** Services may be well again while alerts still fire: the headline alone would say that nobody is needed. */
function Firing() {
  const { data } = useAlertCounts();
  if (data === undefined || data.firing === 0) return null;
  return (
    <p>
      <Link to="/alerts" search={true} className={styles['firing']}>
        {data.firing === 1 ? '1 alert fires' : `${data.firing.toLocaleString('en')} alerts fire`}
      </Link>
    </p>
  );
}

/** What is broken and since when: one line when all is well, one line per trouble when not. */
export function Verdict({ services }: { readonly services: readonly ServiceHealth[] }) {
  const troubled = services
    .filter((service) => service.status !== 'healthy')
    .toSorted(
      (a, b) =>
        Number(suffers(a)) - Number(suffers(b)) ||
        STATUS_ORDER[a.status] - STATUS_ORDER[b.status] ||
        (a.since ?? 0) - (b.since ?? 0),
    );
  const worst =
    troubled.toSorted((a, b) => STATUS_ORDER[a.status] - STATUS_ORDER[b.status])[0]?.status ?? 'healthy';
  const latest = Math.max(...services.map((service) => service.since ?? 0));
  return (
    <div>
      <div className={styles['verdict']}>
        <StatusIcon status={worst} size={24} />
        <h1>{verdictOf(services)}</h1>
        {troubled.length === 0 && latest > 0 && (
          <p>
            <Lasting since={latest} />
          </p>
        )}
        <Firing />
      </div>
      {troubled.length > 0 && (
        <ul className={styles['problems']}>
          {troubled.slice(0, MOST_SHOWN).map((service) => (
            <Problem key={service.name} service={service} />
          ))}
          {troubled.length > MOST_SHOWN && (
            <li>
              <Link to="/services" search={true} className={styles['problem']}>
                <span className={styles['why']}>{troubled.length - MOST_SHOWN} more</span>
              </Link>
            </li>
          )}
        </ul>
      )}
    </div>
  );
}
