import { Button } from '@mantine/core';
import { useState } from 'react';
import { useZone } from '../../../time/use-range.ts';
import { formatClock, formatDuration } from '../../../ui/format.ts';
import { Section } from '../../../ui/states.tsx';
import { LabelChips } from '../label-chips.tsx';
import type { BackTest, Change, Spell } from './contracts.ts';
import styles from './editor.module.css';
import { comparisonOf } from './words.ts';

const SHOWN = 8;

function toldText({ told, held }: Spell): string {
  if (told.length > 0)
    return `told ${told.map(({ receiver, person }) => (person === null ? receiver : `${person} by ${receiver}`)).join(', ')}`;
  return held === null ? 'nobody told' : `nobody told: ${held}`;
}

function FiringRow({ firing, end }: { readonly firing: Spell; readonly end: number }) {
  const [zone] = useZone();
  const from = firing.firing_from ?? firing.pending_from;
  return (
    <li className={styles['firing']}>
      <span className="num">
        {firing.cut && 'before '}
        {formatClock(from, end, zone, true)}
      </span>
      <span className="num">
        {firing.until === null ? 'fires still' : formatDuration(firing.until - from)}
      </span>
      <span className={styles['what']}>
        <LabelChips labels={firing.labels} without={['alertname']} />
        <span className={styles['quiet']}>
          {firing.value === firing.peak ? firing.value : `${firing.value}, at worst ${firing.peak}`};{' '}
          {toldText(firing)}
        </span>
      </span>
    </li>
  );
}

/** When it would have fired, the newest first. */
export function Firings({ test }: { readonly test: BackTest }) {
  const [all, setAll] = useState(false);
  const newest = test.firings.toReversed();
  const shown = all ? newest : newest.slice(0, SHOWN);
  if (newest.length === 0) return null;
  const hidden = test.totals.firings - test.firings.length;
  return (
    <Section title="Firings" note="the newest first">
      <ol className={styles['plain']}>
        {shown.map((firing) => (
          <FiringRow
            key={`${JSON.stringify(firing.labels)} ${firing.pending_from}`}
            firing={firing}
            end={test.end}
          />
        ))}
      </ol>
      {!all && newest.length > SHOWN && (
        <Button size="compact-xs" variant="default" onClick={() => setAll(true)}>
          Show all {newest.length.toLocaleString('en')}
        </Button>
      )}
      {all && hidden > 0 && <p className={styles['quiet']}>and {hidden.toLocaleString('en')} older ones</p>}
    </Section>
  );
}

/** Who would have been told, and how often. */
export function Listeners({ test }: { readonly test: BackTest }) {
  if (test.listeners.length === 0) return null;
  return (
    <Section
      title="Who is told"
      note="by the routes, schedules and policies of today, if nobody acknowledges or silences and nothing else fires"
    >
      <ul className={styles['plain']}>
        {test.listeners.map(({ receiver, person, notices, firing }) => (
          <li key={`${person} ${receiver}`} className={styles['listener']}>
            <b>{person ?? receiver}</b>
            {person !== null && <span className={styles['quiet']}>by {receiver}</span>}
            <span className="num">
              {firing.toLocaleString('en')} {firing === 1 ? 'message' : 'messages'}
            </span>
            {notices > firing && (
              <span className={styles['quiet']}>
                and {(notices - firing).toLocaleString('en')} that it is over
              </span>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

const KIND_WORDS = { added: 'more', removed: 'less', shifted: 'at another time' } as const;

function ChangeRow({ change, end }: { readonly change: Change; readonly end: number }) {
  const [zone] = useZone();
  const text = (times: Change['before']): string =>
    times === null
      ? ''
      : `${formatClock(times.from, end, zone, true)} – ${times.until === null ? 'now' : formatClock(times.until, end, zone, true)}`;
  return (
    <li className={styles['change']} data-kind={change.kind}>
      <b>{KIND_WORDS[change.kind]}</b>
      <span className="num">
        {change.kind === 'shifted'
          ? `${text(change.after)}, was ${text(change.before)}`
          : text(change.after ?? change.before)}
      </span>
      <LabelChips labels={change.labels} without={['alertname']} />
    </li>
  );
}

/** What is otherwise than with the rule in force. */
export function Comparison({ test, name }: { readonly test: BackTest; readonly name: string }) {
  if (test.compared === null) return null;
  const { counts, changes } = test.compared;
  const shown = changes.toReversed().slice(0, SHOWN);
  return (
    <Section title={`Compared with ${name} as it is in force`} note={comparisonOf(counts)}>
      <ol className={styles['plain']}>
        {shown.map((change, index) => (
          <ChangeRow key={index} change={change} end={test.end} />
        ))}
      </ol>
      {changes.length > shown.length && (
        <p className={styles['quiet']}>
          and {(changes.length - shown.length).toLocaleString('en')} older ones
        </p>
      )}
    </Section>
  );
}
