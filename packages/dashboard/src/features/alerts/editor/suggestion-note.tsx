import { Button } from '@mantine/core';
import { Command } from '../../../ui/states.tsx';
import { useStatistics } from '../oncall/use-on-call.ts';
import styles from './editor.module.css';
import type { RaisedLimit, Suggested, Suggestion } from './suggestion.ts';

interface NoteProps {
  readonly suggestion: Suggestion;
  readonly suggested: Suggested;
  /** Of the rule in force. */
  readonly name: string;
  /** Whether the rule is changed where it stands: it was made here. */
  readonly own: boolean;
  /** A limit to try, once it is known. */
  readonly raised: RaisedLimit | null;
  readonly raise: (expr: string) => void;
}

/** Why the rule is looked at, and what was filled in. */
export function SuggestionNote({ suggestion, suggested, name, own, raised, raise }: NoteProps) {
  const { data } = useStatistics();
  const advice = data?.alerts
    .find(({ alert }) => alert === name)
    ?.advice.find(({ what }) => what === suggestion.what);
  return (
    <div className={styles['suggestion']} role="note" aria-label="Suggestion">
      {advice !== undefined && (
        <p>
          Of the last 30 days: <b>{advice.text}</b>.
        </p>
      )}
      <p>{suggested.said} The back-test compares it with the rule in force.</p>
      {raised !== null && (
        <Button size="compact-xs" variant="default" onClick={() => raise(raised.expr)}>
          Try {raised.limit}: it spares {raised.spares} of {raised.of} firings
        </Button>
      )}
      {!own && suggested.line !== '' && (
        <>
          <p>The rule stands in a file; this is the line for it:</p>
          <Command text={suggested.line} />
        </>
      )}
    </div>
  );
}

/** What becomes of a rule of a file when one like it is saved here. */
export function BesideNote({ name, ready }: { readonly name: string; readonly ready: boolean }) {
  return (
    <p className={styles['quiet']}>
      {ready ? (
        <>
          {name} comes with Pharos and stays in force beside this one, unless the configuration leaves it out:{' '}
          <code>rules: {`{ready: {without: [${name}]}}`}</code>
        </>
      ) : (
        <>{name} stands in a file and stays in force beside this one, until it is taken out there.</>
      )}
    </p>
  );
}
