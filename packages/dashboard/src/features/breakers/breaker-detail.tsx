import { Drawer } from '@mantine/core';
import { RelativeTime } from '../../ui/figures.tsx';
import { formatDuration } from '../../ui/format.ts';
import { Section } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import { BreakerState, Since } from './breaker-state.tsx';
import styles from './breakers.module.css';
import { CommandForm } from './command-form.tsx';
import type { Breaker } from './contracts.ts';
import { Transitions } from './transitions.tsx';

const IN_MS: ReadonlySet<string> = new Set(['timeout', 'interval', 'resetTimeout', 'halfOpenAfter']);

function Settings({ breaker }: { readonly breaker: Breaker }) {
  const entries = Object.entries(breaker.settings);
  if (entries.length === 0) return null;
  const words = entries.map(([name, value]) => `${name} ${IN_MS.has(name) ? formatDuration(value) : value}`);
  return (
    <p className={styles['why']}>
      {breaker.kind}: {words.join(', ')}
    </p>
  );
}

function Instances({ breaker }: { readonly breaker: Breaker }) {
  return (
    <div className={table['scroll']} tabIndex={0} role="region" aria-label="Instances">
      <table className={table['table']}>
        <thead>
          <tr>
            <th scope="col">Instance</th>
            <th scope="col">State</th>
            <th scope="col">Lasts</th>
            <th scope="col">Calls failed</th>
            <th scope="col">Heard of</th>
          </tr>
        </thead>
        <tbody>
          {breaker.instances.map((one) => (
            <tr key={one.instance}>
              <td className={styles['wrap']}>{one.instance}</td>
              <td>
                <BreakerState state={one.state} forced={one.forced} until={one.forced_until} />
              </td>
              <td>
                <Since at={one.last_change} />
              </td>
              <td className="num">
                {one.counts.total_failures} of {one.counts.requests}
              </td>
              <td>
                {one.status === 'live' ? 'now' : one.status}{' '}
                {one.status !== 'live' && one.last_seen !== null && <RelativeTime at={one.last_seen} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** One breaker: its instances, what can be done, and what it did. */
export function BreakerDetail({
  breaker,
  close,
}: {
  readonly breaker: Breaker | null;
  readonly close: () => void;
}) {
  return (
    <Drawer
      opened={breaker !== null}
      onClose={close}
      position="right"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
      title={breaker === null ? '' : `${breaker.service} / ${breaker.name}`}
    >
      {breaker !== null && (
        <>
          <Settings breaker={breaker} />
          <Section title="Instances">
            <Instances breaker={breaker} />
          </Section>
          <Section title="Command it">
            <CommandForm key={`${breaker.service} ${breaker.name}`} breaker={breaker} />
          </Section>
          <Section title="What it did" note="last 7 days">
            <Transitions of={breaker} />
          </Section>
        </>
      )}
    </Drawer>
  );
}
