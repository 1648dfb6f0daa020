import { Textarea } from '@mantine/core';
import { leaveOnEscape } from '../../keys/leave-on-escape.ts';
import styles from './forms.module.css';

export interface CodeAreaProps {
  /** Its name for those who do not see what stands beside it: "LogQL". */
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** `Enter`; `Shift Enter` begins a line. */
  readonly onSubmit: () => void;
  /** Whether what is written was refused; why stands elsewhere. */
  readonly refused: boolean;
  /** The height it has when nothing is written, and the most it grows to. */
  readonly lines: { readonly least: number; readonly most: number };
  readonly placeholder?: string;
}

/** A query as plain text, for languages without an editor of their own: it grows with what is written, and Enter runs it. */
export function CodeArea({ label, value, onChange, onSubmit, refused, lines, placeholder }: CodeAreaProps) {
  return (
    <Textarea
      size="xs"
      aria-label={label}
      autosize
      minRows={lines.least}
      maxRows={lines.most}
      spellCheck={false}
      classNames={{ input: styles['code'] ?? '' }}
      value={value}
      placeholder={placeholder}
      error={refused}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        leaveOnEscape(event);
        if (event.key !== 'Enter' || event.shiftKey) return;
        event.preventDefault();
        onSubmit();
      }}
    />
  );
}
