import { useNow } from '../../time/use-now.ts';
import { IconPlayerPause } from '../../ui/icons.ts';
import { StatusBadge } from '../../ui/status.tsx';
import type { ProbeRow } from './contracts.ts';
import styles from './probes.module.css';
import { certificateDays } from './words.ts';

/** A probe's state in shape, colour and word. */
export function ProbeState({ row }: { readonly row: ProbeRow }) {
  if (row.paused)
    return (
      <span className={styles['paused']}>
        <IconPlayerPause size={14} aria-hidden />
        paused
      </span>
    );
  return <StatusBadge status={row.status} />;
}

const SOON_DAYS = 14;

/** "63 d" until the certificate expires; soon, and past, stand out. */
export function Certificate({ row }: { readonly row: ProbeRow }) {
  const days = certificateDays(row, useNow(60_000));
  if (days === null) return <span className={styles['quiet']}>–</span>;
  if (days < 0) return <span className={styles['bad']}>expired</span>;
  return (
    <span className={`num ${days < SOON_DAYS ? styles['warn'] : ''}`}>
      {days.toLocaleString('en')}
      {'\u202f'}d
    </span>
  );
}
