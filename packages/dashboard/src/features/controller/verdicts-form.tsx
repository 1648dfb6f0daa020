import { SegmentedControl } from '@mantine/core';
import { VERDICT_MODES, type VerdictMode } from '../../api/controller.ts';
import { useSetVerdicts, useVerdicts } from '../../api/controller-queries.ts';
import { Section } from '../../ui/states.tsx';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import styles from './controller.module.css';

const WORDS: Readonly<Record<VerdictMode, string>> = { off: 'Off', shadow: 'Shadow', enforce: 'Enforce' };
const MEANS: Readonly<Record<VerdictMode, string>> = {
  off: 'The gateway asks for no verdict on orders.',
  shadow: 'The gateway asks for a verdict on each order, logs it and goes on.',
  enforce: 'A verdict of halt or reprocess stops the order; without an answer in time it goes on.',
};

/** Whether the shop's orders wait for what Pharos says of them. */
export function VerdictsForm() {
  const { data } = useVerdicts();
  const set = useSetVerdicts();
  if (data === undefined) return null;
  return (
    <Section title="Verdicts on orders">
      <div className={styles['form']}>
        <SegmentedControl
          size="xs"
          aria-label="Verdicts on orders"
          value={data.mode}
          disabled={set.isPending}
          onChange={(value) => {
            const mode = VERDICT_MODES.find((known) => known === value) ?? 'off';
            set.mutate(mode, {
              onSuccess: () => toastDone(`Verdicts on orders: ${WORDS[mode].toLowerCase()}`),
              onError: (error) => toastFailed('The verdicts stay as they were', error),
            });
          }}
          data={VERDICT_MODES.map((mode) => ({ value: mode, label: WORDS[mode] }))}
        />
        <p className={styles['note']}>{MEANS[data.mode]}</p>
      </div>
    </Section>
  );
}
