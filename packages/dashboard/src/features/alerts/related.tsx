import { Link } from '@tanstack/react-router';
import { linesOfService, metricsOfService } from '../../joins/links.ts';
import { Section } from '../../ui/states.tsx';
import styles from './alerts.module.css';
import type { Alert } from './contracts.ts';
import { serviceOf } from './rows.ts';

const BEFORE_MS = 600_000;
/** What is younger stands in the range of now, which goes on by itself. */
const RECENT_MS = 300_000;

/** The time in which an alert began, as search parameters. */
function timeOf({ since, active_at: activeAt }: Alert, now: number) {
  const began = activeAt ?? since;
  if (now - began < RECENT_MS) return { range: undefined, from: undefined, to: undefined };
  return { range: undefined, from: began - BEFORE_MS, to: Math.min(now, began + BEFORE_MS) };
}

/** From an alert to the service it is about: its page, its logs, its traces and errors around the time it began. */
export function Related({ alert }: { readonly alert: Alert }) {
  const service = serviceOf(alert);
  if (service === null)
    return (
      <Section title="What belongs to it">
        <p className={styles['quiet']}>No label names a service: give the rule a label service.</p>
      </Section>
    );
  const time = timeOf(alert, Date.now());
  return (
    <Section title="What belongs to it" note="around the time it began">
      <ul className={styles['related']}>
        <li>
          <Link to="/services/$name" params={{ name: service }} search={time} className={styles['link']}>
            {service}
          </Link>
        </li>
        <li>
          <Link to="/logs" search={{ ...time, q: linesOfService(service) }} className={styles['link']}>
            Its logs
          </Link>
        </li>
        <li>
          <Link to="/traces" search={{ ...time, service, error: true }} className={styles['link']}>
            Its failed traces
          </Link>
        </li>
        <li>
          <Link to="/traces" search={{ ...time, service, sort: 'slowest' }} className={styles['link']}>
            Its slowest traces
          </Link>
        </li>
        <li>
          <Link to="/errors" search={{ service }} className={styles['link']}>
            Its errors
          </Link>
        </li>
        <li>
          <Link to="/explore" search={{ ...time, q: metricsOfService(service) }} className={styles['link']}>
            Its metrics
          </Link>
        </li>
        <li>
          <Link to="/incidents/health" search={{ ...time, service }} className={styles['link']}>
            Its health
          </Link>
        </li>
      </ul>
    </Section>
  );
}
