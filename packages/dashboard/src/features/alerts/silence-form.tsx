import { SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { dateTimeOf, inputOf } from '../../time/date-time.ts';
import { rememberAuthor, rememberedAuthor } from '../../ui/author.ts';
import { FormActions, messageOf } from '../../ui/forms/form-actions.tsx';
import { toastDone } from '../../ui/toast.ts';
import styles from './alerts.module.css';
import type { ApiMatcher } from './contracts.ts';
import { MatcherRows } from './matcher-rows.tsx';
import { matchersFor } from './matchers.ts';
import type { SilenceBasis } from './silence-drawer.tsx';
import { SilencePreview } from './silence-preview.tsx';
import { PRESETS } from './silence-times.ts';
import ofSilences from './silences.module.css';
import { useSaveSilence } from './use-alerts.ts';

const EMPTY: ApiMatcher = { name: '', value: '', isRegex: false, isEqual: true };
const BY_HAND = 'by hand';
const USUAL_PRESET = '2h';

function matchersOf(about: SilenceBasis): readonly ApiMatcher[] {
  if (about.kind === 'new') return [EMPTY];
  return about.kind === 'alerts' ? matchersFor(about.alerts) : about.silence.matchers;
}

interface Times {
  /** A preset's name, or `by hand`. */
  readonly preset: string;
  /** As the inputs hold them; an empty start is now. */
  readonly start: string;
  readonly end: string;
}

function timesOf(about: SilenceBasis): Times {
  if (about.kind === 'edit')
    return {
      preset: BY_HAND,
      start: inputOf(about.silence.startsAt),
      end: inputOf(about.silence.endsAt),
    };
  return { preset: USUAL_PRESET, start: '', end: '' };
}

/** The two instants, in epoch ms; null while they are none. */
function spanOf({ preset, start, end }: Times, about: SilenceBasis): readonly [number, number] | null {
  const now = Date.now();
  // To the minute alone the start would move, and make another silence of it.
  const kept =
    about.kind === 'edit' && start === inputOf(about.silence.startsAt) ? about.silence.startsAt : null;
  const from = kept ?? (start === '' ? now : dateTimeOf(start));
  const length = PRESETS.find(({ name }) => name === preset)?.ms;
  const to = length === undefined ? dateTimeOf(end) : Math.max(from ?? now, now) + length;
  return from === null || to === null || to <= from || to <= now ? null : [from, to];
}

function TimeFields({ times, set }: { readonly times: Times; readonly set: (next: Times) => void }) {
  return (
    <div className={ofSilences['times']}>
      <SegmentedControl
        size="xs"
        aria-label="How long"
        data={[...PRESETS.map(({ name }) => name), BY_HAND]}
        value={times.preset}
        onChange={(preset) => set({ ...times, preset })}
      />
      <TextInput
        size="xs"
        type="datetime-local"
        label="From"
        description="Now when empty"
        value={times.start}
        onChange={(event) => set({ ...times, start: event.currentTarget.value })}
      />
      {times.preset === BY_HAND && (
        <TextInput
          size="xs"
          type="datetime-local"
          label="Until"
          description="In this browser's time zone"
          required
          value={times.end}
          onChange={(event) => set({ ...times, end: event.currentTarget.value })}
        />
      )}
    </div>
  );
}

export interface SilenceFormProps {
  readonly about: SilenceBasis;
  readonly close: () => void;
  readonly saved?: (() => void) | undefined;
}

/** Who is kept quiet, for how long, by whom and why. */
export function SilenceForm({ about, close, saved }: SilenceFormProps) {
  const [matchers, setMatchers] = useState(() => matchersOf(about));
  const [times, setTimes] = useState(() => timesOf(about));
  const [author, setAuthor] = useState(() =>
    about.kind === 'edit' ? about.silence.createdBy : rememberedAuthor(),
  );
  const [comment, setComment] = useState(() =>
    about.kind === 'edit' || about.kind === 'again' ? about.silence.comment : '',
  );
  const save = useSaveSilence();
  const span = spanOf(times, about);
  const whole = matchers.filter(({ name }) => name.trim() !== '');
  const missing = [
    ...(whole.length === 0 ? ['a label'] : []),
    ...(author.trim() === '' ? ['who makes it'] : []),
    ...(comment.trim() === '' ? ['why'] : []),
    ...(span === null ? ['an end that is to come, after its beginning'] : []),
  ];
  return (
    <form
      className={styles['form']}
      aria-label="Silence"
      onSubmit={(event) => {
        event.preventDefault();
        if (span === null || missing.length > 0) return;
        const [startsAt, endsAt] = span;
        const wanted = {
          matchers: whole,
          startsAt,
          endsAt,
          createdBy: author.trim(),
          comment: comment.trim(),
        };
        save.mutate(
          { ...wanted, id: about.kind === 'edit' ? about.silence.id : null },
          {
            onSuccess: () => {
              rememberAuthor(author.trim());
              toastDone(about.kind === 'edit' ? 'The silence is changed' : 'The silence is made');
              saved?.();
              close();
            },
          },
        );
      }}
    >
      <MatcherRows matchers={matchers} set={setMatchers} empty={EMPTY} />
      <TimeFields times={times} set={setTimes} />
      <TextInput
        size="xs"
        label="Made by"
        required
        value={author}
        onChange={(event) => setAuthor(event.currentTarget.value)}
      />
      <Textarea
        size="xs"
        label="Why"
        required
        autosize
        minRows={2}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      <FormActions
        submit={about.kind === 'edit' ? 'Save' : 'Silence'}
        busy={save.isPending}
        missing={missing}
        problems={messageOf(save.error)}
        cancel={close}
      />
      <SilencePreview matchers={whole} chosen={about.kind === 'alerts' ? about.alerts : []} />
    </form>
  );
}
