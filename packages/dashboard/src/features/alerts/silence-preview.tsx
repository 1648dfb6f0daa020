import { ErrorLine } from '../../ui/states.tsx';
import styles from './alerts.module.css';
import type { Alert, ApiMatcher } from './contracts.ts';
import { LabelChips } from './label-chips.tsx';
import ofSilences from './silences.module.css';
import { StateMark } from './state-mark.tsx';
import { usePreview } from './use-alerts.ts';

const MOST_SHOWN = 20;

/** "It touches 5 alerts, 2 of them nobody chose" */
function sentence(total: number, touched: readonly Alert[], chosen: readonly Alert[]): string {
  if (total === 0) return 'It touches no alert that there is now; those to come it does.';
  const words = `It touches ${total.toLocaleString('en')} ${total === 1 ? 'alert' : 'alerts'}`;
  if (chosen.length === 0) return `${words}.`;
  const ids = new Set(chosen.map(({ fingerprint }) => fingerprint));
  // Beyond what the answer lists only the number is known.
  const others =
    total === touched.length
      ? touched.filter(({ fingerprint }) => !ids.has(fingerprint)).length
      : Math.max(0, total - chosen.length);
  if (others === 0) return `${words}, as chosen.`;
  return `${words}; ${others.toLocaleString('en')} of them ${others === 1 ? 'was' : 'were'} not chosen.`;
}

/** The alerts that a silence would keep quiet now, before it does. */
export function SilencePreview({
  matchers,
  chosen,
}: {
  readonly matchers: readonly ApiMatcher[];
  readonly chosen: readonly Alert[];
}) {
  const { data, error } = usePreview(matchers);
  if (matchers.length === 0) return null;
  if (error !== null) return <ErrorLine what="What it touches" error={error} />;
  if (data === undefined) return null;
  return (
    <section aria-label="What it touches">
      <p role="status">{sentence(data.total, data.alerts, chosen)}</p>
      <ul className={ofSilences['previewed']}>
        {data.alerts.slice(0, MOST_SHOWN).map((alert) => (
          <li key={alert.fingerprint}>
            <StateMark alert={alert} /> <b>{alert.labels['alertname']}</b>{' '}
            <LabelChips labels={alert.labels} without={['alertname']} />
          </li>
        ))}
      </ul>
      {data.total > MOST_SHOWN && (
        <p className={styles['quiet']}>and {(data.total - MOST_SHOWN).toLocaleString('en')} more</p>
      )}
    </section>
  );
}
