import { Button, Checkbox, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError } from '../../../api/client.ts';
import { toastDone } from '../../../ui/toast.ts';
import styles from '../alerts.module.css';
import { inputOf } from '../silence-times.ts';
import { DAYS, type DayName } from './contracts.ts';
import { type Draft, EMPTY, missingOf, windowOf } from './draft.ts';
import { useMakeWindow } from './use-maintenance.ts';

const HOUR_MS = 3_600_000;

/** Two hours from now, by the reader's clock, in their zone. */
function fresh(): Draft {
  const now = Date.now();
  const timeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { ...EMPTY, from: inputOf(now), until: inputOf(now + 2 * HOUR_MS), timeZone };
}

/** What the server says of the fields, or of the whole. */
function problemsOf(error: Error | null): readonly string[] {
  if (error === null) return [];
  const fields = error instanceof ApiError ? error.problems : [];
  return fields.length === 0
    ? [error.message]
    : fields.map(({ field, problem }) => `${field.replace(/^body\.?/, '')}: ${problem}`);
}

function isDay(text: string): text is DayName {
  return DAYS.some((day) => day === text);
}

/** When some alerts are expected, so that nobody is told of them. */
export function WindowForm({ close }: { readonly close: () => void }) {
  const [draft, setDraft] = useState(fresh);
  const save = useMakeWindow();
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }));
  const field = (name: 'name' | 'from' | 'until' | 'at' | 'duration' | 'timeZone', label: string) => ({
    size: 'xs' as const,
    label,
    value: draft[name],
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      set({ [name]: event.currentTarget.value }),
  });
  const missing = missingOf(draft);
  return (
    <form
      className={styles['form']}
      aria-label="Maintenance window"
      onSubmit={(event) => {
        event.preventDefault();
        if (missing.length > 0) return;
        save.mutate(windowOf(draft), {
          onSuccess: () => {
            toastDone('The window is made');
            close();
          },
        });
      }}
    >
      <TextInput {...field('name', 'Name')} required placeholder="Patches of the databases" />
      <Textarea
        size="xs"
        label="Which alerts"
        description="Matchers as in Alertmanager's file; all lines must hold"
        placeholder={'service="order"'}
        required
        autosize
        minRows={1}
        classNames={{ input: styles['mono'] ?? '' }}
        value={draft.matchers}
        onChange={(event) => set({ matchers: event.currentTarget.value })}
      />
      <SegmentedControl
        size="xs"
        aria-label="How often"
        data={[
          { value: 'once', label: 'Once' },
          { value: 'weekly', label: 'Every week' },
        ]}
        value={draft.kind}
        onChange={(kind) => set({ kind: kind === 'weekly' ? 'weekly' : 'once' })}
      />
      {draft.kind === 'once' ? (
        <>
          <TextInput {...field('from', 'From')} type="datetime-local" />
          <TextInput
            {...field('until', 'Until')}
            type="datetime-local"
            description="In this browser's time zone"
          />
        </>
      ) : (
        <>
          <Checkbox.Group
            label="Days on which it begins"
            size="xs"
            value={[...draft.days]}
            onChange={(days) => set({ days: days.filter(isDay) })}
          >
            <div className={styles['buttons']}>
              {DAYS.map((day) => (
                <Checkbox key={day} size="xs" value={day} label={day} />
              ))}
            </div>
          </Checkbox.Group>
          <TextInput {...field('at', 'At')} placeholder="02:00" />
          <TextInput {...field('duration', 'For')} placeholder="90m" />
          <TextInput {...field('timeZone', 'Time zone')} placeholder="Europe/Berlin" />
        </>
      )}
      {problemsOf(save.error).map((problem) => (
        <p key={problem} className={styles['wrong']} role="alert">
          {problem}
        </p>
      ))}
      <div className={styles['buttons']}>
        <Button type="submit" size="xs" loading={save.isPending} disabled={missing.length > 0}>
          Save
        </Button>
        <Button size="xs" variant="default" onClick={close}>
          Cancel
        </Button>
        {missing.length > 0 && <span className={styles['quiet']}>Still needed: {missing.join(', ')}</span>}
      </div>
    </form>
  );
}
