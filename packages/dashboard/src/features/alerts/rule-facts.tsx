import { Link } from '@tanstack/react-router';
import { RelativeTime } from '../../ui/figures.tsx';
import { formatDuration } from '../../ui/format.ts';
import { Section } from '../../ui/states.tsx';
import styles from './alerts.module.css';
import type { Rule } from './contracts.ts';
import { LabelChips } from './label-chips.tsx';
import { HealthWord } from './rule-health.tsx';
import ofRules from './rules.module.css';

/** What a rule is made of, and how it does. */
export function RuleFacts({ rule, linked = false }: { readonly rule: Rule; readonly linked?: boolean }) {
  return (
    <Section title={linked ? 'Its rule' : 'What it is'}>
      <code className={ofRules['query']}>{rule.query}</code>
      <dl className={styles['facts']}>
        {linked && (
          <>
            <dt>Rule</dt>
            <dd>
              <Link to="/alerts/rules/$id" params={{ id: rule.id }} search={{}} className={styles['link']}>
                {rule.name}
              </Link>
            </dd>
          </>
        )}
        <dt>Group</dt>
        <dd>
          {rule.group} in <code>{rule.file}</code>
        </dd>
        {rule.language === 'logql' && (
          <>
            <dt>Asks of</dt>
            <dd>log lines, in LogQL</dd>
          </>
        )}
        <dt>Evaluated</dt>
        <dd>
          every {formatDuration(rule.interval_ms)}
          {rule.evaluated_at !== null && (
            <>
              , last <RelativeTime at={rule.evaluated_at} /> in {rule.evaluation_ms.toFixed(1)} ms
            </>
          )}
        </dd>
        <dt>Health</dt>
        <dd>
          <HealthWord health={rule.health} />
        </dd>
        {rule.kind === 'alerting' && (
          <>
            <dt>Fires</dt>
            <dd>
              {rule.for_ms === 0 ? 'at once' : `after ${formatDuration(rule.for_ms)}`}
              {rule.keep_firing_for_ms > 0 && `, and ${formatDuration(rule.keep_firing_for_ms)} longer`}
            </dd>
          </>
        )}
        {Object.keys(rule.labels).length > 0 && (
          <>
            <dt>Labels</dt>
            <dd>
              <LabelChips labels={rule.labels} />
            </dd>
          </>
        )}
        {!linked &&
          Object.entries(rule.annotations).map(([name, text]) => [
            <dt key={name}>{name}</dt>,
            <dd key={`${name} text`}>{text}</dd>,
          ])}
      </dl>
      {rule.error !== null && (
        <p className={styles['wrong']} role="alert">
          {rule.error}
        </p>
      )}
    </Section>
  );
}
