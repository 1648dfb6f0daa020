import { Link, useParams } from '@tanstack/react-router';
import { ApiError } from '../../../api/client.ts';
import { Numeral } from '../../../ui/figures.tsx';
import { Bone, EmptyState, ErrorState, Section } from '../../../ui/states.tsx';
import { StatusBadge } from '../../../ui/status.tsx';
import table from '../../../ui/table.module.css';
import styles from '../alerts.module.css';
import { Head } from '../head.tsx';
import { matcherText } from '../matchers.ts';
import { sentenceOf } from '../rows.ts';
import { StateMark } from '../state-mark.tsx';
import { useAlerts } from '../use-alerts.ts';
import ofWhy from '../why.module.css';
import { BudgetBar } from './budget-bar.tsx';
import type { WholeSlo } from './contracts.ts';
import { SloCharts } from './slo-charts.tsx';
import own from './slos.module.css';
import { useSlo } from './use-slos.ts';
import { badSoFar, coverage, forecast, percent, times } from './words.ts';

function Verdict({ slo }: { readonly slo: WholeSlo }) {
  return (
    <div className={styles['verdict']}>
      <p className={styles['said']}>
        {slo.description || `${percent(slo.objective)} of its events are to be good.`}
      </p>
      <div className={styles['links']}>
        <StatusBadge status={slo.status} />
        <span>{slo.reason}</span>
        <BudgetBar remaining={slo.budget_remaining} />
        <span>{forecast(slo)}</span>
        <span className={styles['quiet']}>{coverage(slo)}</span>
      </div>
      <dl className={styles['facts']}>
        <dt>Objective</dt>
        <dd>
          {percent(slo.objective)} good over {slo.window}: {percent(slo.budget)} may be bad, {badSoFar(slo)}
        </dd>
        {slo.service !== '' && (
          <>
            <dt>Service</dt>
            <dd>
              <Link
                to="/services/$name"
                params={{ name: slo.service }}
                search={{}}
                className={styles['link']}
              >
                {slo.service}
              </Link>
            </dd>
          </>
        )}
        <dt>Events</dt>
        <dd>
          <Numeral value={slo.rate} unit="rate" />
        </dd>
        <dt>Counts</dt>
        <dd>
          <code>{slo.indicator}</code>
        </dd>
      </dl>
    </div>
  );
}

function limitsNote({ alerting, least_bad: least }: WholeSlo): string {
  if (!alerting) return 'it makes no alerts';
  return least === 0 ? '' : `with at least ${least} bad events in the longer window`;
}

/** Each pair of windows beyond whose burn rate somebody is told. */
function Limits({ slo }: { readonly slo: WholeSlo }) {
  return (
    <Section title="When it alerts" note={limitsNote(slo)}>
      <div className={table['scroll']} tabIndex={0} role="region" aria-label="Limits of burn rates">
        <table className={table['table']}>
          <thead>
            <tr>
              <th scope="col">Windows</th>
              <th scope="col" className={table['right']}>
                Limit
              </th>
              <th scope="col" className={table['right']}>
                Now
              </th>
            </tr>
          </thead>
          <tbody>
            {slo.alerts.map(({ severity, long, short, factor, budget_share: gone, possible, burns }) => (
              <tr key={long}>
                <td>
                  {long} and {short}{' '}
                  <span className={styles['quiet']}>
                    {severity}; {percent(gone, 0)} of the budget in {long}
                  </span>
                </td>
                <td className={`${table['right']} num`}>{possible ? times(factor) : 'never'}</td>
                <td className={`${table['right']} num`} data-burns={burns}>
                  {times(slo.burn[long] ?? null)}, {times(slo.burn[short] ?? null)}
                  {burns && ' burns'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {slo.alerts.some(({ possible }) => !possible) && (
        <p className={styles['quiet']}>
          Never: all events failing would not burn the budget of so low an objective that fast.
        </p>
      )}
    </Section>
  );
}

function Alerts({ name }: { readonly name: string }) {
  const { data } = useAlerts({ f: [matcherText('slo', name)] });
  return (
    <Section title="Its alerts">
      {data !== undefined && data.alerts.length === 0 && <p className={styles['quiet']}>None fires.</p>}
      <ul className={styles['plain']}>
        {data?.alerts.map((alert) => (
          <li key={alert.fingerprint} className={own['alert']}>
            <StateMark alert={alert} />
            <Link
              to="/alerts/$fingerprint"
              params={{ fingerprint: alert.fingerprint }}
              search={{}}
              className={styles['link']}
            >
              {sentenceOf(alert) || (alert.labels['alertname'] ?? 'unnamed')}
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** One objective: what is left of its budget, how fast it goes, and who is told when. */
export function SloPage() {
  const { name } = useParams({ from: '/alerts/slos/$name' });
  const { data: slo, error, refetch } = useSlo(name);
  if (error instanceof ApiError && error.status === 404)
    return (
      <>
        <Head title={name} />
        <EmptyState title="There is no such objective">
          It may have left the configuration file. <Link to="/alerts/slos">All objectives</Link>
        </EmptyState>
      </>
    );
  if (error !== null && slo === undefined)
    return <ErrorState what="The objective" error={error} retry={() => void refetch()} />;
  if (slo === undefined) return <Bone height={320} />;
  return (
    <>
      <Head title={slo.name} />
      <Verdict slo={slo} />
      <div className={styles['columns']}>
        <div>
          <SloCharts key={slo.name} slo={slo} />
        </div>
        <div>
          <Alerts name={slo.name} />
          <Limits slo={slo} />
          <Section title="Its rules">
            <details className={ofWhy['thread']}>
              <summary>As a rule file of Prometheus' form</summary>
              <pre className={own['rules']} tabIndex={0}>
                {slo.rules}
              </pre>
            </details>
          </Section>
        </div>
      </div>
    </>
  );
}
