import { Link } from '@tanstack/react-router';
import styles from './joins.module.css';
import { logsOfTrace, metricsOfRequest, type TracedRequest } from './links.ts';

/** From a request to what every service wrote for it, and to the metrics it counts in. */
export function RequestLinks({ request }: { readonly request: TracedRequest }) {
  return (
    <span className={styles['links']}>
      <Link to="/logs" search={logsOfTrace(request)} className={styles['link']}>
        Its logs
      </Link>
      <Link to="/explore" search={metricsOfRequest(request, Date.now())} className={styles['link']}>
        Its metrics
      </Link>
    </span>
  );
}
