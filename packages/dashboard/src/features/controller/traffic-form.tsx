import { Button, NumberInput, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { TRAFFIC_MODES, type Traffic } from '../../api/controller.ts';
import { useSetTraffic } from '../../api/controller-queries.ts';
import { formatValue } from '../../ui/format.ts';
import { Section } from '../../ui/states.tsx';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import styles from './controller.module.css';

interface Draft {
  readonly mode: Traffic['mode'];
  readonly rate: number;
  readonly users: number;
  readonly period: number;
}

const MODES: Readonly<Record<Traffic['mode'], string>> = {
  off: 'Off',
  steady: 'Steady',
  bursty: 'Bursty',
  diurnal: 'Day and night',
};

function numeric(value: number | string, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

/** How much traffic the shop gets, and in which shape. */
export function TrafficForm({ traffic }: { readonly traffic: Traffic }) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const set = useSetTraffic();
  const shown = draft ?? {
    mode: traffic.mode,
    rate: traffic.rate,
    users: traffic.users,
    period: traffic.period_seconds,
  };
  const edit = (change: Partial<Draft>): void => setDraft({ ...shown, ...change });
  const apply = (): void => {
    const { mode, rate, users, period } = shown;
    set.mutate(
      { mode, rate, users, period_seconds: period },
      {
        onSuccess: () => {
          setDraft(null);
          toastDone(
            mode === 'off'
              ? 'Traffic stopped'
              : `Traffic is ${MODES[mode].toLowerCase()} at ${rate} requests per second`,
          );
        },
        onError: (error) => toastFailed('The traffic stays as it was', error),
      },
    );
  };
  const waves = shown.mode === 'bursty' || shown.mode === 'diurnal';
  return (
    <Section title="Traffic">
      <div className={styles['form']}>
        <SegmentedControl
          size="xs"
          aria-label="Shape of the traffic"
          value={shown.mode}
          onChange={(value) => edit({ mode: TRAFFIC_MODES.find((mode) => mode === value) ?? 'steady' })}
          data={TRAFFIC_MODES.map((mode) => ({ value: mode, label: MODES[mode] }))}
        />
        <div className={styles['row']}>
          <NumberInput
            size="xs"
            label="Requests per second, on average"
            min={0.1}
            max={200}
            clampBehavior="blur"
            value={shown.rate}
            disabled={shown.mode === 'off'}
            onChange={(value) => edit({ rate: numeric(value, shown.rate) })}
          />
          <NumberInput
            size="xs"
            label="Shoppers"
            min={1}
            max={50}
            value={shown.users}
            disabled={shown.mode === 'off'}
            onChange={(value) => edit({ users: numeric(value, shown.users) })}
          />
        </div>
        {waves && (
          <NumberInput
            size="xs"
            label={shown.mode === 'bursty' ? 'Length of a burst cycle, seconds' : 'Length of a day, seconds'}
            min={10}
            max={86_400}
            value={shown.period}
            onChange={(value) => edit({ period: numeric(value, shown.period) })}
          />
        )}
        <div>
          <Button size="xs" onClick={apply} loading={set.isPending} disabled={draft === null}>
            Apply
          </Button>
        </div>
      </div>
      <TrafficFacts traffic={traffic} />
    </Section>
  );
}

function TrafficFacts({ traffic }: { readonly traffic: Traffic }) {
  const statuses = Object.entries(traffic.by_status).filter(([, count]) => count > 0);
  return (
    <div className={`${styles['facts']} num`}>
      <span>
        now <b>{formatValue(traffic.current_rate, 'rate')}</b>
      </span>
      <span>
        sent <b>{formatValue(traffic.sent_total, 'count')}</b>
      </span>
      {statuses.map(([status, count]) => (
        <span key={status}>
          {status} <b>{formatValue(count, 'count')}</b>
        </span>
      ))}
      {traffic.dropped_total > 0 && (
        <span>
          left out, because answers were late <b>{formatValue(traffic.dropped_total, 'count')}</b>
        </span>
      )}
    </div>
  );
}
