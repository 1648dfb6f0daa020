import { RelativeTime } from '../../ui/figures.tsx';
import { Bone, ErrorLine } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import { BreakerState } from './breaker-state.tsx';
import styles from './breakers.module.css';
import { REASON_WORD } from './rows.ts';
import { useTransitions } from './use-breakers.ts';

type Change = NonNullable<ReturnType<typeof useTransitions>['data']>['transitions'][number];

const keyOf = ({ at, service, name, instance, to }: Change): string =>
  `${at} ${service} ${name} ${instance} ${to}`;

function because({ reason, counts }: Change): string {
  const failed = `: ${counts.total_failures} of ${counts.requests} calls failed`;
  return `${REASON_WORD[reason] ?? reason}${reason === 'tripped' ? failed : ''}`;
}

function WideList({ changes, ofAll }: { readonly changes: readonly Change[]; readonly ofAll: boolean }) {
  return (
    <div className={table['scroll']} tabIndex={0} role="region" aria-label="Changes of state">
      <table className={table['table']}>
        <thead>
          <tr>
            <th scope="col">When</th>
            {ofAll && <th scope="col">Breaker</th>}
            <th scope="col">Instance</th>
            <th scope="col">Became</th>
            <th scope="col">Because</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => (
            <tr key={keyOf(change)}>
              <td>
                <RelativeTime at={change.at} />
              </td>
              {ofAll && (
                <td>
                  {change.service} / {change.name}
                </td>
              )}
              <td className={styles['wrap']}>{change.instance}</td>
              <td>
                <BreakerState state={change.to} />
              </td>
              <td>{because(change)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PhoneList({ changes, ofAll }: { readonly changes: readonly Change[]; readonly ofAll: boolean }) {
  return (
    <ul className={table['list']} aria-label="Changes of state">
      {changes.map((change) => (
        <li key={keyOf(change)}>
          <div>
            <span className={table['listTop']}>
              <span>{ofAll ? `${change.service} / ${change.name}` : change.instance}</span>
              <BreakerState state={change.to} />
            </span>
            <span className={styles['quiet']}>
              <RelativeTime at={change.at} />, {because(change)}
              {ofAll && `; ${change.instance}`}
            </span>
          </div>
        </li>
      ))}
    </ul>
  );
}

/** Changes of state, newest first: of one breaker, or of all. */
export function Transitions({ of }: { readonly of?: { readonly service: string; readonly name: string } }) {
  const { data, error } = useTransitions(of);
  if (data === undefined)
    return error === null ? <Bone height={120} /> : <ErrorLine what="The history" error={error} />;
  if (data.transitions.length === 0)
    return <p className={styles['quiet']}>No breaker changed its state in the last 7 days.</p>;
  return (
    <div className={table['hasList']}>
      {data.partial && (
        <p className={styles['quiet']}>The store does not answer: only the last changes are here.</p>
      )}
      <WideList changes={data.transitions} ofAll={of === undefined} />
      <PhoneList changes={data.transitions} ofAll={of === undefined} />
    </div>
  );
}
