import { SegmentedControl, Textarea } from '@mantine/core';
import { PromqlEditor } from '../../../ui/promql-editor/index.ts';
import { RULE_LANGUAGES } from '../contracts.ts';
import type { Draft } from './draft.ts';
import styles from './editor.module.css';
import { LANGUAGES } from './words.ts';

export interface ExpressionFieldProps {
  readonly draft: Pick<Draft, 'expr' | 'language'>;
  readonly set: (part: Partial<Draft>) => void;
  readonly problem: string | undefined;
  /** Tries what is written now. */
  readonly run: () => void;
}

/** What a rule looks at: series in PromQL, or log lines in LogQL. */
export function ExpressionField({ draft, set, problem, run }: ExpressionFieldProps) {
  const { expr, language } = draft;
  const shared = { value: expr, placeholder: LANGUAGES[language].example };
  return (
    <div className={styles['expression']}>
      <div className={styles['asks']}>
        <span aria-hidden className={styles['label']}>
          {LANGUAGES[language].label}
        </span>
        <SegmentedControl
          size="xs"
          aria-label="What it looks at"
          data={RULE_LANGUAGES.map((value) => ({ value, label: LANGUAGES[value].name }))}
          value={language}
          onChange={(next) => set({ language: RULE_LANGUAGES.find((one) => one === next) ?? language })}
        />
      </div>
      {language === 'promql' ? (
        <PromqlEditor
          label="Expression"
          onChange={(text) => set({ expr: text })}
          onSubmit={run}
          {...shared}
        />
      ) : (
        <Textarea
          size="xs"
          aria-label="Expression"
          autosize
          minRows={2}
          maxRows={12}
          spellCheck={false}
          classNames={{ input: styles['mono'] ?? '' }}
          error={problem !== undefined}
          onChange={(event) => set({ expr: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey) return;
            event.preventDefault();
            run();
          }}
          {...shared}
        />
      )}
      {problem !== undefined && (
        <p className={styles['wrong']} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
