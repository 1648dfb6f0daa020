import { Link, useParams } from '@tanstack/react-router';
import { ApiError } from '../../api/client.ts';
import { Bone, EmptyState, ErrorState, Section } from '../../ui/states.tsx';
import styles from './alerts.module.css';
import type { Alert, Rule } from './contracts.ts';
import { useOwnRules } from './editor/use-editor.ts';
import { Head } from './head.tsx';
import { LabelChips } from './label-chips.tsx';
import { matcherText } from './matchers.ts';
import { sentenceOf } from './rows.ts';
import { RuleChart } from './rule-chart.tsx';
import { RuleFacts } from './rule-facts.tsx';
import ofRules from './rules.module.css';
import { StateMark } from './state-mark.tsx';
import { useAlerts, useRule } from './use-alerts.ts';

const MOST_SHOWN = 50;

/** Alerts of the rule alone: others may have its name. */
function alertsOf(alerts: readonly Alert[], { id }: Rule): readonly Alert[] {
  return alerts.filter(({ rule }) => rule?.id === id);
}

function RuleAlerts({ rule }: { readonly rule: Rule }) {
  const filter = matcherText('alertname', rule.name);
  const { data } = useAlerts({ f: [filter] });
  const alerts = alertsOf(data?.alerts ?? [], rule);
  return (
    <Section
      title="Its alerts"
      note={alerts.length === 0 ? 'none now' : `${rule.firing} firing, ${rule.pending} pending`}
      actions={
        <Link to="/alerts" search={{ f: [filter] }} className={styles['link']}>
          In the list
        </Link>
      }
    >
      <ul className={styles['plain']}>
        {alerts.slice(0, MOST_SHOWN).map((alert) => (
          <li key={alert.fingerprint} className={ofRules['ofRule']}>
            <StateMark alert={alert} />
            <span className={styles['what']}>
              <Link
                to="/alerts/$fingerprint"
                params={{ fingerprint: alert.fingerprint }}
                search={{}}
                className={styles['title']}
              >
                {sentenceOf(alert) || rule.name}
              </Link>
              <LabelChips labels={alert.labels} without={['alertname']} />
            </span>
            <span className="num">{alert.value}</span>
          </li>
        ))}
      </ul>
      {alerts.length > MOST_SHOWN && (
        <p className={styles['quiet']}>
          and {(alerts.length - MOST_SHOWN).toLocaleString('en')} more in the list
        </p>
      )}
    </Section>
  );
}

/** A rule that was made here is changed here; what stands in a file begins another one. */
function Acts({ rule }: { readonly rule: Rule }) {
  const { data } = useOwnRules();
  if (data === undefined || rule.kind === 'recording') return null;
  if (rule.file === data.file)
    return (
      <Link to="/alerts/rules/$id/edit" params={{ id: rule.id }} search={{}} className={styles['link']}>
        Change it
      </Link>
    );
  return (
    <>
      <span className={styles['quiet']}>
        {rule.file === 'ready' ? 'comes with Pharos' : 'stands in a file, and is changed there'}
      </span>
      <Link to="/alerts/rules/new" search={{ like: rule.id }} className={styles['link']}>
        Make one like it
      </Link>
    </>
  );
}

/** One rule: its condition against its limit, its health, its alerts. */
export function RulePage() {
  const { id } = useParams({ from: '/alerts/rules/$id' });
  const { data: rule, error, refetch } = useRule(id);
  if (error instanceof ApiError && error.status === 404)
    return (
      <>
        <Head title="Rule" />
        <EmptyState title="This rule is not there">
          Its file was changed, or is not read any more. Look for it among the rules by its name.
        </EmptyState>
      </>
    );
  if (error !== null && rule === undefined)
    return <ErrorState what="The rule" error={error} retry={() => void refetch()} />;
  if (rule === undefined) return <Bone height={320} />;
  return (
    <>
      <Head title={rule.name} actions={<Acts rule={rule} />}>
        {rule.kind === 'recording' ? 'a recording rule' : 'an alerting rule'}
      </Head>
      <div className={styles['columns']}>
        <div>
          <RuleChart rule={rule} />
          {rule.kind === 'alerting' && <RuleAlerts rule={rule} />}
        </div>
        <RuleFacts rule={rule} />
      </div>
    </>
  );
}
