import { Button } from '@mantine/core';
import { useState } from 'react';

/** A button for what cannot be taken back by the next press: it asks once more, and forgets when it loses the focus. */
export function SureButton({
  label,
  sure,
  act,
  busy,
  name,
}: {
  readonly label: string;
  /** What the second press does, in words. */
  readonly sure: string;
  readonly act: () => void;
  readonly busy: boolean;
  /** Told to those who do not see what it stands beside. */
  readonly name?: string;
}) {
  const [asked, setAsked] = useState(false);
  const text = asked ? sure : label;
  return (
    <Button
      size="compact-xs"
      variant={asked ? 'filled' : 'default'}
      {...(asked && { color: 'red' })}
      loading={busy}
      aria-label={name === undefined ? text : `${text} ${name}`}
      onBlur={() => setAsked(false)}
      onClick={() => {
        if (asked) act();
        setAsked(!asked);
      }}
    >
      {text}
    </Button>
  );
}
