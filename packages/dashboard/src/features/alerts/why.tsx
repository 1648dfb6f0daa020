import { Link } from '@tanstack/react-router';
import { useZone } from '../../time/use-range.ts';
import { RelativeTime } from '../../ui/figures.tsx';
import { formatClock } from '../../ui/format.ts';
import { Bone, ErrorLine, Section } from '../../ui/states.tsx';
import styles from './alerts.module.css';
import type { Decision, Thread } from './contracts.ts';
import { useWhy } from './use-alerts.ts';
import ofWhy from './why.module.css';
import { outcomeWord, toneOf, whomOf, whySentence } from './why-words.ts';

/** What decided it, where that is something to look at. */
function By({ decision: { outcome, by } }: { readonly decision: Decision }) {
  if (outcome === 'silenced')
    return by.map((id) => (
      <Link key={id} to="/alerts/silences" search={{ silence: id }} className={styles['link']}>
        the silence
      </Link>
    ));
  if (outcome === 'inhibited' || outcome === 'folded')
    return by.map((fingerprint) => (
      <Link
        key={fingerprint}
        to="/alerts/$fingerprint"
        params={{ fingerprint }}
        search={{}}
        className={styles['link']}
      >
        the other alert
      </Link>
    ));
  return null;
}

function Trail({ thread }: { readonly thread: Thread }) {
  const [zone] = useZone();
  return (
    <ol className={ofWhy['trail']}>
      {thread.decisions.map((decision, index) => (
        // Two decisions of one millisecond may be alike.
        <li key={`${decision.at} ${decision.outcome} ${index}`} data-tone={toneOf(decision)}>
          <time className="num" dateTime={new Date(decision.at).toISOString()}>
            {formatClock(decision.at, Date.now(), zone, true)}
          </time>
          <b>{outcomeWord(decision.outcome)}</b>
          <span>
            {decision.reason} <By decision={decision} />
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Every decision about an alert with its reason: "why was I (not) paged". */
export function Why({ fingerprint }: { readonly fingerprint: string }) {
  const { data, error } = useWhy(fingerprint);
  return (
    <Section title="Who was told, and why">
      {error !== null && <ErrorLine what="What was decided" error={error} />}
      {data === undefined && error === null && <Bone height={80} />}
      {data !== undefined && (
        <>
          <p>{whySentence(data.threads)}</p>
          {data.partial && <p className={styles['quiet']}>Older decisions cannot be read just now.</p>}
          {data.threads.map((thread, index) => (
            <details key={`${whomOf(thread)} ${thread.group}`} className={ofWhy['thread']} open={index === 0}>
              <summary>
                <b>{whomOf(thread)}</b>{' '}
                <span data-tone={toneOf(thread.verdict)}>{outcomeWord(thread.verdict.outcome)}</span>{' '}
                <span className={styles['quiet']}>
                  <RelativeTime at={thread.verdict.at} />, group {thread.group}
                </span>
              </summary>
              <Trail thread={thread} />
            </details>
          ))}
        </>
      )}
    </Section>
  );
}
