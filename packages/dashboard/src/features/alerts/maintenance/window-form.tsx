import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { FormActions } from '../../../ui/forms/form-actions.tsx';
import { freshTimes } from '../../../ui/forms/opening-times.ts';
import { OpeningTimesFields } from '../../../ui/forms/opening-times-fields.tsx';
import { fieldsBy, problemsOf } from '../../../ui/forms/problems.ts';
import { toastDone } from '../../../ui/toast.ts';
import styles from '../alerts.module.css';
import { type Draft, missingOf, windowOf } from './draft.ts';
import { useMakeWindow } from './use-maintenance.ts';

const fieldOf = fieldsBy(
  new Map([
    ['name', 'name'],
    ['matchers', 'matchers'],
    ['from', 'from'],
    ['until', 'until'],
    ['days', 'days'],
    ['at', 'at'],
    ['duration', 'duration'],
    ['time_zone', 'timeZone'],
  ]),
);

/** When some alerts are expected, so that nobody is told of them. */
export function WindowForm({ close }: { readonly close: () => void }) {
  const [draft, setDraft] = useState<Draft>(() => ({ ...freshTimes(Date.now()), name: '', matchers: '' }));
  const save = useMakeWindow();
  const set = (change: Partial<Draft>): void => {
    save.reset();
    setDraft((before) => ({ ...before, ...change }));
  };
  const missing = missingOf(draft);
  const problems = problemsOf(save.error, fieldOf);
  return (
    <form
      className={styles['form']}
      aria-label="Maintenance window"
      noValidate
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
      <TextInput
        size="xs"
        label="Name"
        required
        placeholder="Patches of the databases"
        value={draft.name}
        error={problems.at.get('name')}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
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
        error={problems.at.get('matchers')}
        onChange={(event) => set({ matchers: event.currentTarget.value })}
      />
      <OpeningTimesFields times={draft} set={set} problems={problems.at} />
      <FormActions busy={save.isPending} missing={missing} problems={problems.rest} cancel={close} />
    </form>
  );
}
