import { Link } from '@tanstack/react-router';
import { useZone } from '../../../time/use-range.ts';
import { withClocks } from '../../../ui/format.ts';
import { Bone, ErrorLine, Section } from '../../../ui/states.tsx';
import type { AlertIncident, Suspect } from './contracts.ts';
import styles from './incident.module.css';
import { useSuspects } from './use-incidents.ts';

const MOST_SUSPECTS = 3;
const MOST_EVIDENCE = 3;
const MOST_OTHERS = 5;
const NOBODY = { suspects: [], others: [] };

function SuspectItem({ suspect }: { readonly suspect: Suspect }) {
  const { name, service, score, reason, evidence, actions } = suspect;
  const [zone] = useZone();
  return (
    <li>
      <p>
        <b>
          {service === '' ? (
            name
          ) : (
            <Link to="/services/$name" params={{ name: service }} search={{}} className={styles['link']}>
              {name}
            </Link>
          )}
        </b>{' '}
        <span className={styles['quiet']}>
          score {score.toFixed(2)}; {reason.text}
        </span>
      </p>
      <ul className={styles['evidence']}>
        {evidence.slice(0, MOST_EVIDENCE).map(({ id, message }) => (
          <li key={id}>{withClocks(message, Date.now(), zone)}</li>
        ))}
      </ul>
      {actions[0] !== undefined && <p className={styles['said']}>Next: {actions[0]}</p>}
    </li>
  );
}

/** What was out of order at the same time without being a cause, so that nobody looks for it in vain. */
function Others({ suspects }: { readonly suspects: readonly Suspect[] }) {
  const names = [...new Set(suspects.map(({ name, service }) => (service === '' ? name : service)))];
  if (names.length === 0) return null;
  return (
    <p className={styles['quiet']}>
      Not well at that time too: {names.slice(0, MOST_OTHERS).join(', ')}
      {names.length > MOST_OTHERS && ` and ${names.length - MOST_OTHERS} more`}
    </p>
  );
}

/** Where the answer to "why" stands: for now what the analysis suspects, which nobody has confirmed. */
export function RootCause({ incident }: { readonly incident: AlertIncident }) {
  const { data, error } = useSuspects(incident);
  const { suspects: causes, others } = data ?? NOBODY;
  return (
    <Section title="Root cause" note="suspects, counted from evidence; nobody confirmed them">
      {error !== null && <ErrorLine what="What is suspected" error={error} />}
      {data === undefined && error === null && <Bone height={64} />}
      {data !== undefined && causes.length === 0 && (
        <p className={styles['quiet']}>{data.no_suspect} What you find out, write down as a note.</p>
      )}
      {causes.length > 0 && (
        <ol className={styles['suspects']}>
          {causes.slice(0, MOST_SUSPECTS).map((suspect) => (
            <SuspectItem key={suspect.rank} suspect={suspect} />
          ))}
        </ol>
      )}
      <Others suspects={others} />
    </Section>
  );
}
