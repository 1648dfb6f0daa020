import { Link, useNavigate } from '@tanstack/react-router';
import type { ServiceHealth, ServiceSummary, SparklineData } from '../../api/contracts.ts';
import { useListKeys } from '../../keys/use-list-keys.ts';
import { Numeral } from '../../ui/figures.tsx';
import { formatValue, spokenWindow } from '../../ui/format.ts';
import { IconArrowRight } from '../../ui/icons.ts';
import { Sparkline } from '../../ui/sparkline.tsx';
import { Section } from '../../ui/states.tsx';
import { STATUS_ORDER, StatusBadge } from '../../ui/status.tsx';
import table from '../../ui/table.module.css';

const MOST_SHOWN = 12;

/** The worst, then the busiest; the chosen ones stand by state and name, so that live figures do not shuffle the rows. */
export function pickServices(services: readonly ServiceSummary[]): ServiceSummary[] {
  return services
    .toSorted(
      (a, b) =>
        STATUS_ORDER[a.status] - STATUS_ORDER[b.status] || (b.requestRate ?? 0) - (a.requestRate ?? 0),
    )
    .slice(0, MOST_SHOWN)
    .toSorted(
      (a, b) => STATUS_ORDER[a.status] - STATUS_ORDER[b.status] || a.name.localeCompare(b.name, 'en'),
    );
}

function Row({
  service,
  health,
  spark,
  selected,
}: {
  readonly service: ServiceSummary;
  readonly health: ServiceHealth | undefined;
  readonly spark: SparklineData | undefined;
  readonly selected: boolean;
}) {
  return (
    <tr data-selected={selected}>
      <td>
        <Link to="/services/$name" params={{ name: service.name }} search={true} className={table['name']}>
          {service.name}
        </Link>
      </td>
      <td>
        <StatusBadge status={service.status} />
      </td>
      <td>
        <div className={table['figure']}>
          <Numeral value={service.requestRate} unit="rate" />
          {spark !== undefined && (
            <Sparkline values={spark.requestRate} color="var(--s1)" width={80} floor={1} />
          )}
        </div>
      </td>
      <td>
        <div className={table['figure']}>
          <Numeral value={service.errorRatio} unit="ratio" />
          {spark !== undefined && (
            <Sparkline values={spark.errorRatio} color="var(--s7)" width={80} floor={0.02} />
          )}
        </div>
      </td>
      <td>
        <div className={table['figure']}>
          <Numeral value={service.p95} unit="seconds" />
          {spark !== undefined && <Sparkline values={spark.p95} color="var(--s2)" width={80} floor={0.05} />}
        </div>
      </td>
      <td className={table['right']}>
        <Numeral value={health?.uptime['24h']} unit="availability" />
      </td>
    </tr>
  );
}

function Item({ service }: { readonly service: ServiceSummary }) {
  return (
    <li>
      <Link to="/services/$name" params={{ name: service.name }} search={true}>
        <span className={table['listTop']}>
          <span>{service.name}</span>
          <StatusBadge status={service.status} />
        </span>
        <span className={`${table['listFigures']} num`}>
          <span>{formatValue(service.requestRate, 'rate')}</span>
          <span>
            <b>failed</b>
            {formatValue(service.errorRatio, 'ratio')}
          </span>
          <span>
            <b>p95</b>
            {formatValue(service.p95, 'seconds')}
          </span>
        </span>
      </Link>
    </li>
  );
}

export interface ServiceTableProps {
  readonly services: readonly ServiceSummary[];
  readonly health: readonly ServiceHealth[];
  readonly window: string;
  readonly trends: ReadonlyMap<string, SparklineData>;
}

export function ServiceTable({ services, health, window, trends }: ServiceTableProps) {
  const navigate = useNavigate();
  const shown = pickServices(services);
  const selected = useListKeys(shown.length, 'service', (index) => {
    const name = shown[index]?.name;
    if (name !== undefined)
      void navigate({ to: '/services/$name', params: { name }, search: (previous) => previous });
  });
  return (
    <Section title="Services" note={`last ${spokenWindow(window)}`}>
      <div className={table['hasList']}>
        <div className={table['scroll']}>
          <table className={table['table']}>
            <thead>
              <tr>
                <th>Service</th>
                <th>State</th>
                <th className={table['right']}>Requests</th>
                <th className={table['right']}>Failed</th>
                <th className={table['right']}>p95 latency</th>
                <th className={table['right']}>Up, 24 h</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((service, index) => (
                <Row
                  key={service.name}
                  service={service}
                  health={health.find((candidate) => candidate.name === service.name)}
                  spark={trends.get(service.name)}
                  selected={index === selected}
                />
              ))}
            </tbody>
          </table>
        </div>
        <ul className={table['list']}>
          {shown.map((service) => (
            <Item key={service.name} service={service} />
          ))}
        </ul>
      </div>
      {services.length > shown.length && (
        <Link to="/services" search={true} className={table['more']}>
          All {services.length} services <IconArrowRight size={14} aria-hidden />
        </Link>
      )}
    </Section>
  );
}
