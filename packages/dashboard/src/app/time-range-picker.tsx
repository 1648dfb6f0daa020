import { Button, Popover, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import { boundsOf, parseDuration, QUICK_RANGES, type TimeRange } from '../time/range.ts';
import { useTimeRange, useZone } from '../time/use-range.ts';
import { formatClock, formatDuration, type Zone } from '../ui/format.ts';
import { IconChevronDown } from '../ui/icons.ts';
import styles from './time-range-picker.module.css';

function label(range: TimeRange, zone: Zone): string {
  if (range.kind === 'relative') {
    return (
      QUICK_RANGES.find((quick) => quick.range === range.range)?.label ??
      `Last ${formatDuration(range.seconds * 1000)}`
    );
  }
  const now = Date.now();
  return `${formatClock(range.from, now, zone)} – ${formatClock(range.to, now, zone)}`;
}

/** The value of a `datetime-local` input for an instant, in the zone shown. */
function toInput(at: number, zone: Zone): string {
  const shifted = zone === 'utc' ? at : at - new Date(at).getTimezoneOffset() * 60_000;
  return new Date(shifted).toISOString().slice(0, 16);
}

function fromInput(text: string, zone: Zone): number {
  return Date.parse(zone === 'utc' ? `${text}Z` : text);
}

function Custom({
  range,
  zone,
  choose,
}: {
  readonly range: TimeRange;
  readonly zone: Zone;
  readonly choose: (range: TimeRange) => void;
}) {
  const bounds = boundsOf(range, Date.now());
  const [from, setFrom] = useState(() => toInput(bounds.from, zone));
  const [to, setTo] = useState(() => toInput(bounds.to, zone));
  const [last, setLast] = useState('');
  const seconds = parseDuration(last);
  const start = fromInput(from, zone);
  const end = fromInput(to, zone);
  const problem = Number.isNaN(start) || Number.isNaN(end) || end - start < 10_000;
  return (
    <div className={styles['custom']}>
      <form
        className={styles['last']}
        onSubmit={(event) => {
          event.preventDefault();
          if (seconds !== null)
            choose({ kind: 'relative', range: last.trim().toLowerCase().replaceAll(' ', ''), seconds });
        }}
      >
        <TextInput
          size="xs"
          label="Last"
          placeholder="45m, 1h30m, 3d"
          value={last}
          onChange={(event) => setLast(event.currentTarget.value)}
          error={last !== '' && seconds === null ? 'A number and s, m, h, d or w' : undefined}
          autoComplete="off"
        />
        <Button size="xs" variant="default" type="submit" disabled={seconds === null}>
          Show
        </Button>
      </form>
      <TextInput
        size="xs"
        type="datetime-local"
        label="From"
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
      />
      <TextInput
        size="xs"
        type="datetime-local"
        label="To"
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
        error={problem ? 'Must be after the start' : undefined}
      />
      <Button size="xs" disabled={problem} onClick={() => choose({ kind: 'absolute', from: start, to: end })}>
        Show this time
      </Button>
    </div>
  );
}

export function TimeRangePicker() {
  const [opened, setOpened] = useState(false);
  const [range, setRange] = useTimeRange();
  const [zone, setZone] = useZone();
  const choose = (next: TimeRange): void => {
    setRange(next);
    setOpened(false);
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          rightSection={<IconChevronDown size={14} />}
          onClick={() => setOpened((open) => !open)}
          aria-label={`Time range: ${label(range, zone)}`}
        >
          {label(range, zone)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label="Time range">
        <div className={styles['panel']}>
          <div className={styles['quick']}>
            {QUICK_RANGES.map((quick) => (
              <button
                key={quick.range}
                type="button"
                data-chosen={range.kind === 'relative' && range.range === quick.range}
                onClick={() =>
                  choose({
                    kind: 'relative',
                    range: quick.range,
                    seconds: parseDuration(quick.range) ?? 3600,
                  })
                }
              >
                {quick.label}
              </button>
            ))}
          </div>
          <div className={styles['side']}>
            <Custom key={zone} range={range} zone={zone} choose={choose} />
            <SegmentedControl
              size="xs"
              fullWidth
              aria-label="Time zone"
              value={zone}
              onChange={(value) => setZone(value === 'utc' ? 'utc' : 'local')}
              data={[
                { value: 'local', label: 'My time zone' },
                { value: 'utc', label: 'UTC' },
              ]}
            />
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
