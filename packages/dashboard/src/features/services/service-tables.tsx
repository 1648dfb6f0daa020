import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Breaker, Endpoint, Instance, ServiceHealth, Version } from '../../api/contracts.ts';
import { Numeral, RelativeTime } from '../../ui/figures.tsx';
import { formatValue } from '../../ui/format.ts';
import { Bone, ErrorLine, Section } from '../../ui/states.tsx';
import { StatusBadge, StatusIcon } from '../../ui/status.tsx';
import table from '../../ui/table.module.css';
import styles from './services.module.css';

function Part(props: {
  readonly title: string;
  readonly note?: string;
  readonly loading: boolean;
  readonly empty: string | null;
  readonly failed?: Error | null;
  readonly children: ReactNode;
}) {
  const { title, note, loading, empty, failed, children } = props;
  return (
    <Section title={title} note={note}>
      {failed != null ? (
        <ErrorLine what={title} error={failed} />
      ) : loading ? (
        <Bone height={120} />
      ) : empty !== null ? (
        <p className={styles['since']}>{empty}</p>
      ) : (
        children
      )}
    </Section>
  );
}

export interface EndpointTableProps {
  readonly endpoints: readonly Endpoint[];
  readonly loading: boolean;
  readonly failed: Error | null;
}

export function EndpointTable({ endpoints, loading, failed }: EndpointTableProps) {
  return (
    <Part
      title="Slowest endpoints"
      note="by p95"
      loading={loading}
      failed={failed}
      empty={endpoints.length === 0 ? 'No request came in this time range.' : null}
    >
      <div className={table['hasList']}>
        <div className={table['scroll']}>
          <table className={table['table']}>
            <thead>
              <tr>
                <th>Endpoint</th>
                <th className={table['right']}>p95</th>
                <th className={table['right']}>Requests</th>
                <th className={table['right']}>Failed</th>
              </tr>
            </thead>
            <tbody>
              {endpoints.map((endpoint) => (
                <tr key={`${endpoint.method} ${endpoint.route}`}>
                  <td
                    className={`${table['mono']} ${table['cut']}`}
                    title={`${endpoint.method} ${endpoint.route}`}
                  >
                    <span className={table['quiet']}>{endpoint.method}</span> {endpoint.route}
                  </td>
                  <td className={table['right']}>
                    <Numeral value={endpoint.p95} unit="seconds" />
                  </td>
                  <td className={table['right']}>
                    <Numeral value={endpoint.requestRate} unit="rate" />
                  </td>
                  <td className={table['right']}>
                    <Numeral value={endpoint.errorRatio} unit="ratio" />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <ul className={table['list']}>
          {endpoints.map((endpoint) => (
            <li key={`${endpoint.method} ${endpoint.route}`}>
              <div>
                <span className={table['mono']}>
                  <span className={table['quiet']}>{endpoint.method}</span> {endpoint.route}
                </span>
                <span className={`${table['listFigures']} num`}>
                  <span>
                    <b>p95</b>
                    {formatValue(endpoint.p95, 'seconds')}
                  </span>
                  <span>{formatValue(endpoint.requestRate, 'rate')}</span>
                  <span>
                    <b>failed</b>
                    {formatValue(endpoint.errorRatio, 'ratio')}
                  </span>
                </span>
              </div>
            </li>
          ))}
        </ul>
      </div>
    </Part>
  );
}

export interface InstanceTableProps {
  readonly instances: readonly Instance[];
  readonly sources: ServiceHealth['sources'];
  readonly loading: boolean;
}

const SOURCE_NAMES: Readonly<Record<string, string>> = {
  scrape: 'scrape',
  poll: 'health page',
  report: 'own report',
};

export function InstanceTable({ instances, sources, loading }: InstanceTableProps) {
  const empty = instances.length === 0 && sources.length === 0 ? 'No instance is known.' : null;
  return (
    <Part title="Instances and sources" note="what the state rests on" loading={loading} empty={empty}>
      <div className={table['scroll']}>
        <table className={table['table']}>
          <thead>
            <tr>
              <th>Where</th>
              <th>State</th>
              <th>Seen</th>
            </tr>
          </thead>
          <tbody>
            {instances.map((instance) => (
              <tr key={instance.instance}>
                <td>
                  <span className={table['mono']}>{instance.instance}</span>
                  {instance.lastError !== '' && <div className={table['quiet']}>{instance.lastError}</div>}
                </td>
                <td>
                  <StatusBadge
                    status={instance.up == null ? 'unknown' : instance.up ? 'healthy' : 'unhealthy'}
                  />
                </td>
                <td className={table['soft']}>
                  {instance.lastScrape !== null && <RelativeTime at={instance.lastScrape} />}
                </td>
              </tr>
            ))}
            {sources.map((source) => (
              <tr key={source.kind}>
                <td>
                  {SOURCE_NAMES[source.kind] ?? source.kind}
                  {source.status !== 'healthy' && <div className={table['quiet']}>{source.message}</div>}
                </td>
                <td>
                  <StatusBadge status={source.status} />
                </td>
                <td className={table['soft']}>{source.at !== null && <RelativeTime at={source.at} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Part>
  );
}

/** A breaker's state as a word and a tone: open needs eyes, half-open is on its way. */
export function breakerLook(state: string): {
  readonly word: string;
  readonly tone: 'open' | 'half' | 'closed';
} {
  const word = state.toLowerCase().replaceAll('_', '-');
  return { word, tone: word === 'open' ? 'open' : word === 'half-open' ? 'half' : 'closed' };
}

export function BreakerTable({
  breakers,
  loading,
  failed,
}: {
  readonly breakers: readonly Breaker[];
  readonly loading: boolean;
  readonly failed: Error | null;
}) {
  return (
    <Part
      title="Circuit breakers"
      loading={loading}
      failed={failed}
      empty={breakers.length === 0 ? 'This service reports no circuit breaker.' : null}
    >
      <table className={table['table']}>
        <tbody>
          {breakers.map((breaker) => {
            const { word, tone } = breakerLook(breaker.state);
            return (
              <tr key={breaker.name}>
                <td className={table['mono']}>{breaker.name}</td>
                <td className={`${table['right']} ${styles[tone]}`}>{word}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Part>
  );
}

/** Which versions it ran and runs, as its spans say. */
export function VersionTable({
  versions,
  loading,
  failed,
}: {
  readonly versions: readonly Version[];
  readonly loading: boolean;
  readonly failed: Error | null;
}) {
  return (
    <Part
      title="Versions"
      note="as its spans say"
      loading={loading}
      failed={failed}
      empty={
        versions.length === 0
          ? 'Its spans name no version. Set service.version in the resource of its tracing.'
          : null
      }
    >
      <table className={table['table']}>
        <thead>
          <tr>
            <th>Version</th>
            <th>First seen</th>
            <th>Last seen</th>
          </tr>
        </thead>
        <tbody>
          {versions.slice(0, MOST_VERSIONS).map(({ version, firstSeen, lastSeen }) => (
            <tr key={version}>
              <td className={`${table['mono']} ${table['cut']}`} title={version}>
                {version}
              </td>
              <td className={table['soft']}>
                <RelativeTime at={firstSeen} />
              </td>
              <td className={table['soft']}>
                <RelativeTime at={lastSeen} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Part>
  );
}

const MOST_VERSIONS = 6;

export interface DependencyListProps {
  readonly names: readonly string[];
  readonly health: readonly ServiceHealth[];
  readonly loading: boolean;
  readonly failed: Error | null;
}

export function DependencyList({ names, health, loading, failed }: DependencyListProps) {
  return (
    <Part
      title="Calls"
      loading={loading}
      failed={failed}
      empty={names.length === 0 ? 'It calls no other service.' : null}
    >
      <table className={table['table']}>
        <tbody>
          {names.map((name) => {
            const status = health.find((service) => service.name === name)?.status ?? 'unknown';
            return (
              <tr key={name}>
                <td>
                  <Link to="/services/$name" params={{ name }} search={true} className={table['name']}>
                    <StatusIcon status={status} />
                    {name}
                  </Link>
                </td>
                <td className={table['right']}>{status}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Part>
  );
}
