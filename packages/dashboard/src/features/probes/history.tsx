import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useZone } from '../../time/use-range.ts';
import { TimeSeriesChart } from '../../ui/chart/time-series-chart.tsx';
import { formatDate, formatDuration, formatValue, type Zone } from '../../ui/format.ts';
import { Bone, ErrorLine, Section } from '../../ui/states.tsx';
import type { ProbeDetail, ProbeHistory } from './contracts.ts';
import styles from './probes.module.css';
import { phaseInWords } from './test-result.tsx';
import { useProbeHistory } from './use-probes.ts';

const WINDOWS = [
  { value: '24', label: '24 h' },
  { value: '168', label: '7 d' },
  { value: '720', label: '30 d' },
  { value: '2160', label: '90 d' },
];

function titleOf(value: number | null, from: number, step: number, zone: Zone): string {
  const when = `${formatDate(from, 'day', zone)}, ${formatDate(from, 'minutes', zone)}, ${formatDuration(step)}`;
  return `${when}: ${value === null ? 'nothing known' : `${formatValue(value, 'availability')} up`}`;
}

/** One bar for each step: full when it was up all the time, shorter for the share that it was not. */
function UptimeBars({ history }: { readonly history: ProbeHistory }) {
  const [zone] = useZone();
  const { up, start, step, uptime } = history;
  return (
    <div
      className={styles['bars']}
      role="img"
      aria-label={uptime === null ? 'no uptime is known' : `${formatValue(uptime, 'availability')} up`}
    >
      {up.map((value, index) => (
        <i
          key={index}
          data-known={value !== null}
          title={titleOf(value, start + (index - 1) * step, step, zone)}
        >
          <b style={{ height: `${(1 - (value ?? 1)) * 100}%` }} data-any={value !== null && value < 1} />
        </i>
      ))}
    </div>
  );
}

/** Where the time of the looks went, phase by phase, or how long they took. */
function Durations({ history }: { readonly history: ProbeHistory }) {
  const { phases, duration, start, step } = history;
  const data = useMemo(() => {
    const known = Object.entries(phases);
    const rows =
      known.length > 0
        ? known.map(([phase, values]) => ({ name: phaseInWords(phase), values: values.map(inSeconds) }))
        : [{ name: 'look', values: duration.map(inSeconds) }];
    return { rows, times: duration.map((_, index) => (start + index * step) / 1000) };
  }, [phases, duration, start, step]);
  const end = start + (duration.length - 1) * step;
  if (duration.every((value) => value === null)) return null;
  return (
    <TimeSeriesChart
      title="Time of a look"
      unit="seconds"
      times={data.times}
      rows={data.rows}
      range={{ kind: 'absolute', from: start - step, to: end }}
      asOf={end}
      stacked={data.rows.length > 1}
      height={160}
    />
  );
}

function inSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

export function History({ probe }: { readonly probe: ProbeDetail }) {
  const [hours, setHours] = useState('24');
  const { data, error } = useProbeHistory(probe.id, Number(hours));
  return (
    <Section
      title="Uptime"
      note={data?.uptime == null ? undefined : `${formatValue(data.uptime, 'availability')} up`}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="How far back"
          data={WINDOWS}
          value={hours}
          onChange={setHours}
        />
      }
    >
      {error !== null && data === undefined && <ErrorLine what="The history" error={error} />}
      {data === undefined && error === null && <Bone height={200} />}
      {data !== undefined && (
        <>
          <UptimeBars history={data} />
          {probe.type !== 'heartbeat' && <Durations history={data} />}
        </>
      )}
    </Section>
  );
}
