import { Button, Select } from '@mantine/core';
import { useState } from 'react';
import { RelativeTime } from '../../ui/figures.tsx';
import { ErrorLine, Section } from '../../ui/states.tsx';
import { toastFailed } from '../../ui/toast.ts';
import type { ReEvaluation } from './contracts.ts';
import styles from './events.module.css';
import { LOOKBACKS } from './rule-trial.tsx';
import { Samples, Transitions } from './transitions.tsx';
import { useLastReEvaluation, useReEvaluate } from './use-rules.ts';

const MOST_SHOWN = 20;

function Found({ last }: { readonly last: ReEvaluation }) {
  return (
    <>
      <p>
        <RelativeTime at={last.timestamp} />
        {last.trigger === 'rules' && ', after a change of rules'}: of {last.evaluated.toLocaleString('en')}
        {last.truncated && ' (the newest)'} events of {last.lookback_minutes} minutes{' '}
        {last.changed === 0
          ? 'none would get another verdict.'
          : `${last.changed.toLocaleString('en')} would get another verdict.`}
      </p>
      <Transitions counts={last.transitions} />
      {last.warnings.map((warning) => (
        <p key={warning} className={styles['quiet']}>
          {warning}
        </p>
      ))}
      <Samples
        events={last.changes.slice(0, MOST_SHOWN).map(({ before, after, ...event }) => ({
          ...event,
          what: `${before.rules.join(', ') || 'no rule'} → ${after.rules.join(', ') || 'no rule'}, ${after.decision.toLowerCase()}`,
        }))}
      />
    </>
  );
}

/** What today's rules say of stored events. The verdicts that were given stay what they were. */
export function JudgeAgain() {
  const [minutes, setMinutes] = useState('60');
  const { data, error } = useLastReEvaluation();
  const run = useReEvaluate();
  return (
    <Section
      title="Today's rules on the past"
      note="the verdicts that were given stay"
      actions={
        <div className={styles['buttons']}>
          <Select
            size="xs"
            aria-label="Events to judge again"
            allowDeselect={false}
            data={[...LOOKBACKS]}
            value={minutes}
            onChange={(next) => setMinutes(next ?? '60')}
          />
          <Button
            size="xs"
            variant="default"
            loading={run.isPending}
            onClick={() =>
              run.mutate(Number(minutes), {
                onError: (failure) => toastFailed('The events were not judged again', failure),
              })
            }
          >
            Judge again
          </Button>
        </div>
      }
    >
      {error !== null && <ErrorLine what="What was found last" error={error} />}
      {data?.last === null && <p className={styles['quiet']}>Nothing was judged again yet.</p>}
      {data !== undefined && data.last !== null && <Found last={data.last} />}
    </Section>
  );
}
