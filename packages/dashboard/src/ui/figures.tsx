import { Tooltip } from '@mantine/core';
import { useNow } from '../time/use-now.ts';
import { useZone } from '../time/use-range.ts';
import {
  compare,
  formatAgo,
  formatDuration,
  formatInstant,
  formatParts,
  NO_VALUE,
  type Unit,
} from './format.ts';
import { IconArrowDown, IconArrowUp } from './icons.ts';
import styles from './ui.module.css';

/** A figure with its unit standing quieter beside it. */
export function Numeral({ value, unit }: { readonly value: number | null | undefined; readonly unit: Unit }) {
  const parts = formatParts(value, unit);
  if (parts.value === NO_VALUE) {
    return (
      <span className={`num ${styles['none']}`}>
        {NO_VALUE}
        <span className="sr-only">no data</span>
      </span>
    );
  }
  return (
    <span className="num">
      {parts.value}
      {parts.unit !== '' && <span className={styles['unit']}>{parts.unit}</span>}
    </span>
  );
}

export interface DeltaProps {
  readonly now: number | null;
  readonly before: number | null | undefined;
  readonly unit: Unit;
  /** What it is compared with, e.g. "vs. 5 min before". */
  readonly against: string;
  /** What it means that there is no figure now: "no requests in 5 min". */
  readonly absent: string;
}

/** The change against the window before, in words; quiet on purpose, since a change is not an alarm. */
export function Delta({ now, before, unit, against, absent }: DeltaProps) {
  const change = compare(now, before, unit);
  if (change.trend === 'none')
    return <span className={styles['delta']}>{now === null ? absent : 'new'}</span>;
  const Arrow = change.trend === 'up' ? IconArrowUp : change.trend === 'down' ? IconArrowDown : null;
  return (
    <span className={styles['delta']}>
      {Arrow !== null && <Arrow size={12} aria-hidden />}
      {change.text} {against}
    </span>
  );
}

/** "12 min ago", exact on hover, and kept true while the page is open. */
export function RelativeTime({ at }: { readonly at: number }) {
  const coarse = useNow(1000);
  const [zone] = useZone();
  return (
    <Tooltip label={formatInstant(at, zone)} openDelay={300}>
      <time className="num" dateTime={new Date(at).toISOString()}>
        {formatAgo(at, Math.max(coarse, at))}
      </time>
    </Tooltip>
  );
}

/** How long something lasts already: "for 12 min". */
export function Lasting({ since }: { readonly since: number }) {
  const now = useNow(1000);
  const [zone] = useZone();
  return (
    <Tooltip label={`since ${formatInstant(since, zone)}`} openDelay={300}>
      <time className="num" dateTime={new Date(since).toISOString()}>
        for {formatDuration(now - since)}
      </time>
    </Tooltip>
  );
}
