import { Link } from '@tanstack/react-router';
import { useTargets } from '../../api/queries.ts';
import { ErrorLine, Section } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import styles from './cardinality.module.css';
import { useRefusals } from './use-cardinality.ts';

const MOST = 20;

/** What was refused for a limit: by name the targets whose last scrape met one, and Pharos' own counters. */
export function LimitsSection() {
  const refusals = useRefusals();
  const targets = useTargets();
  const hit = (targets.data?.data.activeTargets ?? []).flatMap((target) =>
    target.limits.map((limit) => ({ target, ...limit })),
  );
  const counters = refusals.data?.data.result ?? [];
  const quiet = hit.length === 0 && counters.length === 0;
  return (
    <Section title="Limits" note="what was refused since Pharos started, and where">
      {refusals.error !== null && <ErrorLine what="Pharos' own counters" error={refusals.error} />}
      {quiet && refusals.data !== undefined && (
        <p className={styles['quiet']}>No limit was hit: every series that came was taken.</p>
      )}
      {!quiet && (
        <div className={table['scroll']}>
          <table className={table['table']}>
            <thead>
              <tr>
                <th>What</th>
                <th>Where</th>
                <th className={table['right']}>How often</th>
              </tr>
            </thead>
            <tbody>
              {hit.slice(0, MOST).map(({ target, limit, samples, message }) => (
                <tr key={`${target.scrapePool} ${target.scrapeUrl} ${limit}`}>
                  <td title={message}>{limit}</td>
                  <td>
                    <Link
                      to="/targets"
                      search={(previous) => ({
                        ...previous,
                        state: undefined,
                        q: `instance=${target.labels['instance'] ?? ''}`,
                      })}
                      className={styles['name']}
                    >
                      {target.scrapePool} · {target.labels['instance'] ?? target.scrapeUrl}
                    </Link>
                  </td>
                  <td className={table['right']}>{samples.toLocaleString('en')} samples, last scrape</td>
                </tr>
              ))}
              {counters.map(({ metric, value }) => {
                const { __name__: name = '', job: _job, instance: _instance, ...labels } = metric;
                const where = Object.entries(labels).map(([label, text]) => `${label} ${text}`);
                return (
                  <tr key={JSON.stringify(metric)}>
                    <td className={styles['name']}>{name}</td>
                    <td>{where.join(', ')}</td>
                    <td className={`${table['right']} num`}>{Number(value[1]).toLocaleString('en')}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {hit.length > MOST && (
        <p className={styles['quiet']}>and {(hit.length - MOST).toLocaleString('en')} more targets</p>
      )}
    </Section>
  );
}
