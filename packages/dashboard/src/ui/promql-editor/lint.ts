import { type Diagnostic, linter } from '@codemirror/lint';
import { type Extension, Facet } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { z } from 'zod';
import { ApiError, request } from '../../api/client.ts';
import { noteOf, type QueryNote } from './notes.ts';

/** Long enough that a word is not called wrong while it is being typed. */
const PAUSE_MS = 400;
const anything = z.looseObject({});

/** What the last run said about the text as it stands now. */
export const saidNotes = Facet.define<readonly QueryNote[], readonly QueryNote[]>({
  combine: (values) => values.flat(),
});

/** A dashboard's variable; what a text with one means shows only once it is filled in. */
const VARIABLE = /\$\w|\$\{|\[\[/;

/** The server's own parser judges, so that the editor never calls wrong what would run, nor right what would not. */
async function parseNotes(text: string): Promise<readonly QueryNote[]> {
  if (text.trim() === '' || VARIABLE.test(text)) return [];
  try {
    await request('api/v1/parse_query', anything, { params: { query: text } });
    return [];
  } catch (error) {
    return error instanceof ApiError && error.status === 400 ? [noteOf('error', error.message, text)] : [];
  }
}

async function diagnose(view: EditorView): Promise<readonly Diagnostic[]> {
  const text = view.state.doc.toString();
  const notes = [...(await parseNotes(text)), ...view.state.facet(saidNotes)];
  const length = text.length;
  return notes.map(({ severity, message, from, to }) => ({
    severity,
    message,
    from: Math.min(from, length),
    to: Math.min(to, length),
  }));
}

export const promqlLint: Extension = linter(diagnose, {
  delay: PAUSE_MS,
  needsRefresh: (update) => update.startState.facet(saidNotes) !== update.state.facet(saidNotes),
});
