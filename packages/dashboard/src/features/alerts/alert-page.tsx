import { Button } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { useNow } from '../../time/use-now.ts';
import { Lasting, RelativeTime } from '../../ui/figures.tsx';
import { formatDuration } from '../../ui/format.ts';
import { IconBellOff } from '../../ui/icons.ts';
import { Bone, ErrorState, Section } from '../../ui/states.tsx';
import { useIncidentOf } from '../incidents/of-alerts/use-incidents.ts';
import { Paged } from './acknowledge.tsx';
import styles from './alerts.module.css';
import type { Alert, Rule } from './contracts.ts';
import { Head } from './head.tsx';
import { History } from './history.tsx';
import { LabelChips } from './label-chips.tsx';
import { Related } from './related.tsx';
import { sentenceOf } from './rows.ts';
import { RuleChart } from './rule-chart.tsx';
import { RuleFacts } from './rule-facts.tsx';
import { SilenceDrawer } from './silence-drawer.tsx';
import { StateMark } from './state-mark.tsx';
import { useAlert, useWhy } from './use-alerts.ts';
import { Why } from './why.tsx';

const LINKS: ReadonlySet<string> = new Set(['runbook_url', 'runbook', 'dashboard_url', 'dashboard']);

/** Only what a browser may open: an annotation comes from whoever sends alerts. */
function webAddress(text: string): string | null {
  return /^https?:\/\//i.test(text) ? text : null;
}

/** Where to read what to do: the runbook first. */
function Runbook({ alert }: { readonly alert: Alert }) {
  const address = webAddress(alert.annotations['runbook_url'] ?? alert.annotations['runbook'] ?? '');
  if (address === null)
    return <span className={styles['quiet']}>No runbook: name one in the annotation runbook_url.</span>;
  return (
    <a href={address} className={styles['link']} rel="noreferrer noopener" target="_blank">
      Runbook
    </a>
  );
}

function Annotations({ alert }: { readonly alert: Alert }) {
  const said = sentenceOf(alert);
  const others = Object.entries(alert.annotations).filter(
    ([name, text]) => text !== said && !LINKS.has(name),
  );
  if (others.length === 0) return null;
  return (
    <dl className={styles['facts']}>
      {others.map(([name, text]) => [<dt key={name}>{name}</dt>, <dd key={`${name} text`}>{text}</dd>])}
    </dl>
  );
}

/** What keeps an alert quiet, each with a link to it. */
function Quiet({ alert }: { readonly alert: Alert }) {
  return (
    <>
      {alert.silenced_by.map((id) => (
        <p key={id}>
          Kept quiet by{' '}
          <Link to="/alerts/silences" search={{ silence: id }} className={styles['link']}>
            a silence
          </Link>
          .
        </p>
      ))}
      {alert.inhibited_by.map((fingerprint) => (
        <p key={fingerprint}>
          Nobody is told while{' '}
          <Link to="/alerts/$fingerprint" params={{ fingerprint }} search={{}} className={styles['link']}>
            another alert
          </Link>{' '}
          fires.
        </p>
      ))}
      {alert.state === 'folded' && (
        <p>
          It is not told by itself: {alert.folded_because}.
          {alert.folded_into.map((fingerprint, i) => (
            <Fragment key={fingerprint}>
              {' '}
              <Link to="/alerts/$fingerprint" params={{ fingerprint }} search={{}} className={styles['link']}>
                {i === 0 ? 'The alert that is told' : `Another one (${i + 1})`}
              </Link>
            </Fragment>
          ))}
        </p>
      )}
      {alert.muted_by.length > 0 && <p>Its routes are muted now: {alert.muted_by.join(', ')}.</p>}
    </>
  );
}

/** The incident that an alert is part of, or was last. */
function PartOf({ fingerprint }: { readonly fingerprint: string }) {
  const { data } = useIncidentOf(fingerprint);
  const incident = data?.incidents[0];
  if (incident === undefined) return null;
  return (
    <p>
      <Link to="/incidents/$id" params={{ id: incident.id }} search={{}} className={styles['link']}>
        Part of incident #{incident.id}: {incident.title}
      </Link>
    </p>
  );
}

/** When an alert that is pending will fire, if nothing changes. */
function WillFire({ alert, rule }: { readonly alert: Alert; readonly rule: Rule | null }) {
  const now = useNow(1000);
  if (alert.state !== 'pending' || rule === null || alert.active_at === null) return null;
  const left = alert.active_at + rule.for_ms - now;
  return <span>{left <= 0 ? 'about to fire' : `fires in ${formatDuration(left)} if it goes on`}</span>;
}

function Verdict({
  alert,
  rule,
  silence,
}: {
  readonly alert: Alert;
  readonly rule: Rule | null;
  readonly silence: () => void;
}) {
  return (
    <div className={styles['verdict']}>
      <p className={styles['said']}>
        {sentenceOf(alert) || 'It says nothing of itself: give its rule the annotation summary.'}
      </p>
      <div className={styles['links']}>
        <StateMark alert={alert} />
        <span>
          <Lasting since={alert.since} />
        </span>
        <WillFire alert={alert} rule={rule} />
        {alert.value !== null && (
          <span>
            value <b className="num">{alert.value}</b>
          </span>
        )}
        <Runbook alert={alert} />
        <Button size="compact-sm" variant="default" leftSection={<IconBellOff size={14} />} onClick={silence}>
          Silence
        </Button>
      </div>
      <Paged alert={alert} />
      <Quiet alert={alert} />
      <PartOf fingerprint={alert.fingerprint} />
      <LabelChips labels={alert.labels} />
      <Annotations alert={alert} />
    </div>
  );
}

/** An alert that is over, or never was: what is known of it are the decisions. */
function Over({ fingerprint }: { readonly fingerprint: string }) {
  const { data } = useWhy(fingerprint);
  return (
    <>
      <Head title={data?.title || 'An alert that is over'} />
      <p className={styles['quiet']}>
        It is over: it is neither pending nor fires any more. What was decided about it is kept for 90 days.
      </p>
      <PartOf fingerprint={fingerprint} />
      <Why fingerprint={fingerprint} />
    </>
  );
}

function Sender({ alert }: { readonly alert: Alert }) {
  const address = webAddress(alert.generator_url);
  return (
    <Section title="Its rule">
      <p>
        It is evaluated elsewhere
        {alert.updated_at !== null && (
          <>
            , and its sender told of it <RelativeTime at={alert.updated_at} />
          </>
        )}
        .{' '}
        {address !== null && (
          <a href={address} className={styles['link']} rel="noreferrer noopener" target="_blank">
            Its expression there
          </a>
        )}
      </p>
    </Section>
  );
}

/** One alert: what it says, its curve against the limit, whom it was told to and why, and what belongs to it. */
export function AlertPage() {
  const { fingerprint } = useParams({ from: '/alerts/$fingerprint' });
  const { data, error, refetch } = useAlert(fingerprint);
  const [silencing, setSilencing] = useState(false);
  if (error instanceof ApiError && error.status === 404 && error.path !== '')
    return <Over fingerprint={fingerprint} />;
  if (error !== null && data === undefined)
    return <ErrorState what="The alert" error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Bone height={320} />;
  const { alert, rule, history_query: historyQuery } = data;
  return (
    <>
      <Head title={alert.labels['alertname'] ?? 'An alert without a name'} />
      <Verdict alert={alert} rule={rule} silence={() => setSilencing(true)} />
      <div className={styles['columns']}>
        <div>
          {rule !== null && (
            <>
              <RuleChart rule={rule} alert={alert} historyQuery={historyQuery} />
              <History query={historyQuery} />
            </>
          )}
          <Why fingerprint={fingerprint} />
        </div>
        <div>
          <Related alert={alert} />
          {rule === null ? <Sender alert={alert} /> : <RuleFacts rule={rule} linked />}
        </div>
      </div>
      <SilenceDrawer
        about={silencing ? { kind: 'alerts', alerts: [alert] } : null}
        close={() => setSilencing(false)}
      />
    </>
  );
}
