import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { Bone, Section } from '../../ui/states.tsx';
import type { Rule } from './contracts.ts';
import styles from './events.module.css';
import { Samples, Transitions } from './transitions.tsx';
import { useTrial } from './use-rules.ts';
import { VerdictMark } from './verdict-mark.tsx';

const SETTLE_MS = 400;
export const LOOKBACKS = [
  { value: '15', label: 'last 15 minutes' },
  { value: '60', label: 'last hour' },
  { value: '360', label: 'last 6 hours' },
  { value: '1440', label: 'last day' },
  { value: '10080', label: 'last 7 days' },
] as const;
const MOST_SHOWN = 8;

/** What the rule that is being written would have found in what is stored, and which verdicts would have been others. */
export function RuleTrial({ rule }: { readonly rule: Rule }) {
  const [settled] = useDebouncedValue(rule, SETTLE_MS);
  const [minutes, setMinutes] = useState('60');
  const { data, error, isFetching } = useTrial(settled, Number(minutes));
  const nothing = settled.when.trim() === '';
  return (
    <Section
      title="What it would have found"
      note={isFetching ? 'looking…' : 'with every change, before anything is saved'}
      actions={
        <Select
          size="xs"
          aria-label="Stored events to try it on"
          allowDeselect={false}
          data={[...LOOKBACKS]}
          value={minutes}
          onChange={(next) => setMinutes(next ?? '60')}
        />
      }
    >
      {nothing && <p className={styles['quiet']}>Say first when an event is at fault.</p>}
      {!nothing && error !== null && (
        <p className={styles['wrong']} role="alert">
          {error.message}
        </p>
      )}
      {!nothing && error === null && data === undefined && <Bone height={80} />}
      {!nothing && error === null && data !== undefined && (
        <div aria-live="polite">
          <p>
            It finds <b className="num">{data.matched.toLocaleString('en')}</b> of{' '}
            <span className="num">{data.evaluated.toLocaleString('en')}</span>
            {data.truncated && ' of the newest'} events;{' '}
            {data.changed === 0
              ? 'no verdict would have been another.'
              : `${data.changed.toLocaleString('en')} verdicts would have been others:`}
          </p>
          <Transitions counts={data.transitions} />
          {data.failed > 0 && (
            <p className={styles['wrong']}>
              {data.failed} times it took too many steps: it then finds nothing. Make it simpler.
            </p>
          )}
          {data.warnings.map((warning) => (
            <p key={warning} className={styles['quiet']}>
              {warning}
            </p>
          ))}
          <Samples
            events={data.samples.slice(0, MOST_SHOWN).map((sample) => ({
              ...sample,
              what: (
                <>
                  <VerdictMark status={sample.status} /> {sample.message}
                </>
              ),
            }))}
          />
        </div>
      )}
    </Section>
  );
}
