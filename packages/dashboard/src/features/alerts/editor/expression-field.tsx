import { SegmentedControl } from '@mantine/core';
import { CodeArea } from '../../../ui/forms/code-area.tsx';
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

const LINES = { least: 2, most: 12 };

/** What a rule looks at: series in PromQL, or log lines in LogQL. */
export function ExpressionField({ draft, set, problem, run }: ExpressionFieldProps) {
  const { expr, language } = draft;
  const shared = {
    label: 'Expression',
    value: expr,
    placeholder: LANGUAGES[language].example,
    onChange: (text: string) => set({ expr: text }),
    onSubmit: run,
  };
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
        <PromqlEditor {...shared} />
      ) : (
        <CodeArea {...shared} lines={LINES} refused={problem !== undefined} />
      )}
      {problem !== undefined && (
        <p className={styles['wrong']} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
