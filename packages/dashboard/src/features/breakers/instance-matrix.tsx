import { Section } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import { BreakerState } from './breaker-state.tsx';
import styles from './breakers.module.css';
import type { Breaker } from './contracts.ts';
import { matrixOf, type ServiceMatrix } from './matrix.ts';

/** Instances of a service that are drawn; the worst come first. */
const MOST_ROWS = 100;

function OfService({ matrix: { service, breakers, rows } }: { readonly matrix: ServiceMatrix }) {
  const shown = rows.slice(0, MOST_ROWS);
  const note = rows.length > shown.length ? `the worst ${shown.length} of ${rows.length} instances` : '';
  return (
    <Section title={service} note={note}>
      <div
        className={table['scroll']}
        tabIndex={0}
        role="region"
        aria-label={`Breakers of ${service} by instance`}
      >
        <table className={table['table']}>
          <thead>
            <tr>
              <th scope="col">Instance</th>
              {breakers.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ instance, version, status, cells }) => (
              <tr key={instance}>
                <th scope="row">
                  {instance}{' '}
                  <span className={styles['quiet']}>
                    {version} {status === 'live' ? '' : status}
                  </span>
                </th>
                {cells.map((cell, column) => (
                  <td key={breakers[column]}>
                    {cell === undefined ? (
                      <span className={styles['quiet']}>none</span>
                    ) : (
                      <BreakerState state={cell.state} forced={cell.forced} until={cell.forced_until} />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

/** Every breaker on every instance, service by service: whether one process has a problem, or all of them. */
export function InstanceMatrix({ rows }: { readonly rows: readonly Breaker[] }) {
  return matrixOf(rows).map((matrix) => <OfService key={matrix.service} matrix={matrix} />);
}
