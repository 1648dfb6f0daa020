import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  completionStatus,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, insertNewlineAndIndent } from '@codemirror/commands';
import { bracketMatching } from '@codemirror/language';
import { lintKeymap } from '@codemirror/lint';
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state';
import { drawSelection, EditorView, keymap, placeholder } from '@codemirror/view';
import { PromQLExtension } from '@prometheus-io/codemirror-promql';
import { useEffect, useRef } from 'react';
import { promqlLint, saidNotes } from './lint.ts';
import { LiveClient } from './live-client.ts';
import styles from './promql-editor.module.css';
import type { PromqlEditorProps } from './promql-editor.tsx';
import { theme } from './theme.ts';

/** One for the page: what one editor learnt, the others know. */
const client = new LiveClient();

interface Callbacks {
  readonly change: (text: string) => void;
  readonly submit: () => void;
}

/** `Enter` runs, as in Prometheus' own pages; `Shift-Enter` breaks the line. `Tab` leaves the editor unless a completion is open. */
function keys(callbacks: () => Callbacks): Extension {
  return Prec.highest(
    keymap.of([
      {
        key: 'Enter',
        run: (view) => {
          if (completionStatus(view.state) === 'active') return acceptCompletion(view);
          callbacks().submit();
          return true;
        },
      },
      {
        key: 'Mod-Enter',
        run: () => {
          callbacks().submit();
          return true;
        },
      },
      { key: 'Shift-Enter', run: insertNewlineAndIndent },
      { key: 'Tab', run: acceptCompletion },
    ]),
  );
}

function extensions(props: PromqlEditorProps, notes: Compartment, callbacks: () => Callbacks): Extension[] {
  const promql = new PromQLExtension().activateLinter(false).setComplete({ remote: client });
  return [
    keys(callbacks),
    history(),
    drawSelection(),
    bracketMatching(),
    closeBrackets(),
    autocompletion({ icons: false }),
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...historyKeymap,
      ...lintKeymap,
      ...defaultKeymap,
    ]),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': props.label, 'aria-multiline': 'true' }),
    placeholder(props.placeholder ?? 'PromQL expression'),
    theme,
    promql.asExtension(),
    promqlLint,
    notes.of(saidNotes.of(props.notes ?? [])),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) callbacks().change(update.state.doc.toString());
    }),
  ];
}

/** The editor itself; loaded only where a query is written. */
export function Editor(props: PromqlEditorProps) {
  const { value, notes, autoFocus } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const compartment = useRef(new Compartment());
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    if (host.current === null) return;
    const callbacks = (): Callbacks => ({ change: latest.current.onChange, submit: latest.current.onSubmit });
    const built = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: extensions(latest.current, compartment.current, callbacks),
      }),
    });
    view.current = built;
    if (autoFocus === true) built.focus();
    return () => {
      built.destroy();
      view.current = null;
    };
  }, [autoFocus]);
  useEffect(() => {
    const current = view.current;
    const before = current?.state.doc.toString();
    // What is typed comes back as the same text; only a text from elsewhere (the URL, the browser, "format") is put in.
    if (current === null || before === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({ effects: compartment.current.reconfigure(saidNotes.of(notes ?? [])) });
  }, [notes]);
  return <div ref={host} className={styles['frame']} />;
}
