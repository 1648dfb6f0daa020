import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { MaintenanceForm } from '../../../ui/forms/maintenance-form.tsx';
import { freshTimes } from '../../../ui/forms/opening-times.ts';
import { fieldsBy, problemsOf } from '../../../ui/forms/problems.ts';
import { toastDone } from '../../../ui/toast.ts';
import styles from '../alerts.module.css';
import { type Draft, missingOf, windowOf } from './draft.ts';
import { useMakeWindow } from './use-maintenance.ts';

const fieldOf = fieldsBy(
  new Map([
    ['name', 'title'],
    ['matchers', 'matchers'],
    ['from', 'from'],
    ['until', 'until'],
    ['days', 'days'],
    ['at', 'at'],
    ['duration', 'duration'],
    ['time_zone', 'timeZone'],
  ]),
);
const TITLE = { label: 'Name', example: 'Patches of the databases' };

/** When some alerts are expected, so that nobody is told of them. */
export function WindowForm({ close }: { readonly close: () => void }) {
  const [draft, setDraft] = useState<Draft>(() => ({ ...freshTimes(Date.now()), title: '', matchers: '' }));
  const save = useMakeWindow();
  const set = (change: Partial<Draft>): void => {
    save.reset();
    setDraft((before) => ({ ...before, ...change }));
  };
  const problems = problemsOf(save.error, fieldOf);
  const done = (): void => {
    toastDone('The window is made');
    close();
  };
  return (
    <MaintenanceForm
      draft={draft}
      set={set}
      title={TITLE}
      missing={missingOf(draft)}
      problems={problems}
      busy={save.isPending}
      save={() => save.mutate(windowOf(draft), { onSuccess: done })}
      cancel={close}
    >
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
    </MaintenanceForm>
  );
}
