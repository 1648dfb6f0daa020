import { lazy, Suspense } from 'react';
import type { QueryNote } from './notes.ts';
import styles from './promql-editor.module.css';

export interface PromqlEditorProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** `Enter`, or `Ctrl-Enter`. */
  readonly onSubmit: () => void;
  /** Its name for those who do not see it, e.g. "Query A". */
  readonly label: string;
  readonly placeholder?: string;
  readonly autoFocus?: boolean;
  /** What the last run said about the text; syntax errors it finds by itself. */
  readonly notes?: readonly QueryNote[];
}

/** Loads the editor's code. */
export const loadEditor = () => import('./editor.tsx');

const Editor = lazy(async () => ({ default: (await loadEditor()).Editor }));

/** A PromQL editor with colours, completion from live metrics and labels, and errors where they are. Loads its code when first shown. */
export function PromqlEditor(props: PromqlEditorProps) {
  return (
    <Suspense fallback={<div className={`${styles['frame']} ${styles['waiting']}`}>{props.value}</div>}>
      <Editor {...props} />
    </Suspense>
  );
}
