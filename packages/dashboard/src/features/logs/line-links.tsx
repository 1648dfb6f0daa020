import { Link } from '@tanstack/react-router';
import { logsOfTrace, metricsOfLine } from '../../joins/links.ts';
import type { LogLine } from './lines.ts';
import styles from './logs.module.css';

interface LineLinksProps {
  readonly line: LogLine;
  readonly traceId: string;
}

/** From a line to its trace, to what every service wrote for it, and to what its service answered then. */
export function LineLinks({ line: { service, at }, traceId }: LineLinksProps) {
  return (
    <>
      <Link to="/traces/$traceId" params={{ traceId }} className={styles['linkish']}>
        Its trace
      </Link>
      <Link to="/logs" search={logsOfTrace({ traceId, at, durationMs: 0 })} className={styles['linkish']}>
        Its logs
      </Link>
      <Link
        to="/explore"
        search={metricsOfLine({ traceId, service, at }, Date.now())}
        className={styles['linkish']}
      >
        Its metrics
      </Link>
    </>
  );
}
