import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Fault, TruthEntry } from '../../api/controller.ts';
import { useEndFault } from '../../api/controller-queries.ts';
import { useZone } from '../../time/use-range.ts';
import { Lasting } from '../../ui/figures.tsx';
import { formatClock, formatDuration } from '../../ui/format.ts';
import { Section } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import styles from './controller.module.css';
import { spoken, spokenParams } from './words.ts';

function ServiceLink({ name }: { readonly name: string }) {
  return (
    <Link to="/services/$name" params={{ name }} search={true} className={styles['service']}>
      {name}
    </Link>
  );
}

export function ActiveFaults({ faults }: { readonly faults: readonly Fault[] }) {
  const end = useEndFault();
  const [zone] = useZone();
  const active = faults.filter((fault) => fault.state !== 'ended');
  const stop = (id: string | null): void => {
    end.mutate(id, {
      onSuccess: () => toastDone(id === null ? 'All faults ended' : 'Fault ended'),
      onError: (error) => toastFailed('The fault goes on', error),
    });
  };
  return (
    <Section
      title="Active faults"
      actions={
        active.length > 1 && (
          <Button size="compact-xs" variant="default" onClick={() => stop(null)}>
            End all
          </Button>
        )
      }
    >
      {active.length === 0 ? (
        <p className={styles['note']}>Nothing is broken on purpose. What looks wrong now is really wrong.</p>
      ) : (
        <div className={table['scroll']}>
          <table className={table['table']}>
            <thead>
              <tr>
                <th>What</th>
                <th>Where</th>
                <th>Lasts</th>
                <th className={table['right']}>
                  <span className="sr-only">End it</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {active.map((fault) => (
                <tr key={fault.id}>
                  <td>
                    <span className={styles['what']}>{spoken(fault.kind)}</span>
                    <div className={table['quiet']}>{spokenParams(fault.params)}</div>
                    {fault.error != null && <div className={styles['bad']}>{fault.error}</div>}
                  </td>
                  <td>
                    <ServiceLink name={fault.service} />
                  </td>
                  <td className={table['soft']}>
                    <Lasting since={fault.from} />
                    <div className={table['quiet']}>
                      {fault.until === null
                        ? 'until ended'
                        : `until ${formatClock(fault.until, fault.from, zone, true)}`}
                    </div>
                  </td>
                  <td className={styles['end']}>
                    <Button
                      size="compact-xs"
                      variant="default"
                      onClick={() => stop(fault.id)}
                      aria-label={`End ${spoken(fault.kind)} on ${fault.service}`}
                    >
                      End
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

const MOST_SHOWN = 100;

/** What was really wrong, where and when: what every verdict of Pharos can be held against. */
export function TruthLog({
  entries,
  total,
}: {
  readonly entries: readonly TruthEntry[];
  readonly total: number;
}) {
  const [zone] = useZone();
  const newest = entries.toReversed().slice(0, MOST_SHOWN);
  return (
    <Section
      title="Ground truth"
      note={total > newest.length ? `the last ${newest.length} of ${total}` : undefined}
    >
      {newest.length === 0 ? (
        <p className={styles['note']}>No fault has been started yet.</p>
      ) : (
        <div className={table['hasList']}>
          <div className={table['scroll']}>
            <table className={table['table']}>
              <thead>
                <tr>
                  <th>From</th>
                  <th>Lasted</th>
                  <th>Where</th>
                  <th>What</th>
                  <th>True cause</th>
                </tr>
              </thead>
              <tbody>
                {newest.map((entry) => (
                  <tr key={entry.id}>
                    <td className="num">{formatClock(entry.from, Date.now(), zone, true)}</td>
                    <td className="num">
                      {entry.to === null ? (
                        <Lasting since={entry.from} />
                      ) : (
                        formatDuration(entry.to - entry.from)
                      )}
                    </td>
                    <td>
                      <ServiceLink name={entry.where} />
                    </td>
                    <td>{spoken(entry.what)}</td>
                    <td className={`${table['soft']} ${table['cut']}`} title={spokenParams(entry.parameters)}>
                      {entry.cause}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <ul className={table['list']}>
            {newest.map((entry) => (
              <li key={entry.id}>
                <div>
                  <span className={table['listTop']}>
                    <ServiceLink name={entry.where} />
                    <span>{spoken(entry.what)}</span>
                  </span>
                  <span className={`${table['quiet']} num`}>
                    {formatClock(entry.from, Date.now(), zone, true)},{' '}
                    {entry.to === null ? (
                      <Lasting since={entry.from} />
                    ) : (
                      `for ${formatDuration(entry.to - entry.from)}`
                    )}
                  </span>
                  <span className={table['soft']}>{entry.cause}</span>
                </div>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Section>
  );
}
