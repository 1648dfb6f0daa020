import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** Every colour is a role of theme.css, so that the editor follows dark and light without being built anew. */
const look = EditorView.theme({
  '&': { fontSize: '13px', backgroundColor: 'var(--surface)', color: 'var(--ink)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-content': { fontFamily: 'var(--mono)', padding: '6px 0', caretColor: 'var(--ink)', minHeight: '20px' },
  '.cm-line': { padding: '0 10px' },
  '.cm-placeholder': { color: 'var(--ink-3)' },
  '.cm-scroller': { lineHeight: '20px', maxHeight: '240px', fontFamily: 'var(--mono)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent) !important',
  },
  '.cm-matchingBracket': {
    backgroundColor: 'var(--accent-ground) !important',
    outline: '1px solid var(--accent)',
  },
  '.cm-nonmatchingBracket': { color: 'var(--unhealthy)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    color: 'var(--ink)',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius)',
    fontFamily: 'var(--font)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--mono)',
    fontSize: '12px',
    maxHeight: '320px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--accent-ground)',
    color: 'var(--ink)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700', color: 'var(--accent)' },
  '.cm-completionDetail': { color: 'var(--ink-3)', fontStyle: 'normal', marginLeft: '12px' },
  '.cm-completionInfo': { padding: '6px 10px', maxWidth: '360px' },
  '.cm-completionIcon': { display: 'none' },
  '.cm-diagnostic': { padding: '4px 10px', fontSize: '12px' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--unhealthy)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--degraded)' },
  '.cm-diagnostic-info': { borderLeft: '3px solid var(--accent)' },
});

const highlight = HighlightStyle.define([
  { tag: tags.variableName, color: 'var(--ink)' },
  { tag: tags.function(tags.variableName), color: 'var(--s6)' },
  { tag: tags.operatorKeyword, color: 'var(--s8)' },
  { tag: tags.modifier, color: 'var(--s8)' },
  { tag: tags.keyword, color: 'var(--s8)' },
  { tag: tags.labelName, color: 'var(--s1)' },
  { tag: tags.string, color: 'var(--s3)' },
  { tag: tags.number, color: 'var(--s2)' },
  { tag: tags.operator, color: 'var(--ink-2)' },
  { tag: tags.comment, color: 'var(--ink-3)', fontStyle: 'italic' },
]);

export const theme = [look, syntaxHighlighting(highlight)];
