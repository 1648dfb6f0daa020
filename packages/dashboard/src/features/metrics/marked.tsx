import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useZone } from '../../time/use-range.ts';
import { formatInstant } from '../../ui/format.ts';
import shell from '../../ui/page.module.css';
import styles from './explorer.module.css';
import type { ExplorerSearch } from './search.ts';

/** The request that led here: its instant (epoch ms), and its trace. */
export interface Mark {
  readonly at: number;
  readonly trace: string;
}

/** The request that the address marks; null where it marks none. */
export function useMark({ mark, trace }: ExplorerSearch): Mark | null {
  return useMemo(
    () => (mark === undefined || trace === undefined ? null : { at: mark, trace }),
    [mark, trace],
  );
}

/** Says what is marked, and leads back. */
export function Marked({ mark: { at, trace } }: { readonly mark: Mark }) {
  const [zone] = useZone();
  return (
    <p className={styles['quiet']}>
      The dashed line is the request of {formatInstant(at, zone)}:{' '}
      <Link to="/traces/$traceId" params={{ traceId: trace }} className={shell['linkish']}>
        its trace
      </Link>
    </p>
  );
}
