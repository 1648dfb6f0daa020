import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useHotkeys } from '../../../keys/hotkeys.tsx';
import { useListKeys } from '../../../keys/use-list-keys.ts';
import { useZone } from '../../../time/use-range.ts';
import { Lasting, RelativeTime } from '../../../ui/figures.tsx';
import { formatClock } from '../../../ui/format.ts';
import { IconAlertOctagon, IconAlertTriangle, IconCheck } from '../../../ui/icons.ts';
import { Section } from '../../../ui/states.tsx';
import { toastDone, toastFailed } from '../../../ui/toast.ts';
import styles from '../alerts.module.css';
import { Coming } from '../coming.tsx';
import ofWhy from '../why.module.css';
import type { Page } from './contracts.ts';
import own from './oncall.module.css';
import { type PageAct, usePageAct } from './use-on-call.ts';
import { eventWord, recipientsText, titleOf } from './words.ts';

const STATES = {
  escalating: { Icon: IconAlertTriangle, word: 'being told' },
  exhausted: { Icon: IconAlertOctagon, word: 'nobody answered' },
  acknowledged: { Icon: IconCheck, word: 'acknowledged' },
  ended: { Icon: IconCheck, word: 'ended' },
} as const;

/** Who is told next and when, or why nobody is. */
function Next({ page: { state, next, next_at: nextAt, ...page } }: { readonly page: Page }) {
  if (state === 'acknowledged')
    return (
      <>
        acknowledged by <b>{page.acknowledged_by}</b>{' '}
        {page.acknowledged_at !== null && <RelativeTime at={page.acknowledged_at} />}
        {nextAt !== null && (
          <>
            , holds until <Coming at={nextAt} />
          </>
        )}
      </>
    );
  if (next !== null)
    return (
      <>
        next <b>{recipientsText(next.recipients)}</b> <Coming at={next.at} />{' '}
        <span className={styles['quiet']}>
          level {next.level} of {next.levels}
          {next.times > 1 && `, time ${next.time} of ${next.times}`}
        </span>
      </>
    );
  if (state === 'exhausted') return <>everybody was told, and nobody acknowledged</>;
  return nextAt === null ? null : (
    <>
      nobody is left to tell; given up <Coming at={nextAt} />
    </>
  );
}

function Trail({ events }: { readonly events: Page['events'] }) {
  const [zone] = useZone();
  return (
    <details className={ofWhy['thread']}>
      <summary>Who was told when</summary>
      <ol className={ofWhy['trail']}>
        {events.map(({ at, what, text }, index) => (
          // Two of one millisecond may be alike.
          <li key={`${at} ${what} ${index}`}>
            <time className="num" dateTime={new Date(at).toISOString()}>
              {formatClock(at, Date.now(), zone, true)}
            </time>
            <b>{eventWord(what)}</b>
            <span>{text}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

interface RowProps {
  readonly page: Page;
  readonly selected: boolean;
  readonly act: (page: Page, act: PageAct) => void;
  readonly busy: boolean;
}

function Row({ page, selected, act, busy }: RowProps) {
  const { name, said } = titleOf(page);
  const { Icon, word } = STATES[page.state];
  const last = page.events.findLast(({ what }) => what === 'told');
  const fingerprint = page.fingerprints[0];
  const isAcknowledged = page.state === 'acknowledged';
  return (
    <li className={own['page']} data-selected={selected} data-state={page.state}>
      <span className={own['pageState']}>
        <Icon size={16} aria-hidden />
        {word}
      </span>
      <div className={styles['what']}>
        <span>
          {fingerprint === undefined ? (
            <b>{name}</b>
          ) : (
            <Link to="/alerts/$fingerprint" params={{ fingerprint }} search={{}} className={styles['link']}>
              <b>{name}</b>
            </Link>
          )}{' '}
          {said}
          {page.firing > 1 && (
            <span className={styles['quiet']}> and {(page.firing - 1).toLocaleString('en')} more alerts</span>
          )}
        </span>
        <span>
          <Next page={page} />
        </span>
        <span className={styles['quiet']}>
          <Lasting since={page.opened_at} />, {page.rule}, policy {page.policy}
          {last !== undefined && (
            <>
              ; last told <RelativeTime at={last.at} />: {recipientsText(page.told)}
            </>
          )}
        </span>
        <Trail events={page.events} />
      </div>
      <div className={styles['buttons']}>
        <Button
          size="compact-sm"
          variant={isAcknowledged ? 'default' : 'filled'}
          loading={busy}
          aria-label={`${isAcknowledged ? 'Take back' : 'Acknowledge'} ${name}`}
          onClick={() => act(page, isAcknowledged ? 'unacknowledge' : 'acknowledge')}
        >
          {isAcknowledged ? 'Take back' : 'Acknowledge'}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          disabled={busy}
          aria-label={`Next level now of ${name}`}
          onClick={() => act(page, 'escalate')}
        >
          Next level now
        </Button>
      </div>
    </li>
  );
}

const DONE: Readonly<Record<PageAct, string>> = {
  acknowledge: 'Acknowledged: nobody else is told',
  unacknowledge: 'Taken back: it is told on from where it stood',
  escalate: 'The next level is told',
};

/** Pages that nobody has answered, or whose alerts still fire: the ones that wait for somebody first. */
export function OpenPages({ pages }: { readonly pages: readonly Page[] }) {
  const doing = usePageAct();
  const shown = [...pages].sort(waitingFirst);
  const selected = useListKeys(shown.length, 'page', () => undefined);
  const act = (page: Page, what: PageAct): void =>
    doing.mutate(
      { id: page.id, act: what },
      {
        onSuccess: () => toastDone(DONE[what]),
        onError: (error) => toastFailed('The page is as it was', error),
      },
    );
  const chosen = shown[selected];
  const on = (what: PageAct) => (): void => {
    if (chosen !== undefined) act(chosen, what);
  };
  useHotkeys([
    { keys: 'a', label: 'Acknowledge the page', group: 'Lists', run: on('acknowledge') },
    { keys: 'u', label: 'Take its acknowledgement back', group: 'Lists', run: on('unacknowledge') },
    { keys: 'e', label: 'Tell its next level now', group: 'Lists', run: on('escalate') },
  ]);
  return (
    <Section title="Open pages">
      {shown.length === 0 ? (
        <p className={styles['quiet']}>Nobody is being told of anything: no page is open.</p>
      ) : (
        <ul className={styles['plain']}>
          {shown.map((page, index) => (
            <Row
              key={page.id}
              page={page}
              selected={index === selected}
              act={act}
              busy={doing.isPending && doing.variables.id === page.id}
            />
          ))}
        </ul>
      )}
    </Section>
  );
}

const ORDER: readonly Page['state'][] = ['exhausted', 'escalating', 'acknowledged', 'ended'];

function waitingFirst(a: Page, b: Page): number {
  return ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.opened_at - a.opened_at;
}
