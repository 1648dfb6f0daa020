import { RelativeTime } from '../../ui/figures.tsx';
import { formatValue } from '../../ui/format.ts';
import { ErrorLine, Section } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import { Until } from './breaker-state.tsx';
import styles from './breakers.module.css';
import { ACTION_WORD, scopeInWords } from './rows.ts';
import { useCommands, useProposals } from './use-breakers.ts';

/** What people asked of breakers. */
export function Commands() {
  const { data, error } = useCommands();
  if (error !== null && data === undefined) return <ErrorLine what="The commands" error={error} />;
  if (data === undefined || data.commands.length === 0) return null;
  return (
    <Section title="Commands">
      <div className={table['scroll']} tabIndex={0} role="region" aria-label="Commands that were given">
        <table className={table['table']}>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">What</th>
              <th scope="col">Who and why</th>
              <th scope="col">Reached</th>
              <th scope="col">Ends</th>
            </tr>
          </thead>
          <tbody>
            {data.commands.map((one) => (
              <tr key={one.id}>
                <td>
                  <RelativeTime at={one.at} />
                </td>
                <td>
                  {ACTION_WORD[one.action]}: {scopeInWords(one)}
                </td>
                <td className={styles['wrap']}>
                  {one.by === '' ? 'no login' : one.by}: {one.reason}
                </td>
                <td className="num">
                  {one.applied} of {Math.max(one.targets, one.applied)}
                </td>
                <td>{one.active ? <Until at={one.until} /> : 'over'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

/** A setting as people read it: `timeout` is in ms. */
function written(setting: string, value: number): string {
  return setting === 'timeout' ? formatValue(value / 1000, 'seconds') : value.toLocaleString('en');
}

/** Settings that would have served better; for people to think about. */
export function Proposals() {
  const { data } = useProposals();
  if (data === undefined || data.proposals.length === 0) return null;
  return (
    <Section title="Proposed settings" note="nothing is changed by itself">
      <ul>
        {data.proposals.map((one) => (
          <li key={`${one.service} ${one.name} ${one.setting}`}>
            <b>
              {one.service} / {one.name}: {one.setting} {written(one.setting, one.current)} →{' '}
              {written(one.setting, one.proposed)}
            </b>
            <p className={styles['why']}>{one.why}</p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
