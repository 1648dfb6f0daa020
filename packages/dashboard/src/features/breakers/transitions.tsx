import { RelativeTime } from '../../ui/figures.tsx';
import { Bone, ErrorLine } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import { BreakerState } from './breaker-state.tsx';
import styles from './breakers.module.css';
import { REASON_WORD } from './rows.ts';
import { useTransitions } from './use-breakers.ts';

/** Changes of state, newest first: of one breaker, or of all. */
export function Transitions({ of }: { readonly of?: { readonly service: string; readonly name: string } }) {
  const { data, error } = useTransitions(of);
  if (data === undefined)
    return error === null ? <Bone height={120} /> : <ErrorLine what="The history" error={error} />;
  if (data.transitions.length === 0)
    return <p className={styles['quiet']}>No breaker changed its state in the last 7 days.</p>;
  return (
    <div className={table['scroll']} tabIndex={0} role="region" aria-label="Changes of state">
      {data.partial && (
        <p className={styles['quiet']}>The store does not answer: only the last changes are here.</p>
      )}
      <table className={table['table']}>
        <thead>
          <tr>
            <th scope="col">When</th>
            {of === undefined && <th scope="col">Breaker</th>}
            <th scope="col">Instance</th>
            <th scope="col">Became</th>
            <th scope="col">Because</th>
          </tr>
        </thead>
        <tbody>
          {data.transitions.map((t) => (
            <tr key={`${t.at} ${t.service} ${t.name} ${t.instance} ${t.to}`}>
              <td>
                <RelativeTime at={t.at} />
              </td>
              {of === undefined && (
                <td>
                  {t.service} / {t.name}
                </td>
              )}
              <td className={styles['wrap']}>{t.instance}</td>
              <td>
                <BreakerState state={t.to} />
              </td>
              <td>
                {REASON_WORD[t.reason] ?? t.reason}
                {t.reason === 'tripped' &&
                  `: ${t.counts.total_failures} of ${t.counts.requests} calls failed`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
