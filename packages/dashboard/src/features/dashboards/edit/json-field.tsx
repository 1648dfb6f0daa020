import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { z } from 'zod';

const objectSchema = z.record(z.string(), z.json());

export interface JsonFieldProps {
  readonly label: string;
  readonly description?: string;
  /** What stands there at first; what is written is the reader's from then on. */
  readonly value: object;
  /** Every object that is written; what is none is told below the field. */
  readonly onChange: (value: z.infer<typeof objectSchema>) => void;
  readonly lines: { readonly least: number; readonly most: number };
}

/** An object written as JSON. */
export function JsonField({ label, description, value, onChange, lines }: JsonFieldProps) {
  const [text, setText] = useState(() => JSON.stringify(value, null, 2));
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <Textarea
      size="xs"
      label={label}
      description={description}
      autosize
      minRows={lines.least}
      maxRows={lines.most}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mono)' } }}
      value={text}
      error={problem}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        try {
          onChange(objectSchema.parse(JSON.parse(currentTarget.value)));
          setProblem(null);
        } catch (error) {
          setProblem(error instanceof SyntaxError ? error.message : 'expected an object');
        }
      }}
    />
  );
}
