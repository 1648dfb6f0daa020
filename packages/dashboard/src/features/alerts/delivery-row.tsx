import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import type { Status } from '../../api/contracts.ts';
import { RelativeTime } from '../../ui/figures.tsx';
import { formatDuration } from '../../ui/format.ts';
import { StatusIcon } from '../../ui/status.tsx';
import type { Delivery, DeliveryState } from './contracts.ts';
import styles from './deliveries.module.css';
import { reasonOf, subjectOf } from './delivery-words.ts';

export const LOOKS: Readonly<Record<DeliveryState, Status>> = {
  failed: 'unhealthy',
  waiting: 'degraded',
  sent: 'healthy',
  superseded: 'unknown',
};
/** A message that took less needs no word about it. */
const LONG_MS = 1000;

/** Which alerts it was about, each with the way to it. */
function About({ delivery }: { readonly delivery: Delivery }) {
  const { alerts, more } = subjectOf(delivery);
  return (
    <span className={styles['about']}>
      {alerts.map(({ fingerprint, title }, index) => (
        <Fragment key={fingerprint}>
          {index > 0 && ', '}
          <Link to="/alerts/$fingerprint" params={{ fingerprint }} search={{}} className={styles['alert']}>
            {title}
          </Link>
        </Fragment>
      ))}
      {more > 0 && alerts.length > 0 && ` and ${more.toLocaleString('en')} more`}
    </span>
  );
}

/** One message: whether it arrived, what it was about, whom it went to and why, and when. */
export function DeliveryRow({ delivery }: { readonly delivery: Delivery }) {
  const { state, receiver, integration, group, attempts, alerts, error, at, planned_at: planned } = delivery;
  return (
    <div className={styles['delivery']}>
      <span className={styles['state']}>
        <StatusIcon status={LOOKS[state]} size={14} />
        {state}
      </span>
      <span className={styles['what']}>
        <About delivery={delivery} />
        <span className={error === '' ? styles['quiet'] : styles['wrong']}>
          <b>{receiver}</b> {integration}: {error === '' ? reasonOf(delivery) : error}
          {delivery.may_be_duplicate && '; may have come twice'}
        </span>
      </span>
      <span className={styles['quiet']} title={group}>
        {alerts === 1 ? '1 alert' : `${alerts.toLocaleString('en')} alerts`},{' '}
        {attempts === 1 ? '1 try' : `${attempts} tries`}
        {state === 'sent' && at - planned >= LONG_MS && `, took ${formatDuration(at - planned)}`}
      </span>
      <span className={styles['when']}>
        <RelativeTime at={at} />
      </span>
    </div>
  );
}
